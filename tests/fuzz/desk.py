"""What every case is tried on: a tiny model, a good drawing and a good reference, made once a process."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from s2i.pipeline import SketchToImage
from tools.small_bundles import write_tiny_bundle


@cache
def folder() -> Path:
    """Where cases write; it goes with the process."""
    path = Path(tempfile.mkdtemp(prefix="s2i-fuzz-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


@cache
def bundle() -> Path:
    return write_tiny_bundle(folder() / "tiny.safetensors")


@cache
def model() -> SketchToImage:
    return SketchToImage.from_pretrained(bundle())


@cache
def sketch() -> Path:
    data = np.full((48, 40), 255, np.uint8)
    data[20:23, 6:34] = data[6:42, 18:21] = 0
    Image.fromarray(data).save(folder() / "sketch.png")
    return folder() / "sketch.png"


@cache
def reference() -> Path:
    rng = np.random.default_rng(3)
    small = Image.fromarray(rng.integers(0, 255, (5, 6, 3), dtype=np.uint8))
    small.resize((60, 50), Image.Resampling.BICUBIC).save(folder() / "reference.png")
    return folder() / "reference.png"


def is_a_painting(path: Path, size: tuple[int, int] | None = None, spread: float = 0.5) -> bool:
    """Whether a file is a picture of this (width, height) with something in it: black all over is no painting."""
    with Image.open(path) as picture:
        data = np.asarray(picture.convert("RGB")).astype(np.float32)
        return (size is None or picture.size == size) and float(data.std()) >= spread


def is_image(x: torch.Tensor, shape: tuple[int, ...]) -> bool:
    return tuple(x.shape) == shape and bool(torch.isfinite(x).all()) and float(x.abs().max()) <= 1.0
