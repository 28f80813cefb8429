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
