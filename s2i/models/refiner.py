"""The second stage: detail at the output's own size."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..config import ModelConfig
from ..layers.head import PixelHead
from ..layers.modulation import StyleModulation
from ..layers.palette import spread
from ..layers.pyramid import UnshuffleStem
from ..layers.residual import ResidualBlock


class Refiner(nn.Module):
    """draft (B,3,H,W), ink (B,1,H,W), noise (B,1,H/stem,W/stem), vectors, palette -> residual (B,3,H,W).

    A U-Net over the draft enlarged to the output's size and the full-resolution ink. Fine style speaks at the finest
    level, mid below it; noise gives brushwork something to be made of. The caller adds the residual to the draft.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        widths, depths, self.stem_factor = config.refiner.widths, config.refiner.depths, config.refiner.stem
        fine, mid = config.style_dims[2], config.style_dims[1]
        self.has_palette = config.palette
        self.stem = UnshuffleStem(4, widths[0], self.stem_factor)
        self.from_noise = nn.Conv2d(1, widths[0], 3, padding=1)
        self.down_styles = nn.ModuleList(
            StyleModulation(w, fine if i == 0 else mid, config.modulation) for i, w in enumerate(widths)
        )
        self.down_blocks = nn.ModuleList(
            nn.Sequential(*[ResidualBlock(w) for _ in range(d)]) for w, d in zip(widths, depths, strict=True)
        )
        self.downs = nn.ModuleList(
            nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in zip(widths, widths[1:], strict=False)
        )
        self.ups = nn.ModuleList(
            nn.Conv2d(widths[i], widths[i - 1], 3, padding=1) for i in reversed(range(1, len(widths)))
        )
        self.up_styles = nn.ModuleList(
            StyleModulation(widths[i], fine if i == 0 else mid, config.modulation)
            for i in reversed(range(len(widths) - 1))
        )
        self.up_blocks = nn.ModuleList(ResidualBlock(widths[i]) for i in reversed(range(len(widths) - 1)))
        self.head = PixelHead(widths[0], 4, self.stem_factor)

    def forward(
        self, draft: Tensor, ink: Tensor, noise: Tensor, vectors: Sequence[Tensor], palette: Tensor
    ) -> Tensor:
        _, mid, fine = vectors
        guide = torch.cat([draft, ink], 1)
        x = self.stem(guide) + self.from_noise(noise)
        skips = []
        for i, (modulate, blocks) in enumerate(zip(self.down_styles, self.down_blocks, strict=True)):
            x = blocks(modulate(x, fine if i == 0 else mid))
            if i < len(self.downs):
                skips.append(x)
                x = self.downs[i](x)
        for i, (up, modulate, block) in enumerate(zip(self.ups, self.up_styles, self.up_blocks, strict=True)):
            x = up(F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)) + skips.pop()
            x = block(modulate(x, fine if i == len(self.ups) - 1 else mid))
        residual = self.head(x, guide)
        return spread(palette, residual) if self.has_palette else residual
