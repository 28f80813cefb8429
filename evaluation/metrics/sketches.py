"""Sketches of one picture: how different they are, and whether their lines lie on the picture's edges."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from .edges import edge_agreement, ink_lines, picture_edges


def sketch_diversity(inks: Sequence[np.ndarray], tolerance: float = 2.0) -> float:
    """1 - mean pairwise F1 of the centre lines of K variants, in [0,1]: 0 = all alike."""
    lines = [ink_lines(ink) for ink in inks]
    return 1 - float(np.mean([edge_agreement(a, b, tolerance).f1 for a, b in combinations(lines, 2)]))


def sketch_alignment(ink: np.ndarray, picture: np.ndarray, tolerance: float = 2.0) -> float:
    """Share of a sketch's lines within `tolerance` pixels of a Canny edge of its picture, in [0,1]."""
    return edge_agreement(ink_lines(ink), picture_edges(picture, "canny"), tolerance).precision
