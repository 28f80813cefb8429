"""Drawings made of strokes: a few kilobytes of JSON that any size of picture can be made from.

    {"version": 1, "width": 512, "height": 512, "strokes": [{"s": 60, "p": [x, y, dx, dy, ...], "w": [...], "e": 1}]}

width and height are the frame the drawing was made in, in pixels. In a stroke, "s" is the brush's diameter and "p" the
points, the first as it is and each further one as the step from the one before, all in tenths of a pixel. "w", which
may be left out, is the share of the brush that pen pressure left at each point, in percent, coded in the same way.
"c", a colour such as "#c8553d", makes the stroke a colour hint instead of ink; drawings that have any say version 2.
"e": 1 is the eraser, which rubs out both. A stroke is a row of quadratic curves: it starts at its first point and ends
at its last; every point between is a control point, and the curves meet midway between two of them.

The Sketch Pad in the browser (web/js/s2i/ink.js) draws by the same rules; a test holds the two against each other.
"""

from __future__ import annotations

import json
import math
import re
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from ...errors import S2IError

if TYPE_CHECKING:
    import PIL.Image

VERSIONS = (1, 2)  # 2 adds colour hints
UNITS = 10  # a pixel's parts in the file
MAX_SIDE, MAX_POINTS, MAX_CHARACTERS = 16384, 500_000, 8_000_000
_SUPERSAMPLE = {"L": 4, "RGBA": 2}  # hints have no fine edges
_LARGEST_CANVAS = 8192
# Pixels of paint that one drawing may ask for, about two seconds of it. One shape costs as much as so many pixels.
_MOST_PAINT, _SHAPE = 3e9, 2000


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


@dataclass(frozen=True)
class Drawing:
    """A frame of width x height pixels and the strokes in it, in the order they were drawn."""

    width: float
    height: float
    strokes: tuple[Stroke, ...]

    @classmethod
    def from_json(cls, text: str) -> Drawing:
        """Read what the Sketch Pad writes; an empty text is a blank sheet. Raises `DrawingError`."""
        if not isinstance(text, str):
            raise DrawingError(f"the drawing must be a text, found {type(text).__name__}: draw on the Sketch Pad")
        if not text.strip():
            return cls(1, 1, ())
        if len(text) > MAX_CHARACTERS:
            raise DrawingError(f"the drawing has {len(text)} characters; at most {MAX_CHARACTERS}: clear the pad")
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            raise DrawingError("the drawing is not valid JSON: draw on the Sketch Pad, or clear it") from None
        if not isinstance(data, dict) or not isinstance(data.get("strokes"), list):
            raise DrawingError('the drawing has no list of "strokes": draw on the Sketch Pad, or clear it')
        if data.get("version") not in VERSIONS:
            raise DrawingError(f"the drawing's version is {data.get('version')!r}, this pack reads {VERSIONS}: update")
        width, height = (_side(data.get(name), name) for name in ("width", "height"))
        strokes = tuple(_stroke(s, i) for i, s in enumerate(data["strokes"]))
        if sum(len(stroke.points) for stroke in strokes) > MAX_POINTS:
            raise DrawingError(f"the drawing has more than {MAX_POINTS} points: clear the pad")
        return cls(width, height, tuple(stroke.within(width, height) for stroke in strokes))

    def render(self, height: int, width: int) -> Tensor:
        """-> ink (1,1,height,width) float32: the frame scaled to fit, centred, with smooth edges.

        A drawing of very much paint is drawn without the smoothing. Raises `DrawingError` if it is too much even so.
        """
        strokes = tuple(stroke for stroke in self.strokes if stroke.colour is None)
        small = self._reduced("L", strokes, height, width)
        return torch.from_numpy(small.astype(np.float32) / 255)[None, None]

    def render_hints(self, height: int, width: int) -> Tensor | None:
        """-> colour hints (1,4,height,width) float32: RGB in [-1,1], 0 where there is none, and coverage in [0,1].

        None where the drawing has no hints. Raises `DrawingError` as `render` does.
        """
        if all(stroke.colour is None for stroke in self.strokes):
            return None
        strokes = tuple(stroke for stroke in self.strokes if stroke.erases or stroke.colour is not None)
        small = self._reduced("RGBA", strokes, height, width).astype(np.float32) / 255
        coverage = small[..., 3:]
        hints = np.concatenate([np.where(coverage > 0, small[..., :3] * 2 - 1, 0), coverage], axis=2)
        return torch.from_numpy(hints.astype(np.float32)).permute(2, 0, 1)[None].contiguous()

    def _reduced(self, mode: str, strokes: tuple[Stroke, ...], height: int, width: int) -> np.ndarray:
        """The strokes on a sheet of Pillow's `mode`, drawn larger and averaged -> (height,width[,4]) uint8."""
        scale = min(width / self.width, height / self.height)
        offset = np.array([(width - self.width * scale) / 2, (height - self.height * scale) / 2])
        factor = max(1, min(_SUPERSAMPLE[mode], _LARGEST_CANVAS // max(height, width)))
        if _paint_needed(strokes, factor * scale, height * width * factor**2) > _MOST_PAINT:
            factor = 1
            if _paint_needed(strokes, scale, height * width) > _MOST_PAINT:
                raise DrawingError("the drawing has more paint than can be drawn in a few seconds: clear the pad")
        fitted = (factor * scale, tuple(factor * offset))
        canvas = _sheet(mode, (height * factor, width * factor), strokes, fitted)
        # Pillow weighs colours by their alpha when it averages.
        return np.asarray(canvas.reduce(factor) if factor > 1 else canvas)


def _paint_needed(strokes: tuple[Stroke, ...], scale: float, canvas: int) -> float:
    """About how many pixels drawing the strokes touches, on a canvas of so many."""
    return sum(_stroke_paint(s.points * scale, s.radii * scale, canvas) for s in strokes)


def _stroke_paint(points: np.ndarray, radii: np.ndarray, canvas: int) -> float:
    length = np.hypot(*np.diff(points, axis=0).T)
    discs = np.minimum(4 * radii**2, canvas) + _SHAPE
    bands = np.minimum(2 * length * radii[1:], canvas) + _SHAPE
    return float(discs.sum() + (_steps(length) * (discs[1:] + bands)).sum())


def _side(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= MAX_SIDE:
        raise DrawingError(f"the drawing's {name} is {value!r}, not 1 to {MAX_SIDE} pixels: clear the pad")
    return float(value)


def _numbers(value: Any, index: int) -> np.ndarray:
    try:
        found = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):  # the last for a whole number of hundreds of digits
        found = np.empty(0)
    if not found.size or found.ndim != 1 or not np.isfinite(found).all() or np.abs(found).max() > UNITS * MAX_SIDE:
        raise DrawingError(f"stroke {index + 1} of the drawing is damaged: undo it, or clear the pad")
    return found


def _stroke(data: Any, index: int) -> Stroke:
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


def _colour(value: Any, index: int) -> tuple[int, int, int]:
    if not isinstance(value, str) or not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise DrawingError(f"stroke {index + 1} of the drawing has the colour {value!r}: it must be like #c8553d")
    return tuple(bytes.fromhex(value[1:]))


# -- curves ----------------------------------------------------------------------------------------------------------


def _curve(points: np.ndarray, radii: np.ndarray) -> np.ndarray:
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


def _paint(canvas: PIL.Image.Image, path: np.ndarray, value: int | tuple[int, ...]) -> None:
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


# -- sheets ----------------------------------------------------------------------------------------------------------

# While one draws, every picture is the one before plus a stroke: the sheets drawn last are kept.
_sheets: OrderedDict[tuple, PIL.Image.Image] = OrderedDict()
_KEPT, _KEPT_PIXELS = 4, 1 << 24


def _sheet(
    mode: str, shape: tuple[int, int], strokes: tuple[Stroke, ...], fitted: tuple[float, tuple[float, float]]
) -> PIL.Image.Image:
    """The strokes on a sheet of `shape` pixels. mode: "L", 255 = ink, or "RGBA", the hints' colours."""
    import PIL.Image

    scale, offset = fitted
    blank, ink = (0, 255) if mode == "L" else ((0, 0, 0, 0), None)
    keys = ((mode, *shape), fitted, *(stroke.key for stroke in strokes))
    done, canvas = 0, None
    for known in list(_sheets):
        if len(known) > 2 + done and known == keys[: len(known)]:
            done, canvas = len(known) - 2, _sheets[known]
    canvas = PIL.Image.new(mode, shape[::-1]) if canvas is None else canvas.copy()
    for stroke in strokes[done:]:
        path = _curve(stroke.points * scale + offset, stroke.radii * scale)
        _paint(canvas, path, blank if stroke.erases else ink or (*stroke.colour, 255))
    if math.prod(shape) <= _KEPT_PIXELS and strokes:
        _sheets[keys] = canvas
        while len(_sheets) > _KEPT:
            _sheets.popitem(last=False)
    return canvas.copy()
