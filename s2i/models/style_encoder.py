"""Picture in, what it looks like out: no places, only appearances."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..config import ModelConfig
from ..imaging.palette import measure_palette
from ..layers.attention import TokenPooling
from ..layers.pyramid import Pyramid, UnshuffleStem


def _masked_moments(x: Tensor, mask: Tensor) -> Tensor:
    """(B,C,H,W), (B,1,H,W) -> (B,2C): mean and standard deviation over the mask, in float32."""
    x, weight = x.float(), mask.float()
    weight = weight / weight.sum((2, 3), keepdim=True).clamp_min(1e-6)
    mean = (x * weight).sum((2, 3))
    variance = ((x - mean[:, :, None, None]).square() * weight).sum((2, 3))
    return torch.cat([mean, (variance + 1e-5).sqrt()], 1)


class StyleEncoder(nn.Module):
    """image (B,3,H,W) in [-1,1], mask (B,1,H,W) in [0,1] -> (vectors, tokens, palette).

    vectors: coarse, mid, fine, each (B,style_dims[i]); tokens (B,T,D), T may be 0; palette (B,30) or (B,0). Sides are
    a multiple of `config.style_multiple`. What the mask leaves out (padding, transparency, another region) is zeroed
    before the first layer and at every level, and enters no statistic.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        widths, self.levels, self.stem_factor = config.style_widths, config.style_levels, config.style_stem
        self.stem = UnshuffleStem(4, widths[0], config.style_stem)
        self.pyramid = Pyramid(widths, (1,) * len(widths))
        self.to_vector = nn.ModuleList(
            nn.Sequential(nn.Linear(2 * widths[level], dim), nn.SiLU(), nn.Linear(dim, dim))
            for level, dim in zip(config.style_levels, config.style_dims, strict=True)
        )
        self.to_tokens = TokenPooling(widths[-1], config.tokens, config.token_dim) if config.tokens else None
        self.has_palette = config.palette

    def forward(self, image: Tensor, mask: Tensor) -> tuple[list[Tensor], Tensor, Tensor]:
        palette = measure_palette(image, mask) if self.has_palette else image.new_zeros(len(image), 0)
        x = self.stem(torch.cat([image * mask, mask], 1))
        coarse_mask = F.avg_pool2d(mask, self.stem_factor)
        features = self.pyramid(x, coarse_mask)
        masks = [F.avg_pool2d(coarse_mask, 2**i) if i else coarse_mask for i in range(len(features))]
        vectors = [
            project(_masked_moments(features[level], masks[level]).to(image.dtype))
            for level, project in zip(self.levels, self.to_vector, strict=True)
        ]
        if self.to_tokens is None:
            return vectors, image.new_zeros(len(image), 0, 0), palette
        return vectors, self.to_tokens(features[-1], masks[-1]), palette
