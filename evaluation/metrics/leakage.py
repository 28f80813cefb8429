"""Reference leakage: does the reference's layout turn up in the output?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage


def reference_leakage(
    edges: np.ndarray, reference_edges: np.ndarray, lines: np.ndarray, away: float = 4.0, tolerance: float = 2.0
) -> float:
    """Share of the reference's edges farther than `away` pixels from any line of the drawing that turn up in the
    output within `tolerance` pixels. All (H,W) bool at the output's size; in [0,1].

    There is always some by chance: compare with the share for a reference that the output was not given. NaN where
    the reference has no edge away from the lines.
    """
    return leakages(edges, [reference_edges], lines, away, tolerance)[0]


def leakages(
    edges: np.ndarray, references: Sequence[np.ndarray], lines: np.ndarray, away: float = 4.0, tolerance: float = 2.0
) -> list[float]:
    """The same for several references: distances are computed once."""
    if any(r.shape != edges.shape for r in (*references, lines)):
        raise ValueError(f"sizes differ: {edges.shape}, {lines.shape}, {[r.shape for r in references]}")
    free = ndimage.distance_transform_edt(~lines) > away if lines.any() else np.ones_like(lines)
    near = ndimage.distance_transform_edt(~edges) <= tolerance if edges.any() else np.zeros_like(edges)
    wanted = [reference & free for reference in references]
    return [float(near[w].mean()) if w.any() else float("nan") for w in wanted]
