"""What a user does at the graph, done in a real browser at a real ComfyUI. Screenshots go to tests/artifacts/."""

from __future__ import annotations

import base64
import io
import json
import math
import urllib.parse
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from s2i.imaging.strokes.drawing import Drawing
from tools.desk import wait

pytestmark = pytest.mark.xdist_group("comfyui")
WORKFLOWS = Path(__file__).parents[2] / "workflows"

CIRCLE = [(0.5 + 0.3 * math.cos(t / 16 * math.pi), 0.5 + 0.3 * math.sin(t / 16 * math.pi)) for t in range(33)]
WAVE = [(0.15 + 0.07 * i, 0.5 + 0.2 * math.sin(i)) for i in range(11)]
BAR, POST = [(0.2, 0.85), (0.8, 0.85)], [(0.5, 0.1), (0.5, 0.9)]


def pad_and_preview(drawing="", size=(512, 512), **properties):
    """A Sketch Pad whose picture and mask are shown: the smallest graph it is of use in."""
    def node(number, kind, x, inputs=(), outputs=(), values=(), height=560, **more):
        return {
            "id": number, "type": kind, "pos": [x, 60], "size": [420, height], "flags": {}, "order": number, "mode": 0,
            "inputs": list(inputs), "outputs": list(outputs), "properties": more, "widgets_values": list(values),
        }

    picture = {"name": "sketch", "type": "IMAGE", "links": [1], "slot_index": 0}
    mask = {"name": "ink", "type": "MASK", "links": [], "slot_index": 1}
    return {
        "version": 0.4, "last_node_id": 2, "last_link_id": 1, "groups": [], "config": {}, "extra": {},
        "links": [[1, 1, 0, 2, 0, "IMAGE"]],
        "nodes": [
            node(1, "S2I_SketchPad", 60, outputs=[picture, mask], values=[*size, drawing], **properties),
            node(2, "PreviewImage", 540, inputs=[{"name": "images", "type": "IMAGE", "link": 1}]),
        ],
    }


def shown_picture(desk, node=2):
    """The picture that a preview node shows, (H,W,3) uint8."""
    url = desk.page.evaluate("id => app.graph.getNodeById(id).imgs[0].src", node)
    with urllib.request.urlopen(url.split("&preview=")[0], timeout=20) as reply:
        return np.asarray(Image.open(io.BytesIO(reply.read())).convert("RGB"))


def rendered(drawing, height=512, width=512):
    """What the engine makes of a drawing, (H,W) uint8 as in the picture: 255 = paper."""
    ink = Drawing.from_json(json.dumps(drawing) if drawing else "").render(height, width)[0, 0].numpy()
    return ((1 - ink) * 255).round().astype(np.uint8)


@pytest.fixture
def pad(desk):
    desk.load(pad_and_preview())
    desk.page.locator(".s2i-canvas").wait_for()
    return desk


# -- drawing ---------------------------------------------------------------------------------------------------------


def test_draw_run_undo_save_reload_repaint(pad):
    pad.draw(CIRCLE)
    pad.draw(BAR)
    assert pad.strokes() == 2
    before = pad.ink()
    pad.draw(WAVE)
    assert pad.strokes() == 3 and pad.ink() > before
    pad.page.keyboard.press("Control+z")
    wait(lambda: pad.strokes() == 2, what="undo")
    assert pad.ink() == before
    pad.page.keyboard.press("Control+Shift+z")
    wait(lambda: pad.strokes() == 3, what="redo")
    pad.page.keyboard.press("Control+z")
    wait(lambda: pad.strokes() == 2, what="undo")

    pad.run()
    pad.previews()
    assert np.abs(shown_picture(pad)[..., 0].astype(int) - rendered(pad.drawing())).max() <= 1
    pad.screenshot("pad_drawn.png")

    saved, drawn = pad.workflow(), pad.drawing()
    assert json.dumps(drawn, separators=(",", ":")) in next(n for n in saved["nodes"] if n["id"] == 1)["widgets_values"]
    pad.load(pad_and_preview())
    assert pad.strokes() == 0 and pad.ink() == 0
    pad.load(saved)
    assert pad.drawing() == drawn and pad.ink() == before
    pad.screenshot("pad_reloaded.png")
    # A drawing from a file has no history, yet its last stroke can be taken back.
    pad.tool("Undo").click()
    assert pad.strokes() == 1


def test_the_page_can_be_reloaded(desk):
    desk.load(pad_and_preview())
    desk.draw(CIRCLE)
    drawn, ink = desk.drawing(), desk.ink()
    # ComfyUI keeps the open workflow a moment after its last change.
    desk.page.wait_for_timeout(1500)
    desk.open()
    desk.page.locator(".s2i-canvas").wait_for()
    wait(lambda: desk.drawing() == drawn, what="the drawing's return")
    assert desk.ink() == ink


def test_undo_in_the_pad_leaves_the_graph_alone(pad):
    pad.page.evaluate("app.graph.add(LiteGraph.createNode('PreviewImage'))")
    pad.draw(CIRCLE)
    for _ in range(4):
        pad.page.keyboard.press("Control+z")
        pad.page.wait_for_timeout(80)
    assert pad.strokes() == 0 and pad.page.evaluate("app.graph.nodes.length") == 3
    # Delete belongs to the graph too, but not while one draws.
    pad.draw(BAR)
    pad.page.keyboard.press("Delete")
    pad.page.wait_for_timeout(100)
    assert pad.page.evaluate("app.graph.nodes.length") == 3 and pad.strokes() == 1


def test_copy_and_paste(pad):
    pad.draw(CIRCLE)
    pad.page.evaluate(
        "app.canvas.selectNode(app.graph.getNodeById(1)); app.canvas.copyToClipboard(); app.canvas.pasteFromClipboard()"
    )
    wait(lambda: pad.page.locator(".s2i-canvas").count() == 2, what="the second pad")
    assert pad.drawing(0) == pad.drawing(1)
    # Two sheets, not one shown twice.
    pad.draw(BAR, pad=1)
    assert sorted([pad.strokes(0), pad.strokes(1)]) == [1, 2]


def test_eraser_size_and_clear(pad):
    pad.draw(POST)
    thin = pad.ink()
    pad.tool("Clear").click()
    assert pad.drawing() is None and pad.ink() == 0
    for _ in range(8):
        pad.page.keyboard.press("]")
    pad.draw(POST)
    assert pad.ink() > 2.5 * thin
    whole = pad.ink()
    pad.draw([(0.3, 0.5), (0.7, 0.5)], button="right")
    assert pad.drawing()["strokes"][-1]["e"] == 1 and pad.ink() < whole
    pad.page.keyboard.press("e")
    assert pad.tool("Eraser").get_attribute("aria-pressed") == "true"
    pad.draw([(0.3, 0.3), (0.7, 0.3)])
    assert pad.drawing()["strokes"][-1]["e"] == 1 and pad.strokes() == 3
    pad.page.keyboard.press("b")
    pad.draw(BAR)
    assert "e" not in pad.drawing()["strokes"][-1]


def test_pen_pressure_palm_and_many_points_a_frame(pad):
    pad.page.evaluate(
        """() => {
            const canvas = document.querySelector('.s2i-canvas'), box = canvas.getBoundingClientRect();
            canvas.setPointerCapture = () => {};
            const event = (type, x, y, pressure, pointerType = 'pen') => new PointerEvent(type, {
                clientX: box.left + x * box.width, clientY: box.top + y * box.height, pressure, pointerType,
                pointerId: 7, isPrimary: true, button: type === 'pointermove' ? -1 : 0, buttons: 1,
                bubbles: true, cancelable: true,
            });
            canvas.dispatchEvent(event('pointerdown', 0.1, 0.5, 0.05));
            const move = event('pointermove', 0.9, 0.5, 1);
            move.getCoalescedEvents = () =>
                [...Array(80)].map((_, i) => event('pointermove', 0.1 + i / 100, 0.5, Math.min(1, 0.05 + i / 60)));
            canvas.dispatchEvent(move);
            canvas.dispatchEvent(event('pointerup', 0.9, 0.5, 0));
            // The hand that holds the pen also touches the screen.
            canvas.dispatchEvent(event('pointerdown', 0.2, 0.9, 1, 'touch'));
            canvas.dispatchEvent(event('pointerup', 0.3, 0.9, 1, 'touch'));
        }"""
    )
    (stroke,) = pad.drawing()["strokes"]
    assert len(stroke["p"]) > 120
    shares = np.cumsum(stroke["w"])
    assert shares[0] < 30 and shares[-1] > 95 and (np.diff(shares) >= 0).all()
    picture = 255 - rendered(pad.drawing()).astype(float)
    assert picture[:, 440].sum() > 2 * picture[:, 70].sum()


def test_browser_and_server_draw_the_same(pad):
    pad.draw(CIRCLE)
    pad.draw(WAVE)
    pad.draw([(0.1, 0.2), (0.9, 0.25)], button="right")
    pad.draw([(0.3, 0.3)])
    drawing = pad.drawing()
    for height, width in ((512, 512), (384, 640), (1024, 1024)):
        found = pad.page.evaluate(
            """async ([text, w, h]) => {
                const all = await (await fetch('/extensions')).json();
                const folder = all.find((path) => path.endsWith('s2i_sketch_pad.js')).replace(/[^/]*$/, 's2i/');
                const [{ paintDrawing }, { parse }] =
                    await Promise.all([import(folder + 'ink.js'), import(folder + 'drawing.js')]);
                const canvas = Object.assign(document.createElement('canvas'), {width: w, height: h});
                const context = canvas.getContext('2d');
                paintDrawing(context, parse(text, w, h));
                return canvas.toDataURL('image/png').split(',')[1];
            }""",
            [json.dumps(drawing), width, height],
        )
        browser = np.asarray(Image.open(io.BytesIO(base64.b64decode(found))))[..., 3].astype(float) / 255
        server = 1 - rendered(drawing, height, width).astype(float) / 255
        assert browser.sum() == pytest.approx(server.sum(), rel=0.03)
        inked = (browser > 0) | (server > 0)
        assert np.abs(browser - server)[inked].mean() < 0.06 and np.abs(browser - server).max() < 0.6


def test_another_size_and_a_link_for_it(pad):
    pad.draw(CIRCLE)
    pad.page.evaluate(
        """() => { const w = app.graph.getNodeById(1).widgets.find((w) => w.name === 'width');
                   w.value = 768; w.callback(768); }"""
    )
    box = pad.page.locator(".s2i-canvas").bounding_box()
    assert box["width"] / box["height"] == pytest.approx(1.5, abs=0.02)
    pad.run()
    pad.previews()
    picture = shown_picture(pad)
    assert picture.shape == (512, 768, 3)
    columns = np.nonzero((picture[..., 0] < 128).any(0))[0]
    assert columns.min() + columns.max() == pytest.approx(767, abs=4)  # in the middle
    pad.draw(BAR)
    assert pad.drawing()["width"] == 768 and pad.strokes() == 2


def test_the_underlay_is_traced_and_never_comes_out(pad, tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (300, 600, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "to trace.png")
    pad.page.locator(".s2i-pad input[type=file]").set_input_files(tmp_path / "to trace.png")
    pad.wait_until("document.querySelector('.s2i-underlay').naturalWidth === 600")
    pad.draw(CIRCLE)
    pad.tool("Give the sheet").click()
    saved = next(n for n in pad.workflow()["nodes"] if n["id"] == 1)
    assert saved["widgets_values"][:2] == [728, 360]
    pad.screenshot("pad_underlay.png")
    pad.run()
    pad.previews()
    assert np.abs(shown_picture(pad)[..., 0].astype(int) - rendered(pad.drawing(), 360, 728)).max() <= 1
    # It comes back with the workflow.
    pad.load(pad.workflow())
    pad.wait_until("document.querySelector('.s2i-underlay').naturalWidth === 600")
    pad.tool("Remove").click()
    assert pad.page.locator(".s2i-underlay").is_hidden()


def test_a_damaged_drawing_is_one_sentence_and_the_next_run_is_fine(desk):
    desk.load(pad_and_preview(drawing='{"version": 1, "strokes": "none"}'))
    with pytest.raises(RuntimeError, match="the drawing has no list"):
        desk.run()
    desk.page.keyboard.press("Escape")
    desk.page.wait_for_timeout(400)
    desk.draw(CIRCLE)
    desk.run()
    desk.previews()
    assert (shown_picture(desk) < 128).any()


# -- live ------------------------------------------------------------------------------------------------------------


def test_live_repaints_after_strokes_and_never_piles_up(pad):
    pad.forget_runs()  # an earlier test's, or the wait below would not be for the run that switching on makes
    pad.tool("Live").click()
    pad.wait_until("s2iRuns.finished.length > 0 && s2iRuns.waiting === 0")
    pad.forget_runs()
    for i in range(8):
        pad.draw([(0.1, 0.1 + 0.1 * i), (0.9, 0.12 + 0.1 * i)])
    wait(lambda: pad.page.evaluate("s2iRuns.posted > 0 && s2iRuns.waiting === 0"), what="the runs' end")
    pad.page.wait_for_timeout(300)
    runs = pad.page.evaluate("s2iRuns")
    assert 1 <= runs["posted"] <= 8 and runs["mostWaiting"] == 1
    expected = rendered(pad.drawing())
    assert pad.strokes() == 8
    wait(lambda: np.abs(shown_picture(pad)[..., 0].astype(int) - expected).max() <= 1, what="the last stroke's picture")
    pad.screenshot("pad_live.png")
    pad.tool("Live").click()
    posted = pad.page.evaluate("s2iRuns.posted")
    pad.draw(CIRCLE)
    pad.page.wait_for_timeout(400)
    assert pad.page.evaluate("s2iRuns.posted") == posted


_HASTE = """() => {
    let up = 0;
    const queue = app.queuePrompt;
    window.s2iHaste = [];
    addEventListener('pointerup', () => (up = performance.now()), { capture: true });
    app.queuePrompt = function (...a) { s2iHaste.push(performance.now() - up); return queue.apply(this, a); };
}"""


def test_live_does_not_wait_before_it_asks(desk):
    desk.load(pad_and_preview(s2i_live=True))
    desk.page.evaluate(_HASTE)
    for i in range(6):
        desk.draw([(0.1, 0.1 + 0.1 * i), (0.9, 0.12 + 0.1 * i)])
        desk.wait_until("n => s2iHaste.length > n && s2iRuns.waiting === 0", i)
        desk.page.wait_for_timeout(200)
    assert min(desk.page.evaluate("s2iHaste")) < 20, "milliseconds from pen-up, on the least disturbed occasion"


def test_live_stops_when_a_run_fails(desk):
    workflow = pad_and_preview(drawing="{", s2i_live=True)
    desk.load(workflow)
    assert desk.tool("Live").get_attribute("aria-pressed") == "true"
    posted = desk.page.evaluate("s2iRuns.posted")
    desk.page.wait_for_timeout(300)
    assert desk.page.evaluate("s2iRuns.posted") == posted  # opening a workflow does not run it
    desk.page.evaluate("app.graph.getNodeById(1).widgets[0].value = 7")  # below the least width: refused
    desk.draw(CIRCLE)
    wait(lambda: desk.tool("Live").get_attribute("data-state") == "failed", what="live's stop")
    desk.page.keyboard.press("Escape")
    desk.page.wait_for_timeout(300)
    posted = desk.page.evaluate("s2iRuns.posted")
    desk.draw(BAR)
    desk.page.wait_for_timeout(300)
    assert desk.page.evaluate("s2iRuns.posted") == posted
    desk.problems.clear()  # ComfyUI reports the refusal with the whole stack, ours included


# -- the graph -------------------------------------------------------------------------------------------------------


def test_the_graph_renders_and_runs_by_the_button(desk):
    desk.load(json.loads((WORKFLOWS / "draw-and-paint.json").read_text()))
    desk.fit()
    desk.screenshot("workflow_loaded.png")
    desk.run()
    desk.previews()
    desk.screenshot("workflow_run.png")
    shown = desk.page.evaluate("app.graph.nodes.find((n) => n.type === 'PreviewImage').id")
    before = shown_picture(desk, shown).astype(float)
    assert before.std() > 2 and before.shape[:2] == (512, 512)
    # The workflow is saved with Live on: a stroke repaints it.
    desk.draw(CIRCLE)
    wait(lambda: np.abs(shown_picture(desk, shown) - before).max() > 8, seconds=60, what="the repainted picture")


def test_the_help_panel_opens(pad):
    pad.page.evaluate("app.canvas.selectNode(app.graph.getNodeById(1))")
    pad.page.wait_for_timeout(300)
    pad.page.locator('[data-testid="info-button"]').click()
    panel = pad.page.locator(".node-help-content")
    panel.get_by_text("Hold Shift for a straight line").wait_for(timeout=20_000)
    picture = panel.locator("img").first
    wait(lambda: picture.evaluate("i => i.naturalWidth") > 0, what="the help page's picture")
    pad.screenshot("help_panel.png")
    pad.page.keyboard.press("Escape")
    assert urllib.parse.urlparse(picture.get_attribute("src")).path.endswith(".jpg")
