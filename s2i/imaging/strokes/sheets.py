"""Strokes on a sheet; the sheets drawn last are kept, because while one draws, each is the one before plus a stroke."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import TYPE_CHECKING

from .brush import paint, stroke_path
from .stroke import Stroke

if TYPE_CHECKING:
    import PIL.Image

_sheets: OrderedDict[tuple, PIL.Image.Image] = OrderedDict()
_KEPT, _KEPT_PIXELS = 4, 1 << 24


def sheet(
    mode: str, shape: tuple[int, int], strokes: tuple[Stroke, ...], fitted: tuple[float, tuple[float, float]]
) -> PIL.Image.Image:
    """The strokes on a sheet of `shape` pixels. mode: "L", 255 = ink, or "RGBA", the hints' colours."""
    import PIL.Image

    scale, offset = fitted
    blank, ink = (0, 255) if mode == "L" else ((0, 0, 0, 0), None)
    keys = ((mode, *shape), fitted, *(stroke.key for stroke in strokes))
    done, canvas = 0, None
    for known in list(_sheets):
        if len(known) > 2 + done and known == keys[: len(known)]:
            done, canvas = len(known) - 2, _sheets[known]
    canvas = PIL.Image.new(mode, shape[::-1]) if canvas is None else canvas.copy()
    for stroke in strokes[done:]:
        path = stroke_path(stroke.points * scale + offset, stroke.radii * scale)
        paint(canvas, path, blank if stroke.erases else ink or (*stroke.colour, 255))
    if math.prod(shape) <= _KEPT_PIXELS and strokes:
        _sheets[keys] = canvas
        while len(_sheets) > _KEPT:
            _sheets.popitem(last=False)
    return canvas.copy()
