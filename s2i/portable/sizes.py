"""Resizing and padding arrays (1,C,H,W); the twins of `imaging.pixels.sizes` and `imaging.pixels.padding`."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

MIN_SIDE = 16


def working_shape(h: int, w: int, short_side: int) -> tuple[int, int]:
    """(h,w) scaled so that the short side is `short_side`, a ribbon's long side at most eight times that."""
    scale = min(short_side / min(h, w), max(8 * short_side / max(h, w), 1.0))
    return max(MIN_SIDE, round(h * scale)), max(MIN_SIDE, round(w * scale))


def resize_area(x: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(...,H,W) -> (...,*size), float32: averages over areas when it shrinks, bilinear when it grows."""
    if x.shape[-2:] == tuple(size):
        return x
    return _weigh(x, _triangles(x.shape[-2], size[0]), _triangles(x.shape[-1], size[1]))


def enlarge(x: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(...,H,W) -> (...,*size) by Keys' cubic convolution with a = -0.75, as torch's bicubic."""
    return _weigh(x, _cubics(x.shape[-2], size[0]), _cubics(x.shape[-1], size[1]))


def _weigh(x: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    return np.matmul(rows, np.matmul(x.astype(np.float32, copy=False), columns.T))


@lru_cache(maxsize=32)
def _triangles(before: int, after: int) -> np.ndarray:
    """(after,before): triangles as wide as an output pixel when it shrinks, as an input pixel when it grows."""
    scale = before / after
    centres = scale * (np.arange(after) + 0.5)
    distance = np.abs(np.arange(before)[None] + 0.5 - centres[:, None]) / max(scale, 1.0)
    weights = np.clip(1.0 - distance, 0.0, None)
    return (weights / weights.sum(1, keepdims=True)).astype(np.float32)


@lru_cache(maxsize=32)
def _cubics(before: int, after: int) -> np.ndarray:
    """(after,before), the edge repeated beyond itself."""
    places = (np.arange(after) + 0.5) * before / after - 0.5
    weights = np.zeros((after, before))
    for step in (-1, 0, 1, 2):
        taken = np.floor(places) + step
        t = np.abs(places - taken)
        near, far = (1.25 * t - 2.25) * t * t + 1, ((-0.75 * t + 3.75) * t - 6) * t + 3
        np.add.at(weights, (np.arange(after), taken.clip(0, before - 1).astype(int)), np.where(t <= 1, near, far))
    return weights.astype(np.float32)


def pad_to_multiple(x: np.ndarray, multiple: int, mode: str = "constant") -> np.ndarray:
    """Pad below and to the right until both sides are multiples. mode: "constant" (zeros: blank paper) or "edge"."""
    below, right = -x.shape[-2] % multiple, -x.shape[-1] % multiple
    if not below and not right:
        return x
    return np.pad(x, [*[(0, 0)] * (x.ndim - 2), (0, below), (0, right)], mode=mode)
