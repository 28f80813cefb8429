"""`python -m s2i`."""

import sys

from .cli import main

sys.exit(main())
