"""Sketch in, a pyramid of what is where out."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..config import ModelConfig
from ..imaging.enclosure_map import CHANNELS, surroundings
from ..imaging.region_facts import CHANNELS as REGION_CHANNELS
from ..imaging.region_facts import region_shapes
from ..layers.init import zero_biases
from ..layers.pyramid import Pyramid, UnshuffleStem
from ..layers.residual import SHEET_EDGE


class ContentEncoder(nn.Module):
    """ink (B,1,H,W) in [0,1], sides a multiple of `config.multiple` -> the `content_levels` coarsest feature maps,
    finest first: (B,widths[i],H/(stem*2^i),W/(stem*2^i)).

    Beyond the sheet's edge the drawing goes on as it was, so the edge is nothing to see. With `config.surroundings`
    the first layer also sees each place's height on the sheet and how enclosed it is: inside and outside are facts of
    the whole drawing.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.levels = config.content_levels
        self.surroundings, self.regions = config.surroundings, config.regions
        beside = CHANNELS * config.surroundings + REGION_CHANNELS * config.regions
        self.stem = UnshuffleStem(1, config.widths[0], config.stem, beside, SHEET_EDGE)
        self.pyramid = Pyramid(config.widths, config.encoder_depths, edge=SHEET_EDGE)
        zero_biases(self)

    def forward(self, ink: Tensor) -> list[Tensor]:
        return self.pyramid(self.stem(ink, self._beside(ink)))[-self.levels :]

    def _beside(self, ink: Tensor) -> Tensor | None:
        facts = []
        if self.surroundings:
            facts.append(surroundings(ink, self.stem.stem))
        if self.regions:
            facts.append(region_shapes(ink, tuple(n // self.stem.stem for n in ink.shape[-2:])))
        return torch.cat(facts, 1) if facts else None
