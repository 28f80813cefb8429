"""A trunk that halves its maps from level to level, whatever its blocks and its steps down are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn


class Pyramid(nn.Module):
    """Features at each level, finest first: x (B,widths[0],h,w) -> [(B,widths[i],h/2^i,w/2^i)].

    depths[i] of block(width) at level i, and down(width, next width), which halves the sides, between two levels.
    """

    def __init__(
        self,
        widths: Sequence[int],
        depths: Sequence[int],
        *,
        block: Callable[[int], nn.Module],
        down: Callable[[int, int], nn.Module],
    ) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            nn.Sequential(*[block(w) for _ in range(d)]) for w, d in zip(widths, depths, strict=True)
        )
        self.downs = nn.ModuleList(down(a, b) for a, b in pairwise(widths))

    def forward(self, x: Tensor) -> list[Tensor]:
        levels = []
        for i, blocks in enumerate(self.blocks):
            x = blocks(x)
            levels.append(x)
            if i < len(self.downs):
                x = self.downs[i](x)
        return levels


class FoldingDown(nn.Conv2d):
    """(B,C,H,W) -> (B,C',H/2,W/2): each 2x2 square of pixels is folded into channels and projected. A line one pixel
    wide is neither averaged away nor seen differently by its place on the grid of a strided convolution."""

    def __init__(self, channels: int, out_channels: int) -> None:
        super().__init__(4 * channels, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pixel_unshuffle(x, 2))
