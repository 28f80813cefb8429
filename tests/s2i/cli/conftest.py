"""A tiny model as a file, for the commands that paint with one."""

from __future__ import annotations

import pytest

from s2i.bundle import save_bundle
from s2i.config import ModelConfig
from s2i.pipeline import SketchToImage


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> str:
    """The path of a bundle with random weights, always the same."""
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    model = SketchToImage.from_config(ModelConfig.tiny(), seed=1)
    parts = {name: part.state_dict() for name, part in model.module.named_children()}
    save_bundle(path, parts, model.config, {"licence": "mit"})
    return str(path)
