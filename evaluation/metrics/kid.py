"""Realism: the kernel distance between outputs and real pictures of other books, in the judge's features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .intervals import NOTHING, Interval

_DRAWS, _HALVINGS = 200, 40


@dataclass(frozen=True)
class FeatureSet:
    """features (N,D). owners (N,K): the books (or artists) that each picture comes from: its own, or an output's
    drawing's and reference's."""

    features: np.ndarray
    owners: np.ndarray


def polynomial_kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(N,D), (M,D) -> (N,M): (x·y / D + 1)^3."""
    return (x.astype(np.float64) @ y.astype(np.float64).T / x.shape[1] + 1) ** 3


def kid(x: np.ndarray, y: np.ndarray) -> float:
    """Squared maximum mean discrepancy of features x (N,D), y (M,D) under the polynomial kernel, unbiased (Bińkowski et
    al. 2018). About 0 for two samples of one distribution, slightly negative by chance."""
    return float(_Kernels.of(x, y).distances(np.ones((1, len(x))), np.ones((1, len(y))))[0])


def kid_between_books(outputs: FeatureSet, real: FeatureSet) -> Interval:
    """KID of outputs whose books lie in one half of all books against the real pictures of the other half, mean over
    many halvings: a single one would make the real pictures' own number, the floor, a matter of luck.

    The interval resamples books. A draw that repeats books is less varied and so lies farther off; the draws' spread
    is laid around the value instead. NaN where no halving leaves anything to compare.
    """
    books = np.unique(real.owners)
    x_books, y_books = (np.searchsorted(books, s.owners) for s in (outputs, real))
    in_half = _halvings(np.bincount(y_books[:, 0], minlength=len(books)))
    x_in = in_half[:, x_books].all(2)
    y_in = ~in_half[:, y_books[:, 0]]
    kernels = _Kernels.of(outputs.features, real.features)
    again = np.array([[book in row[:k] for k, book in enumerate(row)] for row in x_books.tolist()])

    def distance(copies: np.ndarray) -> float:
        x_weights = np.where(again, 1, copies[x_books]).prod(1)  # a book that owns an output twice counts once
        y_weights = copies[y_books[:, 0]]
        values = kernels.distances(x_in * x_weights, y_in * y_weights)
        return float(values[np.isfinite(values)].mean()) if np.isfinite(values).any() else np.nan

    value = distance(np.ones(len(books)))
    if not np.isfinite(value):
        return NOTHING
    rng = np.random.default_rng(0)
    drawn = rng.integers(len(books), size=(_DRAWS, len(books)))
    draws = np.array([distance(np.bincount(d, minlength=len(books)).astype(float)) for d in drawn])
    low, high = np.nanquantile(draws, [0.025, 0.975]) - np.nanmean(draws)
    return Interval(value, value + float(low), value + float(high))


def _halvings(sizes: np.ndarray) -> np.ndarray:
    """(2 * halvings, books) bool: which books stand in a half; both halves of each. sizes: pictures of every book,
    which the halves share about equally."""
    rng = np.random.default_rng(0)
    rows = []
    for _ in range(_HALVINGS):
        chosen, counts = np.zeros(len(sizes), bool), [0, 0]
        for book in rng.permutation(len(sizes)):
            half = int(counts[0] > counts[1])
            chosen[book] = not half
            counts[half] += sizes[book]
        rows += [chosen, ~chosen]
    return np.array(rows)


@dataclass(frozen=True)
class _Kernels:
    """The three kernel matrices, computed once for all draws."""

    xx: np.ndarray
    yy: np.ndarray
    xy: np.ndarray

    @staticmethod
    def of(x: np.ndarray, y: np.ndarray) -> _Kernels:
        return _Kernels(polynomial_kernel(x, x), polynomial_kernel(y, y), polynomial_kernel(x, y))

    def distances(self, x_weights: np.ndarray, y_weights: np.ndarray) -> np.ndarray:
        """KID (S,) of the sets weighted by x_weights (S,N) and y_weights (S,M). A picture that a draw repeats is never
        paired with itself; NaN where a set has no pair."""
        with np.errstate(divide="ignore", invalid="ignore"):
            cross = ((x_weights @ self.xy) * y_weights).sum(1) / (x_weights.sum(1) * y_weights.sum(1))
            return _mean_of_pairs(self.xx, x_weights) + _mean_of_pairs(self.yy, y_weights) - 2 * cross


def _mean_of_pairs(kernel: np.ndarray, weights: np.ndarray) -> np.ndarray:
    squares = np.square(weights)
    pairs = weights.sum(1) ** 2 - squares.sum(1)
    return (((weights @ kernel) * weights).sum(1) - squares @ kernel.diagonal()) / np.where(pairs > 0, pairs, np.nan)
