"""A U-Net whose every level listens to a code."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn

from .modulation import StyleModulation
from .residual import ResidualBlock


class ModulatedUNet(nn.Module):
    """x (B,widths[0],h,w), one code (B,code_dims[i]) per level, finest first -> (B,widths[0],h,w).

    `depths[i]` residual blocks on the way down, one on the way up; skips are added, not concatenated.
    """

    def __init__(
        self,
        widths: Sequence[int],
        depths: Sequence[int],
        code_dims: Sequence[int],
        kind: str,
    ) -> None:
        super().__init__()
        self.down_codes = nn.ModuleList(
            StyleModulation(w, dim, kind) for w, dim in zip(widths, code_dims, strict=True)
        )
        self.down_blocks = nn.ModuleList(
            nn.Sequential(*[ResidualBlock(w) for _ in range(d)]) for w, d in zip(widths, depths, strict=True)
        )
        pairs = list(pairwise(widths))
        self.downs = nn.ModuleList(nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in pairs)
        self.ups = nn.ModuleList(nn.Conv2d(b, a, 3, padding=1) for a, b in pairs)
        self.up_codes = nn.ModuleList(
            StyleModulation(a, dim, kind) for (a, _), dim in zip(pairs, code_dims, strict=False)
        )
        self.up_blocks = nn.ModuleList(ResidualBlock(a) for a, _ in pairs)

    def forward(self, x: Tensor, codes: Sequence[Tensor]) -> Tensor:
        skips = []
        for i, (modulate, blocks) in enumerate(zip(self.down_codes, self.down_blocks, strict=True)):
            x = blocks(modulate(x, codes[i]))
            if i < len(self.downs):
                skips.append(x)
                x = self.downs[i](x)
        for i in reversed(range(len(self.ups))):
            x = self.ups[i](F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)) + skips[i]
            x = self.up_blocks[i](self.up_codes[i](x, codes[i]))
        return x
