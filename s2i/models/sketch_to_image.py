"""All components of a model in one module: what is loaded, moved and saved together."""

from __future__ import annotations

import torch
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

    @classmethod
    def random(cls, config: ModelConfig, seed: int) -> SketchToImageModel:
        """Random weights, none of them zero: what training starts from zero, a test wants to see at work. The caller's
        random state is left as it was."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            module = cls(config)
            for weights in module.parameters():
                if not weights.any():
                    nn.init.normal_(weights, std=0.05)
        return module
