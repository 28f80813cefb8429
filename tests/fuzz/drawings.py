"""Drawings as the pad saves them, and as nobody would draw them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from hypothesis import strategies as st

from .outcomes import Expect, Outcome, of_library
from .weighted import mostly

Start = tuple[int, int, bool]

_ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**400), 10**400), st.integers(-(10**7), 10**7), st.floats(),
    st.text(max_size=6), st.lists(st.integers(), max_size=3), st.dictionaries(st.text(max_size=3), st.integers()),
)  # fmt: skip


@dataclass(frozen=True)
class DrawingCase:
    """text: what is saved; size: (H,W) to draw it in. good: whether it is a drawing at all, of strokes that are seen;
    starts: (row, column, whether it is a hint of colour) of its strokes."""

    text: str
    size: tuple[int, int]
    good: bool
    starts: tuple[Start, ...] = ()


@st.composite
def drawings(draw: st.DrawFn) -> DrawingCase:
    size = (draw(st.integers(16, 400)), draw(st.integers(16, 400)))
    if draw(st.booleans()):
        return _sane(draw, size)
    stroke = st.fixed_dictionaries(
        {"s": _mostly(st.integers(1, 163_840)), "p": _mostly(_points(draw(st.sampled_from([1, 2, 30, 300]))))},
        optional={"w": _ODD, "e": _ODD, "c": st.one_of(_ODD, st.just("#c8553d"))},
    )
    side = _mostly(st.sampled_from([1, 2, 64, 512, 16384]))
    table: dict[str, Any] = {
        "version": draw(_mostly(st.sampled_from([1, 2]))), "width": draw(side), "height": draw(side),
        "strokes": draw(_mostly(st.lists(_mostly(stroke), min_size=1, max_size=3))),
    }  # fmt: skip
    text = json.dumps(table)
    if draw(st.integers(0, 9)) == 0:
        text = text[: draw(st.integers(0, len(text)))]
    return DrawingCase(text, size, good=False)


def _mostly(usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return mostly(usual, _ODD, 11)


def _points(count: int) -> st.SearchStrategy[list[int]]:
    """So many places, anywhere in the largest frame, from few numbers: thousands of draws would only take time."""
    few = st.lists(st.integers(-163_840, 163_840), min_size=2, max_size=8)
    return few.map(lambda numbers: [numbers[i % len(numbers)] for i in range(2 * count)])


def _sane(draw: st.DrawFn, size: tuple[int, int]) -> DrawingCase:
    width, height = draw(st.integers(64, 2048)), draw(st.integers(64, 2048))
    strokes = []
    for _ in range(draw(st.integers(1, 6))):
        count = draw(st.integers(1, 20))
        start = [draw(st.integers(0, 10 * width)), draw(st.integers(0, 10 * height))]
        steps = draw(st.lists(st.integers(-200, 200), min_size=2 * count, max_size=2 * count))
        stroke: dict[str, Any] = {"s": draw(st.integers(60, 600)), "p": start + steps}
        if draw(st.booleans()):
            stroke["w"] = [100] + [0] * count
        strokes.append(stroke)
    dabs = draw(st.integers(0, 2)) if _reads_dabs() else 0  # the last strokes become hints of colour, but for the first
    for stroke in strokes[1:][-dabs:] if dabs else []:
        stroke["c"] = draw(st.sampled_from(["#c8553d", "#000000", "#FFFFFF"]))
    shown = {"version": 2 if dabs else 1, "width": width, "height": height, "strokes": strokes}
    # A brush of six pixels in a frame of 2048 is a quarter of a pixel in sixteen.
    scale = min(size[0] / height, size[1] / width)
    wide = min(s["s"] for s in strokes) * scale / 10 > 1
    return DrawingCase(json.dumps(shown), size, wide, tuple(_starts(strokes, width, height, size)) if wide else ())


def _reads_dabs() -> bool:
    """Not before the second version, which `tests.fuzz.before` may be running."""
    from s2i.imaging.strokes import drawing

    return 2 in getattr(drawing, "VERSIONS", ())


def _starts(strokes: list[dict[str, Any]], width: int, height: int, size: tuple[int, int]) -> Iterator[Start]:
    """Where on the sheet each stroke starts that starts inside it."""
    scale = min(size[0] / height, size[1] / width)
    top, left = (size[0] - height * scale) / 2, (size[1] - width * scale) / 2
    for stroke in strokes:
        row, column = int(stroke["p"][1] / 10 * scale + top), int(stroke["p"][0] / 10 * scale + left)
        if 0 <= row < size[0] and 0 <= column < size[1]:
            yield row, column, "c" in stroke


def try_drawing(case: DrawingCase) -> Outcome:
    from s2i.imaging.strokes.drawing import Drawing

    def work() -> bool:
        drawing = Drawing.from_json(case.text)
        ink, hints = drawing.render(*case.size), drawing.render_hints(*case.size)
        if not _in_range(ink, (1, 1, *case.size), 0) or not (hints is None or _in_range(hints, (1, 4, *case.size), -1)):
            return False
        # Nothing is rubbed out in a good drawing, so there is paint where a stroke starts.
        return all(float((hints if dab else ink)[0, -1, row, column]) > 0.1 for row, column, dab in case.starts)

    return of_library(work, Expect.GOOD if case.good else Expect.ANY)


def _in_range(x: torch.Tensor, shape: tuple[int, ...], least: float) -> bool:
    return tuple(x.shape) == shape and float(x.min()) >= least and float(x.max()) <= 1
