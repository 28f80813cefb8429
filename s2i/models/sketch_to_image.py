"""All components of a model in one module: what is loaded, moved and saved together."""

from __future__ import annotations

from torch import nn

from ..config import ModelConfig
from .content_encoder import ContentEncoder
from .decoder import Decoder
from .perceptual_trunk import PerceptualTrunk
from .refiner import Refiner
from .sketch_extractor import SketchExtractor
from .style_encoder import StyleEncoder


class SketchToImageModel(nn.Module):
    """The networks of a bundle; attribute names are the bundle's key prefixes. A config without a trunk has none."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.sketch_extractor = SketchExtractor(config.extractor)
        self.content_encoder = ContentEncoder(config)
        self.style_encoder = StyleEncoder(config)
        self.decoder = Decoder(config)
        self.refiner = Refiner(config.refiner)
        if config.trunk is not None:
            self.perceptual_trunk = PerceptualTrunk(config.trunk)
