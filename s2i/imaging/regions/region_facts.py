"""What a drawing says across its whole sheet, which convolutions learn only slowly: the content encoder is told."""

from __future__ import annotations

import torch
from torch import Tensor

from .enclosure_map import CHANNELS as ENCLOSURE_CHANNELS
from .enclosure_map import enclosure_map
from .region_shapes import CHANNELS as SHAPE_CHANNELS
from .region_shapes import region_shapes

FACT_CHANNELS = ENCLOSURE_CHANNELS + SHAPE_CHANNELS


def region_facts(ink: Tensor, stem: int) -> Tensor:
    """ink (B,1,H,W) in [0,1], sides a multiple of stem * 4 -> (B,8,H/stem,W/stem): each place's height on the sheet,
    how enclosed it is at three scales, and the middle, breadth and height of the region that it lies in."""
    cells = (ink.shape[-2] // stem, ink.shape[-1] // stem)
    return torch.cat([enclosure_map(ink, stem), region_shapes(ink, cells)], 1)
