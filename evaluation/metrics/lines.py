"""A drawing's lines in a painting: are they still there, and how dark are they against what surrounds them?"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .colour import lab
from .edges import ink_lines, pen_reach

_PAPER = 0.15  # ink up to this is paper


def line_recall(edges: np.ndarray, ink: np.ndarray, tolerance: float = 2.0) -> float:
    """Share of the drawing's skeleton within `tolerance` pixels of an edge of the result, in [0,1].

    edges (H,W) bool, ink (H,W) in [0,1]. A stroke wider than four pixels counts as found where an edge follows its
    side (`pen_reach`). NaN for a blank sheet.
    """
    lines = ink_lines(ink)
    if not lines.any():
        return float("nan")
    if not edges.any():
        return 0.0
    distance = ndimage.distance_transform_edt(~edges)[lines] - pen_reach(ink)[lines]
    return float((distance <= tolerance).mean())


def line_darkness(picture: np.ndarray, ink: np.ndarray, away: float = 3.0, sigma: float = 6.0) -> float:
    """Lab lightness around the drawing's thin lines less that on them, mean over the lines; above 0 they are darker.

    Around a line is whatever lies `away` pixels or more from all ink, weighted by a Gaussian of `sigma` pixels: the two
    sides of a contour count alike, so a dark figure on a light ground is no dark line. Strokes wider than four pixels
    are areas rather than lines and are left out, and so is hatching with nothing between. NaN where no line is left.
    """
    clear = ndimage.distance_transform_edt(ink <= _PAPER) >= away
    weight = ndimage.gaussian_filter(clear.astype(float), sigma)
    lines = ink_lines(ink) & (pen_reach(ink) == 0) & (weight > 0.05)
    if not lines.any():
        return float("nan")
    lightness = lab(picture)[..., 0]
    around = ndimage.gaussian_filter(lightness * clear, sigma) / np.maximum(weight, 1e-6)
    return float((around - ndimage.uniform_filter(lightness, 3))[lines].mean())
