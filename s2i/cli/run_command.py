"""How every `python -m ...` command of this project runs and fails."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

from ..errors import S2IError


def run_command(main: Callable[[], None]) -> None:
    """Run a command's main; an `S2IError` is one line on stderr and exit status 1."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        main()
    except S2IError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(1)
