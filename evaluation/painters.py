"""Whoever paints: a model, or a baseline."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from s2i.imaging.pixels.layouts import image_to_uint8
from s2i.pipeline import SketchToImage

# (ink (B,1,H,W) in [0,1], reference (B,3,H,W) in [-1,1]) -> (B,3,H,W) in [-1,1]
Painter = Callable[[Tensor, Tensor], Tensor]


def model_painter(model: SketchToImage, seed: int = 0, strength: float = 1.0) -> Painter:
    """The whole pipeline as a user runs it; strength 0 is the draft alone."""
    return lambda ink, reference: model(ink, reference, seed=seed, strength=strength)


def paint_all(paint: Painter, inks: np.ndarray, references: np.ndarray, batch: int = 4) -> np.ndarray:
    """inks (N,S,S) float32, references (N,S,S,3) uint8 -> (N,S,S,3) uint8, as they would be saved."""
    outputs = []
    for start in range(0, len(inks), batch):
        ink = torch.from_numpy(inks[start : start + batch])[:, None].float()
        reference = torch.from_numpy(references[start : start + batch]).permute(0, 3, 1, 2).float() / 127.5 - 1
        with torch.inference_mode():
            outputs += [image_to_uint8(image) for image in paint(ink, reference.contiguous())]
    return np.stack(outputs)
