"""Content: are the output's edges where the drawing's lines are?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from skimage.color import rgb2gray
from skimage.feature import canny
from skimage.morphology import skeletonize
from skimage.segmentation import find_boundaries

EXTRACTORS = ("canny", "xdog")


@dataclass(frozen=True)
class EdgeAgreement:
    """precision: share of the output's edges near a line; recall: share of the lines near an edge; f1: their harmonic
    mean; all in [0,1], 1 is best. chamfer: mean of both directions' mean distances, in pixels, 0 is best."""

    precision: float
    recall: float
    f1: float
    chamfer: float


def ink_lines(ink: np.ndarray, threshold: float = 0.4) -> np.ndarray:
    """Ink (H,W) in [0,1] -> its centre lines, (H,W) bool, one pixel wide."""
    return skeletonize(ink > threshold)


def pen_reach(ink: np.ndarray, threshold: float = 0.4) -> np.ndarray:
    """Ink (H,W) in [0,1] -> (H,W) float, at each inked pixel how far the stroke's side is, in pixels.

    0 for pens of up to three pixels: both of their sides lie within the tolerances as it is. A felt pen's do not, and
    a painter that follows its outline must not count as missing the line.
    """
    depth = ndimage.distance_transform_edt(ink > threshold)
    return np.where(depth > 2, depth - 0.5, 0.0)


def picture_edges(picture: np.ndarray, extractor: str = "canny") -> np.ndarray:
    """Picture (H,W,3) uint8 -> edges (H,W) bool, by an extractor that no model here was trained with.

    "canny": scikit-image's, on brightness, thresholds at fixed contrasts, so that a washed-out picture has fewer
    edges. "xdog": outlines of XDoG's ink (Winnemöller et al. 2012), which fills dark areas.
    """
    if extractor == "canny":
        return canny(rgb2gray(picture), sigma=1.4, low_threshold=0.04, high_threshold=0.1)
    if extractor == "xdog":
        return _xdog_outlines(picture)
    raise ValueError(f"extractor must be one of {', '.join(EXTRACTORS)}, not {extractor!r}")


def _xdog_outlines(picture: np.ndarray) -> np.ndarray:
    from s2i.imaging.edges.xdog import xdog
    from s2i.imaging.pixels.layouts import uint8_to_image

    ink = xdog(uint8_to_image(picture), sigma=1.0, p=12.0, epsilon=0.4)[0, 0].numpy() > 0.5
    return find_boundaries(ink, mode="inner")


def edge_agreement(
    edges: np.ndarray, lines: np.ndarray, tolerance: float = 2.0, reach: np.ndarray | None = None
) -> EdgeAgreement:
    """Edges of an output and lines of its drawing, both (H,W) bool -> how well they agree within `tolerance` pixels.

    As boundary benchmarks do (Martin et al. 2004), without their one-to-one assignment: a line's two sides are both
    right, and `reach` (see `pen_reach`; 0 by default) says how far off the centre a heavy pen's sides are. Without any
    edge, precision is 0 and the chamfer distance the picture's diagonal; no lines count alike.
    """
    return edge_agreements(edges, lines, (tolerance,), reach)[0]


def edge_agreements(
    edges: np.ndarray, lines: np.ndarray, tolerances: Sequence[float], reach: np.ndarray | None = None
) -> list[EdgeAgreement]:
    """The same at several tolerances: distances are computed once."""
    if edges.shape != lines.shape:
        raise ValueError(f"edges {edges.shape} and lines {lines.shape} differ in size")
    reach = np.zeros(lines.shape) if reach is None else reach
    to_line = _distances(edges, lines, reach)
    to_edge = np.maximum(_distances(lines, edges) - reach[lines], 0) if edges.any() else _distances(lines, edges)
    return [_agreement(to_line, to_edge, t, float(np.hypot(*edges.shape))) for t in tolerances]


def _agreement(to_line: np.ndarray, to_edge: np.ndarray, tolerance: float, far: float) -> EdgeAgreement:
    precision = float((to_line <= tolerance).mean()) if len(to_line) else 0.0
    recall = float((to_edge <= tolerance).mean()) if len(to_edge) else 0.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    chamfer = (float(to_line.mean()) + float(to_edge.mean())) / 2 if len(to_line) and len(to_edge) else far
    return EdgeAgreement(precision, recall, f1, chamfer)


def _distances(points: np.ndarray, targets: np.ndarray, reach: np.ndarray | None = None) -> np.ndarray:
    """From each of `points` to the nearest of `targets`, less that one's reach, in pixels, (N,)."""
    if not targets.any():
        return np.full(int(points.sum()), np.hypot(*points.shape))
    if reach is None or not reach.any():
        return ndimage.distance_transform_edt(~targets)[points]
    distance, (row, column) = ndimage.distance_transform_edt(~targets, return_indices=True)
    return np.maximum(distance - reach[row, column], 0)[points]
