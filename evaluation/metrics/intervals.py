"""Intervals: how far a number would move had other books been drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_DRAWS = 1000


@dataclass(frozen=True)
class Interval:
    """A number with the ends of its 95 % bootstrap interval; NaN where there is nothing to measure."""

    value: float
    low: float
    high: float

    def text(self, digits: int = 2) -> str:
        return f"{self.value:.{digits}f} [{self.low:.{digits}f}, {self.high:.{digits}f}]"

    def scaled(self, factor: float) -> Interval:
        return Interval(self.value * factor, self.low * factor, self.high * factor)


NOTHING = Interval(float("nan"), float("nan"), float("nan"))


def mean_by_book(values: np.ndarray, books: np.ndarray) -> Interval:
    """Mean of values (N,); NaN values are left out. books (N,): pictures of one book are drawn together."""
    return ratio_by_book(values, np.ones(len(values)), books)


def ratio_by_book(numerators: np.ndarray, denominators: np.ndarray, books: np.ndarray) -> Interval:
    """Sum of numerators (N,) over sum of denominators (N,): one picture with a tiny denominator decides nothing. Rows
    with a NaN are left out; whole books are resampled."""
    numerators, denominators = np.asarray(numerators, float), np.asarray(denominators, float)
    known = np.isfinite(numerators) & np.isfinite(denominators)
    if not known.any():
        return NOTHING
    _, index = np.unique(np.asarray(books)[known], return_inverse=True)
    above, below = (np.bincount(index, x[known]) for x in (numerators, denominators))
    which = np.random.default_rng(0).integers(len(above), size=(_DRAWS, len(above)))
    draws = above[which].sum(1) / np.maximum(below[which].sum(1), 1e-12)
    low, high = np.quantile(draws, [0.025, 0.975])
    return Interval(float(above.sum() / max(below.sum(), 1e-12)), float(low), float(high))
