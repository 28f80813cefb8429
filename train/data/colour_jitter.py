"""One random change of colours for a picture and its reference alike."""

from __future__ import annotations

import math

import numpy as np
from numpy.random import Generator

_UNTOUCHED = 0.4  # share of the samples that keep their colours


class ColourJitter:
    """Gamma, saturation, gain and offset of each channel, drawn once and applied to both.

    Because both change together, the target's colours cannot be guessed from the drawing: they come from the reference.
    """

    def __init__(self, rng: Generator, strength: float = 1.0) -> None:
        self.idle = rng.random() < _UNTOUCHED
        strength *= rng.random()
        self.gain = np.exp(rng.normal(0, 0.15, 3) * strength).astype(np.float32)
        self.offset = (rng.normal(0, 0.06, 3) * strength).astype(np.float32)
        self.gamma = math.exp(rng.uniform(-0.5, 0.2) * strength)
        self.saturation = math.exp(rng.uniform(-0.3, 0.5) * strength)

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """(H,W,3) float32 in [0,1] -> the same."""
        if self.idle:
            return image
        image = image**self.gamma
        grey = image.mean(-1, keepdims=True)
        return np.clip((grey + (image - grey) * self.saturation) * self.gain + self.offset, 0, 1)
