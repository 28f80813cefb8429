"""Sketch in, a pyramid of what is where out."""

from __future__ import annotations

from torch import Tensor, nn

from ..config import ModelConfig
from ..layers.init import zero_biases
from ..layers.pyramid import Pyramid, UnshuffleStem


class ContentEncoder(nn.Module):
    """ink (B,1,H,W) in [0,1], sides a multiple of `config.multiple` -> the `content_levels` coarsest feature maps,
    finest first: (B,widths[i],H/(stem*2^i),W/(stem*2^i)).

    Blank paper is zero, and so is the padding: where the sheet ends makes no difference.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.levels = config.content_levels
        self.stem = UnshuffleStem(1, config.widths[0], config.stem)
        self.pyramid = Pyramid(config.widths, config.encoder_depths)
        zero_biases(self)

    def forward(self, ink: Tensor) -> list[Tensor]:
        return self.pyramid(self.stem(ink))[-self.levels :]
