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
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .brush import paint_needed
from .sheets import sheet
from .stroke import MAX_SIDE, DrawingError, Stroke, read_stroke

VERSIONS = (1, 2)  # 2 adds colour hints
MAX_POINTS, MAX_CHARACTERS = 500_000, 8_000_000
_SUPERSAMPLE = {"L": 4, "RGBA": 2}  # hints have no fine edges
_LARGEST_CANVAS = 8192
_MOST_PAINT = 3e9  # pixels of paint that one drawing may ask for: about two seconds of it


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
        strokes = tuple(read_stroke(s, i) for i, s in enumerate(data["strokes"]))
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
        if paint_needed(strokes, factor * scale, height * width * factor**2) > _MOST_PAINT:
            factor = 1
            if paint_needed(strokes, scale, height * width) > _MOST_PAINT:
                raise DrawingError("the drawing has more paint than can be drawn in a few seconds: clear the pad")
        fitted = (factor * scale, tuple(factor * offset))
        canvas = sheet(mode, (height * factor, width * factor), strokes, fitted)
        # Pillow weighs colours by their alpha when it averages.
        return np.asarray(canvas.reduce(factor) if factor > 1 else canvas)


def _side(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= MAX_SIDE:
        raise DrawingError(f"the drawing's {name} is {value!r}, not 1 to {MAX_SIDE} pixels: clear the pad")
    return float(value)
