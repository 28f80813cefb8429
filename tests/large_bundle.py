"""A file that is a bundle by its header and its length, and large enough to be cut in the middle."""

from __future__ import annotations

import json

import numpy as np
from safetensors.numpy import save

from s2i.bundle import FORMAT, FORMAT_VERSION
from s2i.config import ModelConfig


def large_bundle(megabytes: float = 3, seed: int = 0) -> bytes:
    noise = np.random.default_rng(seed).standard_normal(int(megabytes * 250_000)).astype(np.float32)
    words = {"format": FORMAT, "format_version": FORMAT_VERSION, "provenance": "{}",
             "config": json.dumps(ModelConfig.tiny().to_dict())}  # fmt: skip
    return save({"decoder.noise": noise}, metadata=words)
