"""What number stands for white in a file of more than eight bits: files rarely say, and a guess too high is black."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import S2IError
from .strips import strips

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

_DEPTHS = (10, 12, 14)  # bits of scanners and cameras, kept in 16
_MAX_SAMPLE_VALUE = 281  # TIFF
_BRIGHTEST_HIGHLIGHT = 16.0  # floats up to here count from 0 to 1 and only overshoot


def full_scale(picture: Picture, path: str) -> float:
    """-> the value of white in a loaded picture's own numbers; 1 for kinds that need no scaling.

    Raises `S2IError` where a float picture holds NaN or infinity.
    """
    if not picture.mode.startswith(("I", "F")):
        return 1.0
    brightest = _brightest(picture, path)
    if picture.mode == "F" and brightest <= _BRIGHTEST_HIGHLIGHT:
        return 1.0
    said = _said(picture)
    if said is not None and brightest <= said:
        return said
    if picture.mode.startswith("I;16"):
        return _sixteen_bits(brightest)
    if brightest <= 1:
        return 1.0
    if brightest <= 255:
        return 255.0
    return _sixteen_bits(brightest) if brightest <= 65535 else max(brightest, float(2**24 - 1))


def _sixteen_bits(brightest: float) -> float:
    """A dark scan of 16 bits stays dark; one whose brightest value just fits fewer bits has fewer."""
    for bits in _DEPTHS:
        if 0.75 * 2**bits < brightest < 2**bits:
            return float(2**bits - 1)
    return 65535.0


def _brightest(picture: Picture, path: str) -> float:
    import numpy as np

    found = 0.0
    for strip in strips(picture):
        values = np.asarray(strip)
        if not np.isfinite(values).all():
            raise S2IError(f"{path} contains NaN or infinite values: export it again")
        found = max(found, float(values.max(initial=0)))
    return found


def _said(picture: Picture) -> float | None:
    """A TIFF may name its largest value."""
    tags = getattr(picture, "tag_v2", None)
    value = tags.get(_MAX_SAMPLE_VALUE) if tags is not None else None
    value = value[0] if isinstance(value, tuple) and value else value
    return float(value) if isinstance(value, (int, float)) and value > 0 else None
