"""Strokes become the ink they say, at every size, and nothing that is not a drawing gets through."""

from __future__ import annotations

import json
import math
import time

import pytest
import torch

from s2i.errors import S2IError
from s2i.imaging.strokes import drawing, sheets
from s2i.imaging.strokes.drawing import Drawing
from s2i.imaging.strokes.stroke import DrawingError


def stroke(points, size=8.0, shares=None, erases=False):
    """Points in pixels -> a stroke as the pad writes it."""
    def steps(values, stride):
        return [v if i < stride else v - values[i - stride] for i, v in enumerate(values)]

    made = {"s": round(size * 10), "p": steps([round(c * 10) for p in points for c in p], 2)}
    if shares:
        made["w"] = steps([round(100 * s) for s in shares], 1)
    return made | ({"e": 1} if erases else {})


def text(*strokes, width=512, height=512, **more):
    return json.dumps({"version": 1, "width": width, "height": height, "strokes": list(strokes), **more})


def render(*strokes, size=(512, 512), **frame):
    return Drawing.from_json(text(*strokes, **frame)).render(*size)


@pytest.fixture(autouse=True)
def no_sheets_kept(monkeypatch):
    monkeypatch.setattr(sheets, "_sheets", sheets.OrderedDict())


def test_blank():
    ink = Drawing.from_json("").render(96, 64)
    assert ink.shape == (1, 1, 96, 64) and ink.dtype == torch.float32 and not ink.any()


@pytest.mark.parametrize("size", [1.0, 2.5, 4.0, 12.0, 40.0])
def test_a_line_has_its_length_width_and_place(size):
    ink = render(stroke([(100, 256), (300, 256)], size))[0, 0]
    area = 200 * size + math.pi * size**2 / 4
    assert float(ink.sum()) == pytest.approx(area, rel=0.12 if size < 2 else 0.04)
    rows, columns = ink.sum(1), ink.sum(0)
    middle = float((rows * (torch.arange(512) + 0.5)).sum() / rows.sum())
    assert middle == pytest.approx(256, abs=0.3)
    centre = float((columns * (torch.arange(512) + 0.5)).sum() / columns.sum())
    assert centre == pytest.approx(200, abs=0.3)


def test_a_dot_is_a_disc():
    ink = render(stroke([(50, 60)], 20))[0, 0]
    y, x = torch.meshgrid(torch.arange(512) + 0.5, torch.arange(512) + 0.5, indexing="ij")
    disc = (10.5 - torch.hypot(x - 50, y - 60)).clamp(0, 1)
    assert float((ink - disc).abs().max()) < 0.3 and float(ink.sum()) == pytest.approx(math.pi * 100, rel=0.03)


def test_edges_are_smooth():
    ink = render(stroke([(100, 100), (400, 237)], 5))
    levels = ink.unique()
    assert len(levels) > 8 and levels.min() == 0 and levels.max() == 1


def test_pressure_thins():
    ink = render(stroke([(100, 100), (200, 100), (300, 100), (400, 100)], 20, shares=[1, 1, 0.2, 0.2]))[0, 0]
    assert float(ink[:, 120].sum()) == pytest.approx(20, abs=0.6)
    assert float(ink[:, 390].sum()) == pytest.approx(4, abs=0.6)


def test_points_between_bend_the_line():
    ink = render(stroke([(100, 100), (256, 400), (412, 100)], 6))[0, 0]
    # A quadratic curve's middle lies halfway between its control point and the middle of its ends.
    assert ink[250, 256] == 1 and ink[399, 256] == 0 and ink[100, 256] == 0
    assert int((ink.sum(0) > 0).sum()) > 300


def test_the_eraser_takes_only_what_was_there_before():
    line, rub = stroke([(50, 256), (450, 256)], 8), stroke([(256, 200), (256, 300)], 40, erases=True)
    assert render(line)[0, 0, 256, 256] == 1
    assert render(line, rub)[0, 0, 256, 256] == 0 and render(line, rub)[0, 0, 256, 100] == 1
    assert render(line, rub, line)[0, 0, 256, 256] == 1


def test_size_does_not_matter():
    strokes = (stroke([(100, 100), (300, 180), (200, 400)], 10), stroke([(60, 400), (400, 60)], 6))
    small, large = render(*strokes), render(*strokes, size=(1536, 1536))
    shrunk = torch.nn.functional.avg_pool2d(large, 3)
    assert float((shrunk - small).abs().mean()) < 0.002
    assert float(large.sum()) == pytest.approx(9 * float(small.sum()), rel=0.02)


def test_another_shape_fits_the_frame_in_the_middle():
    ink = render(stroke([(0, 256), (512, 256)], 20), size=(256, 1024))[0, 0]
    inked = torch.nonzero(ink.sum(0) > 0)
    assert abs(int(inked[0]) - 384) <= 6 and abs(int(inked[-1]) - 640) <= 6
    assert ink[128, 512] == 1 and float(ink[:, 512].sum()) == pytest.approx(10, abs=0.5)


def test_kept_sheets_change_nothing(monkeypatch):
    strokes = [stroke([(40 * i + 20, 50), (500 - 30 * i, 480)], 3 + i, erases=i == 4) for i in range(8)]
    grown = [render(*strokes[: n + 1]) for n in range(8)]
    undone = render(*strokes[:5])
    monkeypatch.setattr(sheets, "_KEPT_PIXELS", 0)
    sheets._sheets.clear()
    assert all(torch.equal(grown[n], render(*strokes[: n + 1])) for n in range(8))
    assert torch.equal(undone, render(*strokes[:5]))


def test_kept_sheets_are_used_and_few(monkeypatch):
    strokes = [stroke([(20, 20 + 30 * i), (480, 20 + 30 * i)]) for i in range(10)]
    painted = []
    monkeypatch.setattr(sheets, "paint", lambda *a, real=sheets.paint: (painted.append(1), real(*a)))
    for n in range(10):
        render(*strokes[: n + 1])
    assert len(painted) == 10 and len(sheets._sheets) <= 4


def test_large_sheets_stay_bounded():
    ink = render(stroke([(10, 10), (500, 500)], 10), size=(4096, 3072))
    assert ink.shape[-2:] == (4096, 3072) and ink.max() == 1


BAD = {
    "not JSON": "{",
    "not an object": "[]",
    "no strokes": '{"version": 1, "width": 5, "height": 5}',
    "other version": text().replace('"version": 1', '"version": 9'),
    "no width": '{"version": 1, "height": 5, "strokes": []}',
    "huge frame": text(width=10**9),
    "frame is a flag": text(width=True),
    "stroke is a number": '{"version": 1, "width": 5, "height": 5, "strokes": [3]}',
    "odd points": text({"s": 10, "p": [1, 2, 3]}),
    "no points": text({"s": 10, "p": []}),
    "text points": text({"s": 10, "p": ["a", "b"]}),
    "ragged points": text({"s": 10, "p": [[1, 2], 3]}),
    "coordinates of 400 digits": text({"s": 10, "p": [10**400, 2]}),
    "a brush of 400 digits": text({"s": 10**400, "p": [1, 2]}),
    "infinite": text({"s": 10, "p": [1, 2]}).replace("[1, 2]", "[1e999, 2]"),
    "NaN": text({"s": 10, "p": [1, 2]}).replace("[1, 2]", "[NaN, 2]"),
    "no size": text({"p": [1, 2]}),
    "negative size": text({"s": -10, "p": [1, 2]}),
    "unequal widths": text({"s": 10, "p": [1, 2, 3, 4], "w": [100]}),
    "nested past all reason": "[" * 100_000,
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_what_is_not_a_drawing_is_one_clear_sentence(bad):
    with pytest.raises(DrawingError) as error:
        Drawing.from_json(bad)
    assert "\n" not in str(error.value) and 20 < len(str(error.value)) < 140
    assert isinstance(error.value, S2IError)


def test_too_much(monkeypatch):
    monkeypatch.setattr(drawing, "MAX_POINTS", 10)
    with pytest.raises(DrawingError, match="more than 10 points"):
        Drawing.from_json(text(stroke([(i, i) for i in range(11)])))
    monkeypatch.setattr(drawing, "MAX_CHARACTERS", 10)
    with pytest.raises(DrawingError, match="characters"):
        Drawing.from_json(text())
    with pytest.raises(DrawingError, match="must be a text"):
        Drawing.from_json(None)


def test_strokes_off_the_sheet_are_no_error():
    assert not render(stroke([(-900, -900), (-800, -900)])).any()
    assert render(stroke([(-100, 256), (700, 256)], 8))[0, 0, 256].min() == 1


@pytest.mark.parametrize(
    ("points", "size", "frame"),
    [
        ([(0, 0)], 16384, 1),
        ([(10 * i, 10 * i) for i in range(300)], 16384, 512),
        ([(16384 * i, -16384 * i) for i in range(2000)], 2, 16),
    ],
    ids=["a dot", "a line", "far away"],
)
def test_a_brush_beyond_all_reason_takes_no_longer_than_one_that_covers_the_sheet(points, size, frame):
    began = time.perf_counter()
    render(stroke(points, size), width=frame, height=frame)
    assert time.perf_counter() - began < 3


def test_a_brush_of_the_sheets_size_still_covers_it():
    assert render({"s": 163840, "p": [2560, 2560]}).min() == 1


def test_more_paint_than_can_be_drawn_is_said_before_it_is_tried():
    zigzag = [(512 * (i % 2), 512 * (i % 3 == 0)) for i in range(100_000)]
    drawing = Drawing.from_json(text(stroke(zigzag, 300)))
    began = time.perf_counter()
    with pytest.raises(DrawingError, match="more paint"):
        drawing.render(2048, 2048)
    assert time.perf_counter() - began < 2


def test_much_paint_is_drawn_without_smoothing_rather_than_not_at_all():
    zigzag = [(512 * (i % 2), 512 * (i % 3 == 0)) for i in range(60)]
    ink = Drawing.from_json(text(stroke(zigzag, 40))).render(2048, 2048)
    assert ink.shape == (1, 1, 2048, 2048) and set(ink.unique().tolist()) == {0.0, 1.0}

# -- colour hints ----------------------------------------------------------------------------------------------------

RED, BLUE = (200, 85, 61), (40, 60, 160)


def coloured(*strokes):
    return Drawing.from_json(json.dumps({"version": 2, "width": 100, "height": 100, "strokes": list(strokes)}))


def dab(x, y, colour, size=200):
    return {"s": size, "p": [10 * x, 10 * y], "c": "#" + bytes(colour).hex()}


def test_a_dab_is_a_hint_and_no_ink():
    drawing = coloured(dab(30, 50, RED), dab(70, 50, BLUE))
    assert drawing.render(100, 100).max() == 0
    hints = drawing.render_hints(100, 100)
    assert hints.shape == (1, 4, 100, 100) and hints.dtype == torch.float32
    for x, colour in ((30, RED), (70, BLUE)):
        assert hints[0, 3, 50, x] == 1
        assert ((hints[0, :3, 50, x] + 1) * 127.5).round().tolist() == list(colour)
    assert (hints[0, :, 5, 5] == 0).all()
    assert hints[0, 3].mean().item() == pytest.approx(2 * math.pi * 0.01, rel=0.05)


def test_the_edge_of_a_dab_keeps_its_colour():
    """Half covered pixels are half covered, not darker: an average with transparent black would be."""
    hints = coloured(dab(50, 50, RED)).render_hints(100, 100)[0]
    edge = (hints[3] > 0.2) & (hints[3] < 0.8)
    assert edge.sum() > 8
    assert (hints[:3, edge] - (torch.tensor(RED) / 127.5 - 1)[:, None]).abs().max() < 0.02


def test_the_eraser_rubs_out_ink_and_hints_before_it():
    line = {"s": 40, "p": [100, 500, 800, 0]}
    drawing = coloured(line, dab(50, 50, RED), {"s": 400, "p": [500, 500], "e": 1}, dab(80, 50, BLUE, 60))
    hints, ink = drawing.render_hints(100, 100)[0], drawing.render(100, 100)[0, 0]
    assert hints[3, 50, 50] == 0 and ink[50, 50] == 0
    assert hints[3, 50, 80] == 1 and ink[50, 15] == 1


def test_without_hints_there_are_none_and_a_bad_colour_is_named():
    assert Drawing.from_json("").render_hints(64, 64) is None
    with pytest.raises(DrawingError, match=r"stroke 1 .* 'red'"):
        coloured({"s": 10, "p": [5, 5], "c": "red"})
