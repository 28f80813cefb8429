"""Cutting the paper off a scan, so that it shows what a known picture shows."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from PIL import Image

from .fingerprints import Fingerprint, grey_grid, likeness

Box = tuple[int, int, int, int]

# (how far from paper in grey levels, share of a line's pixels that are): from a bare margin to a grainy one.
_RULES = ((16, 0.02), (16, 0.1), (16, 0.3), (40, 0.02), (40, 0.1), (40, 0.3))
_LEAST_LEFT = 0.4  # of a side: what would leave less is no margin
_STRETCH = 0.5  # how much likeness an aspect ratio e times the known one costs
_UNTRIMMED = 0.98
_FIRST_STEP, _LAST_STEP = 0.04, 0.003  # of the known picture's width, in the search


def matching_box(picture: Image.Image, known: Fingerprint) -> tuple[Box, float]:
    """-> the part of the picture that is most like the known one, with its aspect ratio, and how like it is.

    A picture of the known aspect ratio that is as good as the known one was never trimmed. Else where the paper ends
    gives a first guess, and the box is moved and scaled for as long as it grows more alike.
    """
    grey = picture.convert("L")
    whole = (0, 0, *picture.size)
    found = likeness(grey_grid(grey), known.grid)
    if picture.size == known.size or (found > _UNTRIMMED and fit_aspect(whole, known.size) == whole):
        return whole, found

    def merit(box: Box) -> float:
        stretch = abs(math.log((box[2] - box[0]) / (box[3] - box[1]) * known.size[1] / known.size[0]))
        return likeness(grey_grid(grey, fit_aspect(box, known.size)), known.grid) - _STRETCH * stretch

    guess = fit_aspect(max((whole, *_paper_boxes(grey)), key=merit), known.size)
    return _refine(grey, guess, known)


def fit_aspect(box: Box, size: tuple[int, int]) -> Box:
    """The largest box in the middle of a box that has the aspect ratio of `size`, to the pixel."""
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    scale = min(width / size[0], height / size[1])
    w, h = min(width, max(1, round(size[0] * scale))), min(height, max(1, round(size[1] * scale)))
    x, y = left + (width - w) // 2, top + (height - h) // 2
    return x, y, x + w, y + h


def paper_box(grey: np.ndarray, tolerance: float, share: float) -> Box:
    """grey (H,W) in 0..255 -> the box of the lines in which more than `share` of the pixels are farther than
    `tolerance` from the paper, which is the median of the outermost pixels. All of it where there is no such line."""
    edge = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    drawn = np.abs(grey - np.median(edge)) > tolerance
    rows, columns = (np.flatnonzero(drawn.mean(axis) > share) for axis in (1, 0))
    if not len(rows) or not len(columns):
        return 0, 0, grey.shape[1], grey.shape[0]
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _paper_boxes(grey: Image.Image) -> Iterator[Box]:
    pixels = np.asarray(grey).astype(np.float32)
    for tolerance, share in _RULES:
        box = paper_box(pixels, tolerance, share)
        if min((box[2] - box[0]) / grey.width, (box[3] - box[1]) / grey.height) >= _LEAST_LEFT:
            yield box


def _refine(grey: Image.Image, guess: Box, known: Fingerprint) -> tuple[Box, float]:
    """Coordinate ascent over the place and the scale of a box with the known aspect ratio."""
    aspect = known.size[1] / known.size[0]

    def boxed(x: float, y: float, width: float) -> Box:
        left, top = round(x), round(y)
        return left, top, left + round(width), top + round(width * aspect)

    def inside(box: Box) -> bool:
        return box[0] >= 0 <= box[1] and box[2] <= grey.width and box[3] <= grey.height and box[2] - box[0] >= 16

    moves = ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0.5, 0.5 * aspect, -1), (-0.5, -0.5 * aspect, 1))
    place = (float(guess[0]), float(guess[1]), float(guess[2] - guess[0]))
    if not inside(boxed(*place)):  # by a rounded pixel
        return guess, likeness(grey_grid(grey, guess), known.grid)
    best, step = likeness(grey_grid(grey, boxed(*place)), known.grid), _FIRST_STEP
    while step >= _LAST_STEP:
        pixels, moved = max(1.0, step * place[2]), False
        for dx, dy, dw in moves:
            tried = (place[0] + dx * pixels, place[1] + dy * pixels, place[2] + dw * pixels)
            if inside(box := boxed(*tried)) and (found := likeness(grey_grid(grey, box), known.grid)) > best:
                place, best, moved = tried, found, True
        step = step if moved else step / 2
    return boxed(*place), best
