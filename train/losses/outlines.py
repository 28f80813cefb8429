"""The lines of a drawing and the rims of its solid blacks, and what is inside these."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

_REACH = 5  # pixels: ink is an outline where a square of this side around it holds paper
_PAPER = 0.5  # ink below this is


def outlines(ink: Tensor) -> Tensor:
    """(B,1,H,W) in [0,1] -> the same, 0 inside solid blacks.

    A loss that asks for edges wherever there is ink asks for texture inside a black dress: it gets foliage.
    """
    paper = (ink < _PAPER).to(ink.dtype)
    return ink * F.max_pool2d(paper, _REACH, 1, _REACH // 2)


def solid_blacks(ink: Tensor) -> Tensor:
    """(B,1,H,W) in [0,1] -> the inside of solid blacks as a mask: ink that is no outline."""
    return ((ink > _PAPER) & (outlines(ink) < _PAPER)).float()
