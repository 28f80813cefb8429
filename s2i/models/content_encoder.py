"""Sketch in, a pyramid of what is where out."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..config import ModelConfig
from ..imaging.hints.hints import HINT_CHANNELS
from ..imaging.regions.region_facts import FACT_CHANNELS
from ..layers.pyramid import FoldingDown, Pyramid
from ..layers.residual import painting_block
from .perceptual_trunk import PerceptualTrunk


class ContentEncoder(nn.Module):
    """ink (B,1,H,W) in [0,1], 1 = ink; facts (B,8,H/stem,W/stem); hints (B,4,H/stem,W/stem) or None -> feature maps,
    finest first: (B,widths[i],H/(stem*2^i),W/(stem*2^i)). Sides are a multiple of `config.multiple`.

    facts: what a drawing says across its whole sheet (`imaging.regions`), which convolutions learn only slowly.
    hints: dabs of colour, RGB in [-1,1] where there is one and how much of the cell it covers (`imaging.hints`).
    A config without facts or hints ignores them.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.stem_factor, self.facts = config.stem, config.region_facts
        beside = FACT_CHANNELS * config.region_facts
        self.stem = nn.Conv2d(config.stem**2 + beside, config.widths[0], 3, padding=1)
        self.hint = nn.Conv2d(HINT_CHANNELS, config.widths[0], 1) if config.hints else None
        if self.hint is not None:
            nn.init.zeros_(self.hint.weight)
            nn.init.zeros_(self.hint.bias)
        self.trunk = None
        if config.content_trunk:
            self.trunk = PerceptualTrunk(config.trunk)
            seen = PerceptualTrunk.channels(config.trunk)[1:]
            self.seen = nn.ModuleList(nn.Conv2d(c, w, 1) for c, w in zip(seen, config.widths, strict=True))
            for layer in self.seen:
                nn.init.zeros_(layer.weight)
                nn.init.zeros_(layer.bias)
        self.pyramid = Pyramid(config.widths, config.encoder_depths, block=painting_block, down=FoldingDown)

    def forward(self, ink: Tensor, facts: Tensor | None, hints: Tensor | None = None) -> list[Tensor]:
        x = F.pixel_unshuffle(ink, self.stem_factor)
        x = self.stem(torch.cat([x, facts.to(x.dtype)], 1) if self.facts else x)
        if self.hint is not None:  # no hints are hints that are blank: the layer's bias belongs to both
            x = x + (self.hint.bias.view(-1, 1, 1) if hints is None else self.hint(hints.to(x.dtype)))
        levels = self.pyramid(x)
        if self.trunk is None:
            return levels
        maps = self.trunk((1 - 2 * ink).expand(-1, 3, -1, -1))[1:]
        return [level + layer(m) for level, layer, m in zip(levels, self.seen, maps, strict=True)]
