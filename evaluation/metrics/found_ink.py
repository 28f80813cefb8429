"""How much of a drawing's ink was found on its page, and how much else."""

from __future__ import annotations

import numpy as np


def f1(found: np.ndarray, ink: np.ndarray) -> float:
    """F1 of the inked pixels: found (H,W) bool, the true ink (H,W) in [0,1]. An edge pixel that is half paper counts
    neither way."""
    sure = (ink > 0.5) | (ink < 0.15)
    found, truth = found & sure, ink > 0.5
    both = (found & truth).sum()
    return float(2 * both / max(1, found.sum() + truth.sum()))
