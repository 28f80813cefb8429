"""Decoded arrays kept on disk: written whole, believed only while they are whole, made again where they are not."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from s2i.machine.atomic_file import atomic_file

from ..errors import TrainError

logger = logging.getLogger(__name__)


def read_array(path: Path) -> np.ndarray | None:
    """-> the uint8 array in a file; None where there is none, or only a damaged one, which is removed and named.

    Read, not mapped: a mapped file that is cut while a run lasts ends the process with a bus error.
    """
    if not holds_array(path):
        return None
    try:
        with path.open("rb") as file:
            return np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        return _discard(path, str(error))


def holds_array(path: Path) -> bool:
    """Whether a file is a whole array, by its header and its length, without reading it. A damaged one is removed."""
    try:
        with path.open("rb") as file:
            version = np.lib.format.read_magic(file)
            read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
            shape, _, dtype = read(file)
            wanted = file.tell() + int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
        found = path.stat().st_size
        if dtype != np.uint8 or len(shape) != 3 or found != wanted:
            raise ValueError(f"{found} bytes of {wanted}")
    except FileNotFoundError:
        return False
    except (OSError, ValueError, KeyError, EOFError, SyntaxError) as error:
        _discard(path, str(error))
        return False
    return True


def write_array(path: Path, array: np.ndarray) -> None:
    """Raises `TrainError` where the cache cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_file(path) as temporary, open(temporary, "wb") as file:
            np.save(file, np.ascontiguousarray(array))
    except OSError as error:
        raise TrainError(f"cannot write to the cache {path.parent}: {error}") from error


def _discard(path: Path, reason: str) -> None:
    logger.warning("%s in the cache is damaged (%s): it is made again", path, reason.split("\n")[0])
    path.unlink(missing_ok=True)
