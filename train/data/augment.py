"""Random changes to pictures, references and inks. Every function draws from the generator it is given."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.random import Generator
from PIL import Image
from torch import Tensor

from s2i.imaging.pixels.layouts import uint8_to_image


def random_box(rng: Generator, height: int, width: int, scale: tuple[float, float]) -> tuple[int, int, int]:
    """A square (top, left, side); side is log-uniform in `scale` times the short side."""
    short = min(height, width)
    side = max(16, min(short, round(short * math.exp(rng.uniform(math.log(scale[0]), math.log(scale[1]))))))
    return int(rng.integers(0, height - side + 1)), int(rng.integers(0, width - side + 1)), side


def crop(array: np.ndarray, box: tuple[int, int, int], size: int) -> np.ndarray:
    """uint8 (H,W,3) or (H,W), square box -> (size,size,...), area-averaged when it shrinks."""
    top, left, side = box
    part = Image.fromarray(np.ascontiguousarray(array[top : top + side, left : left + side]))
    return np.asarray(part.resize((size, size), Image.Resampling.BOX if side > size else Image.Resampling.BICUBIC))


def to_image(array: np.ndarray) -> Tensor:
    """uint8 (H,W,3) -> (3,H,W) in [-1,1]."""
    return uint8_to_image(array)[0]


class ColourJitter:
    """One random change of colours, applied alike to a target and its reference.

    Because both change together, the target's colours cannot be guessed from the drawing: they must come from the
    reference.
    """

    def __init__(self, rng: Generator, strength: float = 1.0) -> None:
        strength *= rng.random() ** 0.7  # most pictures keep colours that could be real
        angle = rng.normal(0, 0.5) * strength if rng.random() < 0.7 else rng.uniform(-math.pi, math.pi) * strength
        axis = np.ones(3) / math.sqrt(3)
        cross = np.cross(np.eye(3), axis)
        rotate = math.cos(angle) * np.eye(3) + math.sin(angle) * cross + (1 - math.cos(angle)) * np.outer(axis, axis)
        saturation = math.exp(rng.uniform(-0.4, 0.75) * strength)
        grey = np.full((3, 3), 1 / 3)
        contrast = math.exp(rng.uniform(-0.2, 0.35) * strength)
        matrix = contrast * (saturation * np.eye(3) + (1 - saturation) * grey) @ rotate
        self.matrix = torch.from_numpy(matrix.astype(np.float32))
        self.shift = torch.from_numpy((rng.normal(0, 0.1, 3) * strength).astype(np.float32))[:, None, None]
        self.gamma = math.exp(rng.uniform(-0.6, 0.25) * strength)  # the oils are dark: lean towards brighter
        self.invert = rng.random() < 0.04 * strength

    def __call__(self, image: Tensor) -> Tensor:
        """(3,H,W) in [-1,1] -> the same."""
        y = (image * 0.5 + 0.5).clamp(0, 1) ** self.gamma * 2 - 1
        y = torch.einsum("ij,jhw->ihw", self.matrix, y) + self.shift
        return (-y if self.invert else y).clamp(-1, 1)
