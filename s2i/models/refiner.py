"""The second stage: detail at the output's own size."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ..config import ModelConfig
from ..layers.head import PixelHead
from ..layers.palette import spread
from ..layers.pyramid import UnshuffleStem
from ..layers.unet import ModulatedUNet


class Refiner(nn.Module):
    """draft (B,3,H,W), ink (B,1,H,W), noise (B,1,H/stem,W/stem), vectors, palette -> residual (B,3,H,W).

    A U-Net over the draft enlarged to the output's size and the full-resolution ink. Fine style speaks at the finest
    level, mid below it; noise gives brushwork something to be made of. The caller adds the residual to the draft.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        part = config.refiner
        _, mid, fine = config.style_dims
        self.has_palette = config.palette
        self.stem = UnshuffleStem(4, part.widths[0], part.stem)
        self.from_noise = nn.Conv2d(1, part.widths[0], 3, padding=1)
        dims = (fine, *[mid] * (len(part.widths) - 1))
        self.unet = ModulatedUNet(part.widths, part.depths, dims, config.modulation)
        self.head = PixelHead(part.widths[0], 4, part.stem, fine=8)

    def forward(self, draft: Tensor, ink: Tensor, noise: Tensor, vectors: Sequence[Tensor], palette: Tensor) -> Tensor:
        _, mid, fine = vectors
        guide = torch.cat([draft, ink], 1)
        x = self.stem(guide) + self.from_noise(noise)
        x = self.unet(x, (fine, *[mid] * (len(self.unet.down_codes) - 1)))
        residual = self.head(x, guide)
        return spread(palette, residual) if self.has_palette else residual
