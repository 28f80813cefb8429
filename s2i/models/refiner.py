"""The second stage: detail at the output's own size."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ..config import ModelConfig
from ..imaging.palette import spread
from ..layers.head import PixelHead
from ..layers.pyramid import UnshuffleStem
from ..layers.residual import SHEET_EDGE
from ..layers.unet import ModulatedUNet


class Refiner(nn.Module):
    """draft (B,3,H,W), ink (B,1,H,W), noise (B,1,H/stem,W/stem), vectors, palette, brushwork (B,3,H,W) -> residual
    (B,3,H,W), and the brushwork as it shows (B,3,H,W).

    A U-Net over the draft enlarged to the output's size, the full-resolution ink and the reference's own strokes as
    `layers.brushwork` lays them, of which it decides place by place how strongly they show. Fine style speaks at the
    finest level, mid below it; noise gives detail something to be made of. The caller adds both to the draft. A model
    without brushwork never looks at it, and shows zeros.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        part = config.refiner
        _, mid, fine = config.style_dims
        self.has_palette, self.has_brushwork = config.palette, bool(part.brushwork)
        self.stem = UnshuffleStem(7 if self.has_brushwork else 4, part.widths[0], part.stem, edge=SHEET_EDGE)
        self.from_noise = nn.Conv2d(1, part.widths[0], 3, padding=1)
        dims = (fine, *[mid] * (len(part.widths) - 1))
        self.unet = ModulatedUNet(part.widths, part.depths, dims, config.modulation, SHEET_EDGE)
        channels = 4 if self.has_brushwork else 3
        self.head = PixelHead(part.widths[0], 4, part.stem, out_channels=channels, edge=SHEET_EDGE, fine=8)
        if self.has_brushwork:
            nn.init.constant_(self.head.out.bias[3:], 1.0)  # strokes show until there is a reason against it

    @torch.no_grad()
    def silence(self) -> None:
        """Answer zero to everything: a model whose refiner was never trained returns its draft."""
        self.head.out.weight.zero_()
        self.head.out.bias.zero_()
        self.head.out.bias[3:] = -200.0  # no stroke shows

    def forward(
        self,
        draft: Tensor,
        ink: Tensor,
        noise: Tensor,
        vectors: Sequence[Tensor],
        palette: Tensor,
        brushwork: Tensor,
    ) -> tuple[Tensor, Tensor]:
        _, mid, fine = vectors
        guide = torch.cat([draft, ink], 1)
        seen = torch.cat([guide, brushwork], 1) if self.has_brushwork else guide
        x = self.stem(seen) + self.from_noise(noise)
        x = self.unet(x, (fine, *[mid] * (len(self.unet.down_codes) - 1)))
        painted = self.head(x, guide)
        residual = spread(palette, painted[:, :3]) if self.has_palette else painted[:, :3]
        if not self.has_brushwork:
            return residual, torch.zeros_like(residual)
        return residual, brushwork * torch.sigmoid(painted[:, 3:]) * (1 - ink)  # no stroke covers a drawn line
