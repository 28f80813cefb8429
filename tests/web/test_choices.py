"""Thumbnails to choose from, palette swatches, seeds that stay, and no call that ComfyUI has deprecated."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from PIL import Image

from tools.desk import wait

pytestmark = pytest.mark.xdist_group("comfyui")
ROOT = Path(__file__).parents[2]
VALUE = "app.graph.nodes.find((n) => n.title === 'Sketch').widgets[0].value"


def load(desk, name):
    desk.load(json.loads((ROOT / f"workflows/{name}.json").read_text()))
    desk.fit()


def test_a_picture_is_chosen_by_thumbnail_or_dropped(desk, tmp_path):
    load(desk, "colour-a-sketch")
    galleries = desk.page.locator(".s2i-gallery")
    captions = [galleries.nth(i).inner_text() for i in range(galleries.count())]
    gallery = galleries.nth(next(i for i, text in enumerate(captions) if "horse" in text))
    gallery.locator(".s2i-tile img").first.wait_for()
    wait(lambda: gallery.locator(".s2i-tile img").first.evaluate("i => i.naturalWidth") > 20, what="thumbnails")
    gallery.get_by_role("option", name="sketches/house.png").click()
    assert desk.page.evaluate(VALUE) == "sketches/house.png"
    Image.new("RGB", (96, 64), (200, 80, 60)).save(tmp_path / "my drawing.png")
    gallery.locator("input[type=file]").set_input_files(tmp_path / "my drawing.png")
    wait(lambda: "my drawing" in desk.page.evaluate(VALUE), what="the dropped picture")
    assert desk.page.evaluate(VALUE).endswith(" [input]")
    own = gallery.locator('.s2i-tile[aria-selected="true"] img')
    wait(lambda: own.evaluate("i => i.naturalWidth") > 20, what="its thumbnail")
    desk.screenshot("gallery.png")
    saved = desk.workflow()
    desk.load(saved)
    assert "my drawing" in desk.page.evaluate(VALUE)


def test_a_palette_is_shown_changed_and_locked(desk):
    load(desk, "another-palette")
    desk.run(seconds=240)
    cells = desk.page.locator(".s2i-palette .s2i-cell")
    wait(lambda: cells.count() == 6, what="the swatches")
    cells.nth(1).get_by_role("button").click()
    cells.nth(2).locator("input").evaluate("i => { i.value = '#123456'; i.dispatchEvent(new Event('change')); }")
    text = desk.page.evaluate(
        "app.graph.nodes.find((n) => n.type === 'S2I_Palette').widgets.find((w) => w.name === 'colours').value"
    )
    entries = text.split(", ")
    assert entries[1].split()[0].endswith("!") and entries[2].startswith("#123456!") and "!" not in entries[0]
    desk.run(seconds=240)
    desk.page.wait_for_timeout(500)
    shown = cells.locator("input").evaluate_all("all => all.map((i) => i.value)")
    assert "#123456" in shown and len(shown) == 6
    desk.screenshot("palette.png")


def test_a_saved_style_is_chosen_by_what_it_paints(desk):
    load(desk, "mix-and-save-styles")
    desk.run(seconds=240)
    desk.page.evaluate("app.refreshComboInNodes()")
    desk.page.evaluate("app.graph.add(LiteGraph.createNode('S2I_LoadStyle'))")
    tile = desk.page.locator(".s2i-tile", has=desk.page.locator('img[src*="style_swatch"]')).first
    tile.wait_for(state="attached")
    wait(lambda: tile.locator("img").evaluate("i => i.naturalWidth") == 160, what="the swatch")


def test_a_node_says_where_its_file_went(desk):
    load(desk, "lines-and-layers")
    before = desk.workflow()
    desk.run(seconds=240)
    text = desk.page.locator(".s2i-text")
    text.wait_for()
    assert re.fullmatch(r"Saved layers_\d+_\.ora in .*output.sketch-to-image", text.inner_text())
    desk.screenshot("saved_layers.png")
    kept, first = ({n["id"]: n.get("widgets_values") for n in w["nodes"]} for w in (desk.workflow(), before))
    assert kept == first, "the words of a run are no part of the workflow"


def test_new_nodes_keep_their_seed(desk):
    value = desk.page.evaluate(
        "LiteGraph.createNode('S2I_SketchToImage').widgets.find((w) => w.name === 'control_after_generate').value"
    )
    assert value == "fixed"


def test_nothing_deprecated_is_called(desk):
    heard = []
    desk.page.on("console", lambda message: heard.append(message.text))
    load(desk, "draw-and-paint")
    desk.page.locator(".s2i-canvas").wait_for()
    desk.draw([(0.2, 0.2), (0.8, 0.3)])
    desk.page.wait_for_timeout(300)
    assert not [text for text in heard if re.search("deprecat", text, re.IGNORECASE)]
    # Of the calls without a warning only those behind a newer one remain.
    source = "\n".join(path.read_text() for path in (ROOT / "web/js").rglob("*.js"))
    assert "app.ui" not in source
    renamed = {"app.graph": "app.rootGraph ??", "app.lastNodeErrors": "app.extensionManager?.lastNodeErrors ??"}
    for old, new in renamed.items():
        assert source.count(old) == source.count(f"{new} {old}") == 1
