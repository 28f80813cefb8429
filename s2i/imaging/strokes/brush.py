"""A brush's way over a sheet of Pillow's: the curve through a stroke's points, its paint, and how much that is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from .stroke import Stroke

if TYPE_CHECKING:
    import PIL.Image

_SHAPE = 2000  # pixels that one shape costs, however small


def stroke_path(points: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Control points (N,2) and radii (N,), already at the canvas's scale -> the path (M,3): x, y, radius."""
    path = np.concatenate([points, radii[:, None]], axis=1)
    if len(path) < 3:
        return path
    middles = (path[1:-2] + path[2:-1]) / 2
    starts, ends = np.concatenate([path[:1], middles]), np.concatenate([middles, path[-1:]])
    controls = path[1:-1]
    reach = np.hypot(*(controls - starts)[:, :2].T) + np.hypot(*(ends - controls)[:, :2].T)
    steps = _steps(reach)
    curve = np.repeat(np.arange(len(steps)), steps)
    t = ((np.arange(len(curve)) - np.repeat(np.cumsum(steps) - steps, steps) + 1) / steps[curve])[:, None]
    bent = (1 - t) ** 2 * starts[curve] + 2 * t * (1 - t) * controls[curve] + t**2 * ends[curve]
    return np.concatenate([path[:1], bent])


def _steps(length: np.ndarray) -> np.ndarray:
    """Into how many straight pieces a curve of so many canvas pixels is cut."""
    return np.clip(np.ceil(length / 12), 1, 48).astype(int)


def paint(canvas: PIL.Image.Image, path: np.ndarray, value: int | tuple[int, ...]) -> None:
    """A disc at every point of the path and a band between each two: their union is the stroke."""
    from PIL import ImageDraw

    draw = ImageDraw.Draw(canvas)
    x, y, r = path.T
    # Pillow's shapes include their last pixel.
    discs = np.stack([x - r, y - r, x + r - 1, y + r - 1], axis=1).round().astype(int)
    discs[:, 2:] = np.maximum(discs[:, 2:], discs[:, :2])
    for disc in discs.tolist():
        draw.ellipse(disc, fill=value)
    step = np.diff(path[:, :2], axis=0)
    length = np.hypot(*step.T)
    moved = length > 0
    normal = np.stack([-step[:, 1], step[:, 0]], axis=1)[moved] / length[moved, None]
    a, b = path[:-1][moved], path[1:][moved]
    # Half a pixel less on each side, for the same reason.
    a_side, b_side = normal * (a[:, 2:] - 0.5).clip(0), normal * (b[:, 2:] - 0.5).clip(0)
    corners = [a[:, :2] - a_side, b[:, :2] - b_side, b[:, :2] + b_side, a[:, :2] + a_side]
    for band in (np.concatenate(corners, axis=1) - 0.5).round().astype(int).tolist():
        draw.polygon(band, fill=value)


def paint_needed(strokes: Iterable[Stroke], scale: float, canvas: int) -> float:
    """About how many pixels drawing the strokes touches, on a canvas of so many."""
    return sum(_stroke_paint(s.points * scale, s.radii * scale, canvas) for s in strokes)


def _stroke_paint(points: np.ndarray, radii: np.ndarray, canvas: int) -> float:
    length = np.hypot(*np.diff(points, axis=0).T)
    discs = np.minimum(4 * radii**2, canvas) + _SHAPE
    bands = np.minimum(2 * length * radii[1:], canvas) + _SHAPE
    return float(discs.sum() + (_steps(length) * (discs[1:] + bands)).sum())
