"""Drawings as the pad saves them, and as nobody would draw them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from .outcomes import Expect, Outcome, of_library

_ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**400), 10**400), st.integers(-(10**7), 10**7), st.floats(),
    st.text(max_size=6), st.lists(st.integers(), max_size=3), st.dictionaries(st.text(max_size=3), st.integers()),
)  # fmt: skip


@dataclass(frozen=True)
class DrawingCase:
    """text: what is saved; size: (H,W) to draw it in. good: whether it is a drawing at all, and has visible ink."""

    text: str
    size: tuple[int, int]
    good: bool


@st.composite
def drawings(draw: st.DrawFn) -> DrawingCase:
    size = (draw(st.integers(16, 400)), draw(st.integers(16, 400)))
    if draw(st.booleans()):
        return _sane(draw, size)
    stroke = st.fixed_dictionaries(
        {"s": _mostly(st.integers(1, 163_840)), "p": _mostly(_points(draw(st.sampled_from([1, 2, 30, 300]))))},
        optional={"w": _ODD, "e": _ODD},
    )
    side = _mostly(st.sampled_from([1, 2, 64, 512, 16384]))
    table: dict[str, Any] = {
        "version": draw(_mostly(st.just(1))), "width": draw(side), "height": draw(side),
        "strokes": draw(_mostly(st.lists(_mostly(stroke), min_size=1, max_size=3))),
    }  # fmt: skip
    text = json.dumps(table)
    if draw(st.integers(0, 9)) == 0:
        text = text[: draw(st.integers(0, len(text)))]
    return DrawingCase(text, size, good=False)


def _mostly(usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One in twelve is something else."""
    return st.integers(0, 11).flatmap(lambda n: _ODD if n == 11 else usual)


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
    shown = {"version": 1, "width": width, "height": height, "strokes": strokes}
    # A brush of six pixels in a frame of 2048 is a quarter of a pixel in sixteen.
    scale = min(size[0] / height, size[1] / width)
    first = strokes[0]["p"][:2]
    inside = 0 < first[0] < 10 * width and 0 < first[1] < 10 * height
    return DrawingCase(json.dumps(shown), size, good=inside and min(s["s"] for s in strokes) * scale / 10 > 1)


def try_drawing(case: DrawingCase) -> Outcome:
    from s2i.imaging.drawing import Drawing

    def work() -> bool:
        ink = Drawing.from_json(case.text).render(*case.size)
        sane = tuple(ink.shape) == (1, 1, *case.size) and float(ink.min()) >= 0 and float(ink.max()) <= 1
        return sane and (not case.good or float(ink.sum()) > 0.2)

    return of_library(work, Expect.GOOD if case.good else Expect.ANY)
