"""The draft's shape, and how a picture is brought to another size."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from .side_limits import MIN_SIDE


def working_shape(h: int, w: int, short_side: int) -> tuple[int, int]:
    """(h,w) scaled so that the short side is `short_side`; no side below 16.

    A ribbon's long side is enlarged to eight times `short_side` at most: 16 x 16384 pixels at a short side of 256 would
    be a draft of 67 million pixels.
    """
    scale = min(short_side / min(h, w), max(8 * short_side / max(h, w), 1.0))
    return max(MIN_SIDE, round(h * scale)), max(MIN_SIDE, round(w * scale))


def resize_area(x: Tensor, size: tuple[int, int]) -> Tensor:
    """(B,C,H,W) -> (B,C,*size): averages over areas when it shrinks, bilinear when it grows."""
    if tuple(x.shape[-2:]) == tuple(size):
        return x
    # The antialiased kernel has no half precision on the CPU, and where nothing shrinks it takes twice as long.
    shrinks = size[0] < x.shape[-2] or size[1] < x.shape[-1]
    return F.interpolate(x.float(), size, mode="bilinear", align_corners=False, antialias=shrinks).to(x.dtype)
