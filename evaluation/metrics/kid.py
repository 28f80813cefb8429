"""Realism: the kernel distance between a set of outputs and a set of real pictures, in the judge's features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .intervals import Interval

_DRAWS = 400


@dataclass(frozen=True)
class FeatureSet:
    """features (N,D), and the book (or artist) that each of the N pictures belongs to."""

    features: np.ndarray
    books: np.ndarray

    def __len__(self) -> int:
        return len(self.features)


def polynomial_kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(N,D), (M,D) -> (N,M): (x·y / D + 1)^3."""
    return (x.astype(np.float64) @ y.astype(np.float64).T / x.shape[1] + 1) ** 3


def kid(x: np.ndarray, y: np.ndarray) -> float:
    """Squared maximum mean discrepancy of features x (N,D), y (M,D) under the polynomial kernel, unbiased (Bińkowski et
    al. 2018). About 0 for two samples of one distribution, slightly negative by chance."""
    return _Kernels.of(x, y).distance(np.ones(len(x)), np.ones(len(y)))


def kid_interval(folds: Sequence[tuple[FeatureSet, FeatureSet]]) -> Interval:
    """Mean KID over folds (outputs, real pictures), bootstrapped by book: pictures of one book are not independent."""
    kernels = [_Kernels.of(x.features, y.features) for x, y in folds]

    def distance(rng: np.random.Generator | None) -> float:
        parts = [k.distance(_weights(x, rng), _weights(y, rng)) for k, (x, y) in zip(kernels, folds, strict=True)]
        return float(np.mean(parts))

    rng = np.random.default_rng(0)
    draws = np.array([distance(rng) for _ in range(_DRAWS)])
    known = draws[np.isfinite(draws)]
    low, high = np.quantile(known, [0.025, 0.975]) if len(known) else (np.nan, np.nan)
    return Interval(distance(None), float(low), float(high))


def _weights(pictures: FeatureSet, rng: np.random.Generator | None) -> np.ndarray:
    """How often each picture stands in a draw of as many books, with repetition; once each without `rng`."""
    if rng is None:
        return np.ones(len(pictures))
    names, index = np.unique(pictures.books, return_inverse=True)
    return np.bincount(rng.integers(len(names), size=len(names)), minlength=len(names))[index].astype(float)


@dataclass(frozen=True)
class _Kernels:
    """The three kernel matrices, computed once for all draws."""

    xx: np.ndarray
    yy: np.ndarray
    xy: np.ndarray

    @staticmethod
    def of(x: np.ndarray, y: np.ndarray) -> _Kernels:
        return _Kernels(polynomial_kernel(x, x), polynomial_kernel(y, y), polynomial_kernel(x, y))

    def distance(self, x_weights: np.ndarray, y_weights: np.ndarray) -> float:
        """KID of the weighted sets. A picture that a draw repeats is never paired with itself."""
        cross = x_weights @ self.xy @ y_weights / (x_weights.sum() * y_weights.sum())
        return float(_mean_of_pairs(self.xx, x_weights) + _mean_of_pairs(self.yy, y_weights) - 2 * cross)


def _mean_of_pairs(kernel: np.ndarray, weights: np.ndarray) -> float:
    pairs = weights.sum() ** 2 - np.square(weights).sum()
    if pairs <= 0:
        return float("nan")
    return float((weights @ kernel @ weights - np.square(weights) @ kernel.diagonal()) / pairs)
