"""What is said where a picture cannot be written."""

from __future__ import annotations

from pathlib import Path

from ..errors import S2IError


def write_error(path: Path, error: Exception) -> S2IError:
    """The disk's own reason, or the format's, in one line with the remedy that fits; a temporary file's name, which the
    disk's words have in them, helps nobody."""
    if isinstance(error, OSError) and error.strerror:
        return S2IError(f"cannot write {path} ({error.strerror}): make room there, or name another folder")
    reason = "JPEG has no transparency" if "RGBA" in str(error) else error
    return S2IError(f"cannot write {path} ({reason}): name a file that ends in .png")
