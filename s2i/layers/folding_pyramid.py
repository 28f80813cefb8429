"""A trunk that folds pixels into channels, so that nothing is lost on the way down."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn

from .residual import painting_block


class FoldingPyramid(nn.Module):
    """Features at each level, finest first: x (B,widths[0],h,w) -> [(B,widths[i],h/2^i,w/2^i)].

    Between levels each 2x2 square of pixels is folded into channels and projected: a line one pixel wide is neither
    averaged away nor seen differently by its place on the grid of a strided convolution.
    """

    def __init__(self, widths: Sequence[int], depths: Sequence[int]) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            nn.Sequential(*[painting_block(w) for _ in range(d)]) for w, d in zip(widths, depths, strict=True)
        )
        self.downs = nn.ModuleList(nn.Conv2d(4 * a, b, 1) for a, b in pairwise(widths))

    def forward(self, x: Tensor) -> list[Tensor]:
        levels = []
        for i, blocks in enumerate(self.blocks):
            x = blocks(x)
            levels.append(x)
            if i < len(self.downs):
                x = self.downs[i](F.pixel_unshuffle(x, 2))
        return levels
