"""How a network first takes pixels in: at a quarter of the picture's size."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn


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
