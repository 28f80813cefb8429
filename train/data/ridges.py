"""From an edge-probability map to a line drawing: thin ridges, joined, the short ones dropped."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class RidgeVariant:
    """One way to draw. high, low: hysteresis thresholds on the edge probability; shortest: pixels a line needs
    to stay; softness: sigma of the blur along which lines are found, in pixels; weight: width of the pen, in pixels."""

    high: float
    low: float
    shortest: int
    softness: float = 1.2
    weight: float = 1.3


# From a child's outline to a careful drawing.
RIDGE_VARIANTS = (
    RidgeVariant(0.75, 0.45, 60, 2.2),
    RidgeVariant(0.65, 0.35, 40, 1.6),
    RidgeVariant(0.55, 0.28, 30, 1.4),
    RidgeVariant(0.45, 0.22, 22, 1.2),
    RidgeVariant(0.35, 0.16, 16, 1.0),
    RidgeVariant(0.25, 0.10, 10, 0.9),
)


def draw_ridges(edge: np.ndarray, variant: RidgeVariant) -> np.ndarray:
    """edge (H,W) float in [0,1] -> ink (H,W) float32 in [0,1].

    A pixel is on a ridge where the smoothed map curves down across a direction and is a maximum along it (Steger
    1998, to whole pixels); hysteresis keeps faint stretches of strong lines.
    """
    from scipy import ndimage

    smooth = ndimage.gaussian_filter(edge.astype(np.float32), variant.softness)
    ridge = _local_maxima(smooth) & (smooth > variant.low * 0.6)
    strength = ndimage.maximum_filter(edge, 3) * ridge
    labels, count = ndimage.label(strength > variant.low, structure=np.ones((3, 3)))
    if not count:
        return np.zeros(edge.shape, np.float32)
    numbers = np.arange(1, count + 1)
    peaks = ndimage.maximum(strength, labels, numbers)
    lengths = ndimage.sum_labels(np.ones_like(strength), labels, numbers)
    kept = np.concatenate([[False], (peaks > variant.high) & (lengths >= variant.shortest)])
    return pen(kept[labels], variant.weight)


def _local_maxima(smooth: np.ndarray) -> np.ndarray:
    """(H,W) bool: maxima across the direction of strongest curvature."""
    from scipy import ndimage

    dy, dx = np.gradient(smooth)
    dyy, dyx = np.gradient(dy)
    _, dxx = np.gradient(dx)
    angle = 0.5 * np.arctan2(2 * dyx, dxx - dyy)  # of the eigenvector with the larger eigenvalue
    half_gap = np.hypot((dxx - dyy) / 2, dyx)
    down = (dxx + dyy) / 2 - half_gap  # the smaller eigenvalue: how strongly it curves down
    angle = angle + np.pi / 2
    ny, nx = np.sin(angle), np.cos(angle)
    rows, columns = np.mgrid[: smooth.shape[0], : smooth.shape[1]].astype(np.float32)
    ahead = ndimage.map_coordinates(smooth, [rows + ny, columns + nx], order=1, mode="nearest")
    behind = ndimage.map_coordinates(smooth, [rows - ny, columns - nx], order=1, mode="nearest")
    return (smooth >= ahead) & (smooth > behind) & (down < -1e-4)


def pen(lines: np.ndarray, weight: float) -> np.ndarray:
    """(H,W) bool, one pixel wide -> ink (H,W) float32: a round pen `weight` pixels wide with soft edges."""
    from scipy import ndimage

    distance = ndimage.distance_transform_edt(~lines) if lines.any() else np.full(lines.shape, 99.0)
    return np.clip(weight / 2 + 0.5 - distance, 0, 1).astype(np.float32)
