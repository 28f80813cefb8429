"""Dabs of colour that a drawing's regions take, at the resolution of the content encoder's first layer."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ...errors import S2IError
from ..pixels.sizes import resize_area

HINT_CHANNELS = 4  # RGB in [-1,1], coverage in [0,1]
_LEAST = 1e-3  # of a cell's area; less is no dab


def check_hints(hints: Tensor, ink: Tensor) -> Tensor:
    """(1 or B,4,H,W) of the ink's size -> the same, clamped. Raises `S2IError` for another shape."""
    fits = hints.ndim == 4 and hints.shape[1] == HINT_CHANNELS and hints.shape[-2:] == ink.shape[-2:]
    if not fits or len(hints) not in (1, len(ink)):
        raise S2IError(
            f"colour hints of the shape {tuple(hints.shape)} do not fit the sketch's {tuple(ink.shape)}: "
            "they must be (batch, 4, height, width), colour and coverage"
        )
    return torch.cat([hints[:, :3].clamp(-1, 1), hints[:, 3:].clamp(0, 1)], 1)


def resize_hints(hints: Tensor, size: tuple[int, int]) -> Tensor:
    """(B,4,H,W) -> (B,4,*size): colour averaged under its coverage, so that the blank part of a dab's edge has none."""
    coverage = resize_area(hints[:, 3:], size)
    return torch.cat([resize_area(hints[:, :3] * hints[:, 3:], size) / coverage.clamp_min(1e-6), coverage], 1)


def hint_cells(hints: Tensor, size: tuple[int, int]) -> Tensor:
    """(B,4,H,W) -> (B,4,*size): each cell's mean colour over what its dabs cover, and how much of it that is.

    Colour is averaged under the coverage: the blank part of a cell has none. Cells without a dab are zero.
    """
    colour, coverage = hints[:, :3].float(), hints[:, 3:].float()
    share = F.adaptive_avg_pool2d(coverage, size)
    mean = F.adaptive_avg_pool2d(colour * coverage, size) / share.clamp_min(_LEAST)
    present = share > _LEAST
    return torch.cat([mean * present, share * present], 1)
