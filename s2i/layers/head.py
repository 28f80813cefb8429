"""From features at 1/stem of the picture back to pixels."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_BAND = 1 << 20  # pixels of a batch that are painted at once, where no gradient is wanted
_ROWS, _REACH = 16, 4  # cells: the narrowest band; farther than any step of the head looks


class PixelHead(nn.Module):
    """x (B,C,H/stem,W/stem), guide (B,G,H,W) -> (B,out,H,W), in x2 steps that each see the guide at full detail.

    Bilinear steps followed by convolutions, no sub-pixel shuffle: a shuffled head has separate weights for each pixel
    of its block, which shows as a grid with the block's period in flat areas.
    """

    def __init__(
        self,
        channels: int,
        guide_channels: int,
        stem: int,
        width: int = 16,
        out_channels: int = 3,
    ) -> None:
        super().__init__()
        self.stem = stem
        steps = stem.bit_length() - 1
        self.reduce = nn.Conv2d(channels, width, 1)
        self.convs = nn.ModuleList()
        for step in range(steps):
            shuffle = stem >> (step + 1)
            seen = width + guide_channels * shuffle * shuffle
            self.convs.append(nn.Conv2d(seen, width, 3, padding=1))
        self.out = nn.Conv2d(width, out_channels, 3, padding=1)
        nn.init.normal_(self.out.weight, std=0.5 / (9 * width) ** 0.5)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor, guide: Tensor) -> Tensor:
        rows = max(_ROWS, _BAND // (len(x) * x.shape[-1] * self.stem**2))
        if torch.is_grad_enabled() or rows >= x.shape[-2]:
            return self._whole(x, guide)
        # The widest maps of the whole model are these: band by band, memory grows with the result alone.
        parts = [self._band(x, guide, top, top + rows) for top in range(0, x.shape[-2], rows)]
        return torch.cat(parts, 2).contiguous(memory_format=torch.channels_last)

    def _band(self, x: Tensor, guide: Tensor, top: int, bottom: int) -> Tensor:
        """Rows top..bottom of x's grid, as they are in the whole picture."""
        first, last = max(top - _REACH, 0), bottom + _REACH
        part = self._whole(x[:, :, first:last], guide[:, :, first * self.stem : last * self.stem])
        start = (top - first) * self.stem
        return part[:, :, start : start + (bottom - top) * self.stem]

    def _whole(self, x: Tensor, guide: Tensor) -> Tensor:
        x, shuffle = self.reduce(x), self.stem
        for conv in self.convs:
            shuffle //= 2
            x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            view = F.pixel_unshuffle(guide, shuffle) if shuffle > 1 else guide
            x = F.silu(conv(torch.cat([x, view], 1)))
        return self.out(x)
