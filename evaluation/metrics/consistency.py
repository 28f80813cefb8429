"""Consistency: one reference gives one look on any sketch; one sketch keeps its lines under any reference."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from .colour import sliced_wasserstein
from .edges import edge_agreement


def style_consistency(grid: Sequence[Sequence[np.ndarray]]) -> float:
    """grid[s][r]: sketch s painted after reference r. Mean colour distance between outputs of one reference over that
    between outputs of different references: 0 = the reference alone decides, 1 = it decides nothing."""
    sketches, references = range(len(grid)), range(len(grid[0]))
    same = [sliced_wasserstein(grid[s][r], grid[t][r]) for r in references for s, t in combinations(sketches, 2)]
    other = [sliced_wasserstein(grid[s][q], grid[s][r]) for s in sketches for q, r in combinations(references, 2)]
    return float(np.mean(same) / max(np.mean(other), 1e-9))


def content_consistency(edges: Sequence[np.ndarray], tolerance: float = 2.0) -> float:
    """Mean pairwise edge F1, in [0,1], among outputs of one sketch under different references ((H,W) bool each)."""
    return float(np.mean([edge_agreement(a, b, tolerance).f1 for a, b in combinations(edges, 2)]))
