"""From features at 1/stem of the picture back to pixels."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class PixelHead(nn.Module):
    """x (B,C,H/stem,W/stem), guide (B,G,H,W) -> (B,out,H,W), in x2 steps that each see the guide at full detail.

    Bilinear steps followed by convolutions, no sub-pixel shuffle: a shuffled head has separate weights for each pixel
    of its block, which shows as a grid with the block's period in flat areas. fine: the steps' width, `width` by
    default; at the picture's own size every channel costs. edge: `padding_mode` of the convolutions.
    """

    def __init__(
        self,
        channels: int,
        guide_channels: int,
        stem: int,
        width: int = 16,
        out_channels: int = 3,
        edge: str = "zeros",
        fine: int = 0,
    ) -> None:
        super().__init__()
        self.stem, fine = stem, fine or width
        steps = stem.bit_length() - 1
        self.reduce = nn.Conv2d(channels, width, 1)
        self.convs = nn.ModuleList()
        for step in range(steps):
            shuffle = stem >> (step + 1)
            seen = (fine if step else width) + guide_channels * shuffle * shuffle
            self.convs.append(nn.Conv2d(seen, fine, 3, padding=1, padding_mode=edge))
        self.out = nn.Conv2d(fine, out_channels, 3, padding=1, padding_mode=edge)
        nn.init.normal_(self.out.weight, std=0.5 / (9 * fine) ** 0.5)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor, guide: Tensor) -> Tensor:
        x, shuffle = self.reduce(x), self.stem
        for conv in self.convs:
            shuffle //= 2
            x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            view = F.pixel_unshuffle(guide, shuffle) if shuffle > 1 else guide
            x = F.silu(conv(torch.cat([x, view], 1)))
        return self.out(x)
