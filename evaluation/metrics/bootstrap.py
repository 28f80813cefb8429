"""Intervals: how far a number would move had other paintings been drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

NO_DIFFERENCE = "no difference shown"


@dataclass(frozen=True)
class Interval:
    """A number with the ends of its bootstrap interval."""

    value: float
    low: float
    high: float

    def overlaps(self, other: Interval) -> bool:
        return self.low <= other.high and other.low <= self.high

    def text(self, digits: int = 3) -> str:
        return f"{self.value:.{digits}f} [{self.low:.{digits}f}, {self.high:.{digits}f}]"


def bootstrap(
    statistic: Callable[[np.ndarray], float], paintings: int, draws: int = 400, level: float = 0.95, seed: int = 0
) -> Interval:
    """Percentile interval of statistic(which) where `which` (paintings,) are painting numbers drawn with repetition:
    outputs of one painting stay together, since they are not independent."""
    rng = np.random.default_rng(seed)
    values = [statistic(rng.integers(paintings, size=paintings)) for _ in range(draws)]
    tail = (1 - level) / 2
    low, high = np.nanquantile(values, [tail, 1 - tail]) if np.isfinite(values).any() else (np.nan, np.nan)
    return Interval(statistic(np.arange(paintings)), float(low), float(high))


def bootstrap_mean(values: np.ndarray, painting: np.ndarray, draws: int = 1000, level: float = 0.95) -> Interval:
    """Interval of the mean over paintings of their mean value. values, painting: (N,); NaN values are left out."""
    known = np.isfinite(values)
    names = np.unique(painting[known])
    if not len(names):
        return Interval(float("nan"), float("nan"), float("nan"))
    means = np.array([values[known & (painting == n)].mean() for n in names])
    return bootstrap(lambda which: float(means[which].mean()), len(means), draws, level)


def compare(a: Interval, b: Interval, *, higher_is_better: bool) -> str:
    """"better" or "worse" (a than b), or "no difference shown" where the intervals overlap."""
    if a.overlaps(b):
        return NO_DIFFERENCE
    return "better" if (a.value > b.value) == higher_is_better else "worse"
