"""Colour hints on the pad: dabs, the reference's colours, undo, eraser, saved; and the pad inside a subgraph."""

from __future__ import annotations

import io
import json
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tools.desk import wait

pytestmark = pytest.mark.xdist_group("comfyui")
WORKFLOWS = Path(__file__).parents[2] / "workflows"


def saved_picture(desk):
    """What Save Image shows, (H,W,3) uint8."""
    url = desk.page.evaluate("app.graph.nodes.find((n) => n.type === 'SaveImage').imgs[0].src")
    with urllib.request.urlopen(url.split("&preview=")[0], timeout=20) as reply:
        return np.asarray(Image.open(io.BytesIO(reply.read())).convert("RGB"))


@pytest.fixture
def pad(desk):
    workflow = json.loads((WORKFLOWS / "draw-and-paint.json").read_text())
    node = next(n for n in workflow["nodes"] if n["type"] == "S2I_SketchPad")
    node["properties"]["s2i_live"] = False
    node["widgets_values"][2] = ""
    desk.load(workflow)
    desk.fit()
    desk.page.locator(".s2i-canvas").wait_for()
    return desk


def test_dabs_are_drawn_undone_erased_and_saved(pad):
    pad.tool("Colour hints").click()
    wait(lambda: pad.page.locator(".s2i-swatch").count() >= 4, what="the reference's colours")
    swatch = pad.page.locator(".s2i-swatch").nth(2)
    colour = swatch.get_attribute("title")
    swatch.click()
    pad.draw([(0.3, 0.3), (0.36, 0.32)])
    drawing = pad.drawing()
    assert drawing["version"] == 2 and drawing["strokes"][-1]["c"] == colour
    pad.page.keyboard.press("b")
    pad.draw([(0.1, 0.8), (0.9, 0.8)])
    pad.page.keyboard.press("Control+z")
    pad.page.keyboard.press("Control+z")
    wait(lambda: pad.strokes() == 0, what="undo of line and dab")
    pad.page.keyboard.press("Control+Shift+z")
    wait(lambda: pad.strokes() == 1, what="redo of the dab")
    pad.screenshot("hints.png")
    saved, drawn = pad.workflow(), pad.drawing()
    pad.load(saved)
    assert pad.drawing() == drawn
    before = pad.ink()
    pad.page.keyboard.press("e")
    pad.draw([(0.2, 0.3), (0.5, 0.32)], button="right")
    assert pad.ink() < before and pad.drawing()["strokes"][-1]["e"] == 1


def test_the_eyedropper_picks_from_the_reference(pad):
    pad.tool("Colour hints").click()
    wait(lambda: pad.page.locator(".s2i-swatch").count() >= 4, what="the reference's colours")
    pad.tool("Pick a colour").click()
    picture = pad.page.locator(".s2i-reference canvas")
    picture.wait_for()
    box = picture.bounding_box()
    expected = picture.evaluate(
        """c => { const d = c.getContext('2d').getImageData(c.width / 2 - 1.5, c.height / 4 - 1.5, 3, 3).data;
                  return [0, 1, 2].map((k) => [...d].filter((_, i) => i % 4 === k).reduce((a, b) => a + b) / 9); }"""
    )
    pad.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 4)
    pad.draw([(0.5, 0.5)])
    found = bytes.fromhex(pad.drawing()["strokes"][-1]["c"][1:])
    assert np.abs(np.array(list(found)) - expected).max() < 24
    assert picture.is_hidden()


def test_a_dab_changes_what_is_painted(desk):
    workflow = json.loads((WORKFLOWS / "colour-hints.json").read_text())
    desk.load(workflow)
    pictures, shown = [], ""
    for hints in (True, False):
        if not hints:
            desk.page.evaluate(
                "() => { const n = app.graph.nodes.find((n) => n.type === 'S2I_SketchToImage');"
                " n.disconnectInput(n.inputs.findIndex((i) => i.name === 'hints')); }"
            )
        desk.run(seconds=240)
        # The picture of the run before stays until this one's has arrived.
        image = "app.graph.nodes.find((n) => n.type === 'SaveImage').imgs?.[0]"
        desk.wait_until(f"shown => {image}?.naturalWidth > 0 && {image}.src !== shown", shown)
        shown = desk.page.evaluate(f"{image}.src")
        pictures.append(saved_picture(desk).astype(float))
    assert np.abs(pictures[0] - pictures[1]).max() > 25


def test_the_pad_works_inside_a_subgraph(pad):
    page = pad.page
    page.evaluate(
        """() => { const pad = app.graph.nodes.find((n) => n.type === 'S2I_SketchPad');
                   const { node } = app.graph.convertToSubgraph(new Set([pad]));
                   app.canvas.openSubgraph(node.subgraph, node); }"""
    )
    page.locator(".s2i-canvas").wait_for()
    inside = "app.canvas.graph.nodes.find((n) => n.type === 'S2I_SketchPad')"
    page.wait_for_timeout(800)
    pad.draw([(0.1, 0.4), (0.9, 0.6)])
    text = page.evaluate(f"{inside}.widgets.find((w) => w.name === 'drawing').value")
    assert len(json.loads(text)["strokes"]) == 1
    pad.tool("Colour hints").click()
    wait(lambda: page.locator(".s2i-swatch").count() >= 4, what="the colours of the reference outside")
    pad.screenshot("pad_in_subgraph.png")
    pad.forget_runs()
    pad.tool("Live").click()
    pad.wait_until("s2iRuns.finished.length > 0", seconds=120)
    assert page.evaluate("s2iRuns.finished[0]") == "execution_success"
    pad.tool("Live").click()
    page.evaluate("app.canvas.setGraph(app.rootGraph ?? app.graph)")
    page.wait_for_timeout(500)
    saved = json.loads(page.evaluate("JSON.stringify((app.rootGraph ?? app.graph).serialize())"))
    assert text in json.dumps(saved["definitions"], ensure_ascii=False).encode().decode("unicode_escape")
