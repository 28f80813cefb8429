"""Colours: how many clearly different ones does a picture have?"""

from __future__ import annotations

import numpy as np

from .colour import lab

_CELL = 5.0  # Lab units


def count_colours(picture: np.ndarray, apart: float = 20.0, share: float = 0.01, side: int = 64) -> int:
    """Picture (H,W,3) uint8 -> the number of colours `apart` or more from one another in Lab, each covering at least
    `share` of it; 1 for a flat tone.

    Counted on averages over areas, `side` a side, so that brush grain and noise are no colours. The commonest colour
    counts first; all within `apart` of it are the same one.
    """
    h, w = picture.shape[:2]
    step = max(1, min(h, w) // side)
    cropped = picture[: h // step * step, : w // step * step].astype(np.float64)
    small = cropped.reshape(h // step, step, w // step, step, 3).mean((1, 3)).round().astype(np.uint8)
    colours = lab(small).reshape(-1, 3)
    left = np.ones(len(colours), bool)
    count = 0
    while left.any():
        cells = np.floor(colours[left] / _CELL)
        _, index, sizes = np.unique(cells, axis=0, return_inverse=True, return_counts=True)
        centre = colours[left][index.reshape(-1) == sizes.argmax()].mean(0)
        near = np.linalg.norm(colours - centre, axis=1) < apart
        if (near & left).sum() >= share * len(colours):
            count += 1
        left &= ~near
    return count
