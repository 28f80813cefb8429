"""From features at 1/stem of the picture back to pixels."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class PixelHead(nn.Module):
    """x (B,C,H/stem,W/stem), guide (B,G,H,W) -> (B,out,H,W), in x2 steps that each see the guide at full detail.

    Bilinear steps followed by convolutions, no sub-pixel shuffle: a shuffled head has separate weights for each pixel
    of its block, which shows as a grid with the block's period in flat areas.
    """

    def __init__(self, channels: int, guide_channels: int, stem: int, width: int = 16, out_channels: int = 3) -> None:
        super().__init__()
        self.stem = stem
        steps = stem.bit_length() - 1
        self.reduce = nn.Conv2d(channels, width, 1)
        self.convs = nn.ModuleList()
        for step in range(steps):
            shuffle = stem >> (step + 1)
            self.convs.append(nn.Conv2d(width + guide_channels * shuffle * shuffle, width, 3, padding=1))
        self.out = nn.Conv2d(width, out_channels, 3, padding=1)
        nn.init.normal_(self.out.weight, std=0.5 / (9 * width) ** 0.5)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor, guide: Tensor) -> Tensor:
        x, shuffle = self.reduce(x), self.stem
        for conv in self.convs:
            shuffle //= 2
            x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            view = F.pixel_unshuffle(guide, shuffle) if shuffle > 1 else guide
            x = F.silu(conv(torch.cat([x, view], 1)))
        return self.out(x)
