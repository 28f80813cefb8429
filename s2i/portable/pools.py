"""Pictures in fewer cells, whose number need not divide the picture's: the twins of torch's adaptive pools."""

from __future__ import annotations

import numpy as np


def mean_pool(x: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(...,H,W) -> (...,*size): the mean of each cell."""
    return _pooled(x, size, np.mean)


def max_pool(x: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(...,H,W) -> (...,*size): the most of each cell."""
    return _pooled(x, size, np.max)


def _pooled(x: np.ndarray, size: tuple[int, int], collect: np.ufunc) -> np.ndarray:
    for axis, n in ((-2, size[0]), (-1, size[1])):
        before = x.shape[axis]
        bounds = [(i * before // n, -(-(i + 1) * before // n)) for i in range(n)]
        x = np.stack([collect(x.take(range(a, b), axis), axis) for a, b in bounds], axis)
    return x
