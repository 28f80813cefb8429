"""Picture in, what it looks like out: no places, only appearances."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..config import ModelConfig
from ..layers.norm import ChannelRMSNorm
from ..layers.pyramid import FoldingDown, Pyramid
from ..layers.residual import painting_block
from .perceptual_trunk import PerceptualTrunk


class StyleEncoder(nn.Module):
    """image (B,3,H,W) in [-1,1], weight (B,1,H,W) in [0,1] or None, trunk features -> (vector, tokens, token weights).

    vector (B,style_dim): mean and spread of the three coarsest feature maps. tokens (B,T,token_dim): one for each cell
    of the two coarsest, without its place; token weights (B,T) say how much of the cell the mask covers, None
    without a mask. Sides are a multiple of `config.style_multiple`. What the mask leaves out enters no statistic.

    The frozen trunk's view of the reference (strides 8, 16 and 32 of `PerceptualTrunk`) is added through layers that
    start at zero: learned features know brushwork, the trunk's know what things are.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        widths, dim, token_dim = config.style_widths, config.style_dim, config.token_dim
        self.stem_factor, self.has_tokens = config.style_stem, config.attention_levels > 0
        self.stem = nn.Conv2d(3 * config.style_stem**2, widths[0], 3, padding=1)
        self.pyramid = Pyramid(widths, (1,) * len(widths), block=painting_block, down=FoldingDown)
        self.to_vector = nn.Sequential(nn.Linear(2 * sum(widths[-3:]), dim), nn.SiLU(), nn.Linear(dim, dim))
        if self.has_tokens:
            self.to_tokens = nn.ModuleList(nn.Linear(w, token_dim) for w in reversed(widths[-2:]))
        self.norm = None
        if config.trunk is not None:
            seen = PerceptualTrunk.channels(config.trunk)[2:]
            self.norm = nn.ModuleList(ChannelRMSNorm(c, affine=False, eps=1e-6) for c in seen)
            self.trunk_to_vector = nn.Linear(2 * sum(seen), dim)
            layers = [self.trunk_to_vector]
            if self.has_tokens:
                self.trunk_to_tokens = nn.ModuleList(nn.Linear(c, token_dim) for c in reversed(seen[-2:]))
                layers += self.trunk_to_tokens
            for layer in layers:
                nn.init.zeros_(layer.weight)
                nn.init.zeros_(layer.bias)

    def forward(
        self, image: Tensor, weight: Tensor | None = None, trunk: Sequence[Tensor] | None = None
    ) -> tuple[Tensor, Tensor | None, Tensor | None]:
        maps = self.pyramid(self.stem(F.pixel_unshuffle(image, self.stem_factor)))[-3:]
        covered = [_shares(weight, m) for m in maps]
        vector = self.to_vector(_pooled(maps, covered).to(image.dtype))
        seen = None
        if self.norm is not None:
            seen = [norm(m.to(vector.dtype)) for norm, m in zip(self.norm, trunk[2:], strict=True)]
            shares = [_shares(weight, m) for m in seen]
            vector = vector + self.trunk_to_vector(_pooled(seen, shares).to(vector.dtype))
        if not self.has_tokens:
            return vector, None, None
        coarse = list(reversed(maps[-2:]))
        tokens = [layer(_cells(m)) for layer, m in zip(self.to_tokens, coarse, strict=True)]
        if seen is not None:
            beside = zip(self.trunk_to_tokens, reversed(seen[-2:]), strict=True)
            tokens = [t + layer(_cells(m)) for t, (layer, m) in zip(tokens, beside, strict=True)]
        shares = None if weight is None else torch.cat([c.flatten(1) for c in reversed(covered[-2:])], 1)
        return vector, torch.cat(tokens, 1), shares


def _shares(weight: Tensor | None, cells: Tensor) -> Tensor | None:
    """How much of each cell of a feature map is weighed in; None where nothing is left out. Sides are whole cells, so
    the pool has one size: the exporter knows no other."""
    return None if weight is None else F.avg_pool2d(weight, int(weight.shape[-1]) // int(cells.shape[-1]))


def _cells(x: Tensor) -> Tensor:
    """(B,C,H,W) -> (B,H*W,C)."""
    return x.flatten(2).transpose(1, 2)


def _pooled(maps: Sequence[Tensor], weights: Sequence[Tensor | None]) -> Tensor:
    """Mean and standard deviation of each map's channels, coarsest map first, (B, 2 * channels)."""
    found = [_moments(m, w) for m, w in zip(maps, weights, strict=True)]
    return torch.cat([part.to(maps[0].dtype) for pair in reversed(found) for part in pair], 1)


def _moments(x: Tensor, weight: Tensor | None) -> tuple[Tensor, Tensor]:
    """(B,C,H,W), (B,1,H,W) or None -> mean and unbiased standard deviation over places, (B,C) each."""
    if weight is None:
        several = x.shape[-2] * x.shape[-1] > 1  # a single cell has no spread
        return x.mean((2, 3)), x.float().std((2, 3), correction=int(several))
    x, share = x.float(), weight.float() / weight.float().sum((2, 3), keepdim=True).clamp_min(1e-6)
    mean = (x * share).sum((2, 3))
    variance = ((x - mean[:, :, None, None]).square() * share).sum((2, 3))
    # Reliability weights: n / (n - 1) where all places count alike.
    unbiased = 1 / (1 - share.square().sum((2, 3))).clamp_min(0.1)
    return mean, (variance * unbiased).sqrt()
