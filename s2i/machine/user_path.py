"""A path as a person types it, and where it leads."""

from __future__ import annotations

import os
from pathlib import Path


def expand_user(text: str | os.PathLike[str]) -> Path:
    """A leading ~ or ~name is that user's folder; where there is no such user it is an ordinary character: `~x.png`."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def real_path(path: Path) -> Path:
    """Without links, as far as they lead: one that leads to itself stays, and fails where something is made of it."""
    return Path(os.path.realpath(path))
