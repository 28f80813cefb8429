"""Reference leakage: does the reference's layout turn up in the output?"""

from __future__ import annotations

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
    if not edges.shape == reference_edges.shape == lines.shape:
        raise ValueError(f"sizes differ: {edges.shape}, {reference_edges.shape}, {lines.shape}")
    free = ndimage.distance_transform_edt(~lines) > away if lines.any() else np.ones_like(lines)
    looked_for = reference_edges & free
    if not looked_for.any():
        return float("nan")
    if not edges.any():
        return 0.0
    return float((ndimage.distance_transform_edt(~edges)[looked_for] <= tolerance).mean())
