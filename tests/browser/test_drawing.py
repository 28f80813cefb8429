"""The sheet: mouse, keys, eraser, mirror, undo; files in and out."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.browser.visitor import drop

pytestmark = pytest.mark.xdist_group("page")  # there is one site and one browser

ART = Path("art")


def covered(visitor) -> float:
    return float(visitor.ink().mean())


def test_undo_and_redo_restore_exactly(visit):
    visitor = visit(painter=False)
    visitor.house()
    two = visitor.pixels("ink")
    visitor.page.keyboard.press("Control+z")
    one = visitor.pixels("ink")
    assert 0 < one[..., 3].sum() < two[..., 3].sum()
    visitor.page.click("#undo")
    assert not visitor.pixels("ink").any()
    assert visitor.page.is_disabled("#undo")
    visitor.page.keyboard.press("Control+Shift+z")
    np.testing.assert_array_equal(visitor.pixels("ink"), one)
    visitor.page.click("#redo")
    np.testing.assert_array_equal(visitor.pixels("ink"), two)
    visitor.page.click("#clear")
    assert not visitor.pixels("ink").any()
    visitor.page.keyboard.press("Control+z")
    np.testing.assert_array_equal(visitor.pixels("ink"), two)


def test_the_eraser_takes_ink_away(visit):
    visitor = visit(painter=False)
    visitor.house()
    before = covered(visitor)
    visitor.page.keyboard.press("e")
    visitor.stroke((0.2, 0.4), (0.8, 0.4))
    assert covered(visitor) < before
    visitor.page.keyboard.press("b")
    visitor.stroke((0.2, 0.3), (0.8, 0.3), button="right")  # the other button erases whatever the tool
    assert covered(visitor) < before


def test_the_mirror_draws_both_halves(visit):
    visitor = visit(painter=False)
    visitor.page.keyboard.press("m")
    visitor.stroke((0.2, 0.2), (0.3, 0.8))
    ink = visitor.pixels("ink")[..., 3].astype(int)
    assert np.abs(ink - ink[:, ::-1]).mean() < 0.05
    visitor.page.keyboard.press("Control+z")
    assert not visitor.pixels("ink").any(), "one undo takes both"


def test_one_finger_draws_and_two_look_closer(visit):
    """The stroke that the first finger began is taken back, and a lifted finger leaves none behind."""
    visitor = visit(painter=False, has_touch=True)
    session, box = visitor.page.context.new_cdp_session(visitor.page), visitor.page.locator("#ink").bounding_box()

    def touch(kind, *places):
        points = [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"], "id": i}
                  for i, (x, y) in enumerate(places)]  # fmt: skip
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (0.45, 0.5))
    touch("touchMove", (0.4, 0.5))
    touch("touchStart", (0.4, 0.5), (0.6, 0.5))
    touch("touchMove", (0.2, 0.5), (0.8, 0.5))
    touch("touchMove", (0.1, 0.5), (0.9, 0.5))
    touch("touchEnd", (0.1, 0.5))
    touch("touchMove", (0.1, 0.8))
    touch("touchEnd")
    assert visitor.page.locator("#ink").bounding_box()["width"] > 2 * box["width"]
    assert not visitor.pixels("ink").any()
    touch("touchStart", (0.45, 0.5))
    touch("touchMove", (0.55, 0.5))
    touch("touchEnd")
    assert visitor.pixels("ink").any()


def test_a_painting_by_keys_alone(visit):
    visitor = visit()
    keyboard = visitor.page.keyboard
    for _ in range(40):
        keyboard.press("Tab")
        if visitor.page.evaluate("document.activeElement.id") == "ink":
            break

    def square():
        keyboard.press("Space")
        for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
            for _ in range(6):
                keyboard.press(key)
        keyboard.press("Space")

    visitor.act(square)
    rows, columns = np.nonzero(visitor.pixels("ink")[..., 3])
    assert np.ptp(rows) == pytest.approx(96 + 8, abs=4)
    assert np.ptp(columns) == pytest.approx(96 + 8, abs=4)
    assert visitor.picture().std() > 0
    for _ in range(40):
        keyboard.press("Tab")
        if visitor.page.evaluate("document.activeElement.getAttribute('role')") == "radio" and visitor.page.evaluate(
                "document.activeElement.parentElement.id") == "references":
            break
    before = visitor.picture()
    visitor.act(lambda: keyboard.press("ArrowRight"))
    assert np.abs(visitor.picture() - before).max() > 0


def test_zooming_draws_where_the_pen_is(visit):
    visitor = visit(painter=False)
    visitor.page.mouse.move(*[visitor.page.locator("#ink").bounding_box()[k] + 100 for k in ("x", "y")])
    visitor.page.mouse.wheel(0, -400)
    stage = visitor.page.locator("#sheet-stage").bounding_box()
    assert visitor.page.locator("#ink").bounding_box()["width"] > 2 * stage["width"]
    box = visitor.page.locator("#ink").bounding_box()
    x, y = stage["x"] + 200, stage["y"] + 200
    visitor.page.mouse.move(x, y)
    visitor.page.mouse.down()
    visitor.page.mouse.move(x + 20, y, steps=3)
    visitor.page.mouse.up()
    rows, columns = np.nonzero(visitor.pixels("ink")[..., 3])
    assert rows.mean() == pytest.approx((y - box["y"]) / box["height"] * 1024, abs=3)
    assert columns.mean() == pytest.approx((x + 10 - box["x"]) / box["width"] * 1024, abs=3)
    visitor.page.keyboard.press("0")
    assert visitor.page.locator("#ink").bounding_box()["width"] == pytest.approx(stage["width"], abs=1)


def test_dropped_files_are_drawn_over_and_painted_like(visit, tmp_path):
    visitor = visit()
    visitor.act(lambda: drop(visitor, ART / "sketches" / "horse.png", "drawing"))
    assert 0.005 < covered(visitor) < 0.2
    before = visitor.picture()
    visitor.act(lambda: drop(visitor, ART / "references" / "dusk.jpg", "reference"))
    assert np.abs(visitor.picture() - before).max() > 0
    assert visitor.page.locator("#references [aria-checked=true]").get_attribute("aria-label") == "dusk.jpg"
    ink = visitor.pixels("ink")
    visitor.stroke((0.1, 0.1), (0.2, 0.1))
    assert visitor.pixels("ink")[..., 3].sum() > ink[..., 3].sum(), "one goes on drawing on it"
    (tmp_path / "note.png").write_text("no picture")
    drop(visitor, tmp_path / "note.png", "drawing")
    visitor.page.wait_for_function("() => document.getElementById('status').textContent.includes('note.png')")


def test_a_photograph_of_paper_loses_its_shade(visit, tmp_path):
    from PIL import Image

    drawing = np.asarray(Image.open(ART / "sketches" / "dog.png").convert("L").resize((640, 480))).astype(float) / 255
    y, x = np.mgrid[0:480, 0:640]
    light = 0.85 - 0.4 * (x / 640) - 0.1 * (y / 480)  # a lamp on the left
    noise = np.random.default_rng(0).normal(0, 0.01, drawing.shape)
    photo = (light * (0.25 + 0.75 * drawing) + noise).clip(0, 1)
    Image.fromarray((np.stack([photo, photo * 0.95, photo * 0.85], -1) * 255).astype(np.uint8)).save(
        path := tmp_path / "photo.png")
    visitor = visit(painter=False)
    drop(visitor, path, "drawing")
    visitor.page.wait_for_function("() => document.getElementById('ink').height === 768")
    ink = visitor.ink()[0, 0].numpy()
    assert ink.shape == (768, 1024)
    clean = np.asarray(Image.fromarray((255 * (1 - drawing)).astype(np.uint8)).resize((1024, 768))) / 255
    assert ink[clean < 0.02].mean() < 0.02, "paper is blank, bright or shaded"
    assert ink[clean > 0.9].mean() > 0.6, "lines are ink"


def test_layers_open_elsewhere(visit, tmp_path):
    from PIL import Image

    visitor = visit()
    visitor.act(visitor.house)
    with visitor.page.expect_download(timeout=120_000) as download:
        visitor.page.click("#layers")
    download.value.save_as(path := tmp_path / "painting.ora")
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[0] == "mimetype"
        assert archive.read("mimetype") == b"image/openraster"
        assert archive.read("stack.xml").decode().count("<layer ") == 3
        lines = np.asarray(Image.open(archive.open("data/0.png")))
        np.testing.assert_array_equal(lines[..., 3], visitor.pixels("ink")[..., 3])
        assert Image.open(archive.open("mergedimage.png")).size == (1024, 1024)


def test_a_reader_that_is_not_ours_finds_every_layer(visit, tmp_path):
    pyora = pytest.importorskip("pyora", reason="pip install pyora")
    visitor = visit()
    visitor.act(visitor.house)
    visitor.page.click("[data-tool=dab]")
    visitor.act(lambda: visitor.stroke((0.45, 0.5), (0.55, 0.55)))
    with visitor.page.expect_download(timeout=120_000) as download:
        visitor.page.click("#layers")
    download.value.save_as(path := tmp_path / "painting.ora")
    project = pyora.Project.load(str(path))
    assert project.dimensions == (1024, 1024)
    read = {layer.name: layer for layer in project.children}
    assert set(read) == {"Lines", "Colour dabs", "Painting"}
    assert read["Lines"].visible and not read["Colour dabs"].visible
    found = {name: np.asarray(layer.get_image_data(raw=True).convert("RGBA")) for name, layer in read.items()}
    for name, canvas in (("Lines", "ink"), ("Colour dabs", "dabs")):
        np.testing.assert_array_equal(found[name][..., 3], visitor.pixels(canvas)[..., 3])
        assert found[name][..., 3].any()
    assert found["Painting"][..., :3].std() > 0 and (found["Painting"][..., 3] == 255).all()
