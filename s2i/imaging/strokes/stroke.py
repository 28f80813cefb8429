"""One stroke of a drawing, read from its JSON; the format is in `drawing.py`."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import S2IError

UNITS = 10  # a pixel's parts in the file
MAX_SIDE = 16384


class DrawingError(S2IError):
    """A drawing that cannot be read; the message is one line and says what to do."""


@dataclass(frozen=True)
class Stroke:
    """points (N,2) float64 in pixels of the drawing's frame, radii (N,) in the same pixels."""

    points: np.ndarray
    radii: np.ndarray
    erases: bool
    colour: tuple[int, int, int] | None  # of a hint, 0..255; None for ink
    key: str  # what it was read from: equal keys are equal strokes

    def within(self, width: float, height: float) -> Stroke:
        """Nothing farther from a frame of this size than the frame is large, and no brush wider than its diagonal: what
        lies beyond is not seen, but would be drawn pixel by pixel."""
        points = self.points.clip((-width, -height), (2 * width, 2 * height))
        return Stroke(points, self.radii.clip(0, math.hypot(width, height)), self.erases, self.colour, self.key)


def read_stroke(data: Any, index: int) -> Stroke:
    """Stroke `index` of the file's list. Raises `DrawingError`, which counts from one."""
    if not isinstance(data, dict):
        raise DrawingError(f"stroke {index + 1} of the drawing is damaged: undo it, or clear the pad")
    flat, size = _numbers(data.get("p"), index), _numbers([data.get("s")], index)[0]
    count = len(flat) // 2
    shares = np.cumsum(_numbers(data["w"], index)) / 100 if "w" in data else np.ones(count)
    if len(flat) % 2 or len(shares) != count or size <= 0:
        raise DrawingError(f"stroke {index + 1} of the drawing is damaged: undo it, or clear the pad")
    points = np.cumsum(flat.reshape(count, 2), axis=0) / UNITS
    radii = shares.clip(0, 1) * size / UNITS / 2
    erases = bool(data.get("e"))
    colour = None if erases or not data.get("c") else _colour(data["c"], index)
    return Stroke(points, radii, erases, colour, json.dumps(data, sort_keys=True))


def _numbers(value: Any, index: int) -> np.ndarray:
    try:
        found = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):  # the last for a whole number of hundreds of digits
        found = np.empty(0)
    if not found.size or found.ndim != 1 or not np.isfinite(found).all() or np.abs(found).max() > UNITS * MAX_SIDE:
        raise DrawingError(f"stroke {index + 1} of the drawing is damaged: undo it, or clear the pad")
    return found


def _colour(value: Any, index: int) -> tuple[int, int, int]:
    if not isinstance(value, str) or not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise DrawingError(f"stroke {index + 1} of the drawing has the colour {value!r}: it must be like #c8553d")
    return tuple(bytes.fromhex(value[1:]))
