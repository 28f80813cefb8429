"""How large a result becomes, and whether this machine can hold the work on it."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from ..errors import S2IError
from ..imaging.pixels.side_limits import MAX_SIDE
from ..machine.memory import require_memory

if TYPE_CHECKING:
    from ..pipeline import SketchToImage

# Bytes of memory at the peak, a pixel of the result: 169 were measured at 2048² and 128 at 3000², the model included.
_PAINTING = 200
_HELD = 20  # of another picture of the same batch: its ink and its result, while the others are painted
_DRAWING = 120  # of an extracted sketch, a pixel: 98 were measured at 2048², 72 at 3000²


def output_size(size: tuple[int, int], args: Namespace) -> tuple[int, int]:
    """(H,W) of what a drawing of this (H,W) becomes: --size is its short side, by default it is the drawing's own."""
    if args.size is None:
        return size
    scale = args.size / min(size)
    h, w = round(size[0] * scale), round(size[1] * scale)
    if max(h, w) > MAX_SIDE:
        raise S2IError(f"--size {args.size}: the picture would be {w}x{h} pixels, at most {MAX_SIDE} a side: use less")
    return h, w


def drawing_side(args: Namespace, model: SketchToImage) -> int | None:
    """The short side that a drawing is needed in: twice that of the result, so that one rule makes it smaller."""
    return None if args.size is None else 2 * max(args.size, args.working_size or model.config.working_size)


def require_for_painting(size: tuple[int, int], count: int = 1) -> None:
    """Raise `S2IError` with the number if `count` paintings of this (H,W) do not fit into memory."""
    h, w = size
    several = "" if count == 1 else f"{count} pictures of "
    needed = h * w * (_PAINTING + _HELD * (count - 1))
    require_memory(needed, f"painting {several}{w}x{h} pixels", "use a smaller --size")


def require_for_sketching(size: tuple[int, int]) -> None:
    """Raise `S2IError` with the number if the lines of a picture of this (H,W) cannot be drawn in memory."""
    h, w = size
    require_memory(h * w * _DRAWING, f"drawing the lines of {w}x{h} pixels", "resize the picture")
