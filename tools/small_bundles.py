"""Small models for tests."""

from __future__ import annotations

from pathlib import Path

import torch

from s2i.bundle import components_of, save_bundle
from s2i.config import ModelConfig
from s2i.pipeline import SketchToImage


def write_tiny_bundle(path: Path, seed: int = 0) -> Path:
    """A bundle of the tiny config with random weights."""
    model = SketchToImage.from_config(ModelConfig.tiny(), seed=seed)
    components = {name: getattr(model.module, name).state_dict() for name in components_of(model.config)}
    save_bundle(path, components, model.config, {"name": f"tiny-{seed}", "weights": "random"})
    return path


def lively_model(seed: int) -> SketchToImage:
    """The tiny config with weights that half floats hold, no layer that answers zero, and an extractor that draws."""
    model = SketchToImage.from_config(ModelConfig.tiny())
    random = torch.Generator().manual_seed(seed)
    extractor = model.module.sketch_extractor.head.out
    with torch.no_grad():
        extractor.weight.mul_(16)  # a field without crests has no lines
        extractor.bias.zero_()
        for weights in model.module.parameters():
            if not weights.any() and weights is not extractor.bias:
                weights.copy_(torch.randn(weights.shape, generator=random) * 0.1)
            weights.copy_(weights.half().float())
    return model


def stand_in(pack: Path) -> bool:
    """Give a copy of the pack random weights where no trained model ships yet. True if it did."""
    bundled = pack / "s2i" / "bundled" / "art.safetensors"
    if bundled.is_file():
        return False
    bundled.parent.mkdir(exist_ok=True)
    write_tiny_bundle(bundled)
    return True
