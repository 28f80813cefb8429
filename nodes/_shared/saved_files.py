"""Small files that nodes save in output/ and load again: styles and palettes."""

from __future__ import annotations

import os
import re
from pathlib import Path

import folder_paths

_NAME = re.compile(r"[\w][\w .()-]{0,99}")
_LONGEST = 200  # bytes; file systems end at 255, and an ending and a number are added


def saved_folder(kind: str) -> str:
    """output/s2i_styles or output/s2i_palettes."""
    return os.path.join(folder_paths.get_output_directory(), kind)


def name_problem(name: str | None) -> str | None:
    """Why a file cannot have this name, in one sentence, or None. None as a name: it comes over a link, look later."""
    if name is None or (_NAME.fullmatch(name.strip()) and len(name.strip().encode()) <= _LONGEST):
        return None
    return f"the name {name!r} must be of at most 100 letters, digits, spaces, dots and dashes, without a folder"


def free_path(folder: str, name: str, suffix: str, overwrite: bool) -> Path:
    """Where to save: the name itself, or with a number where it is taken. The folder is made if need be."""
    if problem := name_problem(name):
        raise ValueError(problem)
    Path(folder).mkdir(parents=True, exist_ok=True)
    path, number = Path(folder, f"{name.strip()}{suffix}"), 2
    while path.exists() and not overwrite:
        path = Path(folder, f"{name.strip()} {number}{suffix}")
        number += 1
    return path
