"""A trunk that looks at a picture at a quarter of its size and below."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn

from .residual import ResidualBlock


class UnshuffleStem(nn.Module):
    """(B,C,H,W) -> (B,width,H/stem,W/stem): every pixel kept, folded into channels, then one 3x3 convolution.

    Cheap and lossless: a stroke one pixel wide is not blurred away.
    """

    def __init__(self, channels: int, width: int, stem: int) -> None:
        super().__init__()
        self.stem = stem
        self.conv = nn.Conv2d(channels * stem * stem, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.pixel_unshuffle(x, self.stem))


class OverlappingStem(nn.Module):
    """(B,C,H,W) -> (B,width,H/4,W/4) through two overlapping strided convolutions.

    For discriminators: folded pixels would blind them to a grid with the stem's own period.
    """

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, max(width // 2, 8), 4, stride=2, padding=1)
        self.conv2 = nn.Conv2d(max(width // 2, 8), width, 4, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv2(F.silu(self.conv1(x)))


class Pyramid(nn.Module):
    """Features at each level, finest first: [(B,widths[0],h,w), (B,widths[1],h/2,w/2), ...] from (B,widths[0],h,w)."""

    def __init__(self, widths: Sequence[int], depths: Sequence[int], norm: bool = True) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            nn.Sequential(*[ResidualBlock(w, norm) for _ in range(d)]) for w, d in zip(widths, depths, strict=True)
        )
        self.downs = nn.ModuleList(nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in pairwise(widths))

    def forward(self, x: Tensor) -> list[Tensor]:
        levels = []
        for i, blocks in enumerate(self.blocks):
            x = blocks(x)
            levels.append(x)
            if i < len(self.downs):
                x = self.downs[i](x)
        return levels
