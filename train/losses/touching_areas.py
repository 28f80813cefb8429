"""The areas that a drawing's lines close off, and which of them touch."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

MOST = 8  # areas of one drawing
_BLANK = 0.25  # ink below this, at half of the size, is open paper
_SMALLEST = 0.006  # of the sheet
_BESIDE = 1 / 16  # of the side: areas are neighbours across a line about twice as wide
_BORDER = 6  # cells that a common border has at least


def touching_areas(inks: Tensor) -> tuple[Tensor, Tensor]:
    """ink (B,1,H,W) in [0,1] -> the largest closed areas as masks (B,8,H/2,W/2), and which pairs touch (B,8,8): 1 below
    the diagonal. Connected components of the blank paper; fewer areas leave empty masks. Computed on the CPU."""
    half = F.avg_pool2d(inks.detach().float(), 2)[:, 0].cpu().numpy()
    found = [_areas_of(ink) for ink in half]
    areas, touching = (torch.from_numpy(np.stack(part)).to(inks.device) for part in zip(*found, strict=True))
    return areas, touching


def _areas_of(ink: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    from scipy import ndimage

    labels, count = ndimage.label(ink < _BLANK)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    sizes[0] = 0  # the lines themselves
    largest = [n for n in np.argsort(-sizes)[:MOST] if sizes[n] > _SMALLEST * labels.size]
    areas, touching = np.zeros((MOST, *ink.shape), np.float32), np.zeros((MOST, MOST), np.float32)
    for i, number in enumerate(largest):
        areas[i] = labels == number
    reach = max(1, int(_BESIDE * min(ink.shape)))
    grown = [ndimage.binary_dilation(area > 0, iterations=reach) for area in areas[: len(largest)]]
    for i in range(len(largest)):
        for j in range(i):
            touching[i, j] = np.count_nonzero(grown[i] & grown[j]) > _BORDER
    return areas, touching
