"""`python -m s2i`."""

import sys

from .cli.main import main

sys.exit(main())
