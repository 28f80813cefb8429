"""Dabs of a picture's own colours: what colour hints are learned from."""

from __future__ import annotations

import torch
from numpy.random import Generator
from torch import Tensor

_COUNTS = (0, 0, 0, 1, 2, 4, 8)
_LARGEST = 24  # a dab's radius is at most this part of the side


def colour_dabs(rng: Generator, image: Tensor) -> Tensor:
    """image (3,S,S) in [-1,1] -> (4,S,S): the picture's colours, and coverage 1 inside a few small squares."""
    side = image.shape[-1]
    coverage = torch.zeros(1, side, side)
    for _ in range(int(rng.choice(_COUNTS))):
        radius = int(rng.integers(1, max(1, side // _LARGEST) + 1))
        top, left = (int(v) for v in rng.integers(0, side - 2 * radius, 2))
        coverage[:, top : top + 2 * radius, left : left + 2 * radius] = 1
    return torch.cat([image, coverage])
