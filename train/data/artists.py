"""Whose picture a file is, by its name."""

from __future__ import annotations

from pathlib import Path


def artist_of(path: Path) -> str:
    """What a split must not separate: the file name up to the first underscore (artist_title.jpg), else all of it."""
    return path.stem.split("_")[0].lower()
