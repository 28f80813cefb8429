"""Template cards: each is whole over HTTP, loads by a click, and its nodes do not cover one another after a run."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

import pytest

from tests.short_tuning import short_tuning

pytestmark = pytest.mark.xdist_group("comfyui")
WORKFLOWS = sorted((Path(__file__).parents[2] / "workflows").glob("*.json"))
_OVERLAPS = """() => {
    const boxes = app.graph.nodes.map((n) => [n.title, ...n.getBounding()]), found = [];
    for (const [i, [a, x, y, w, h]] of boxes.entries())
        for (const [b, u, v, k, l] of boxes.slice(i + 1))
            if (x < u + k && u < x + w && y < v + l && v < y + h) found.push(`${a} / ${b}`);
    return found;
}"""


def test_every_card_has_its_files(comfyui):
    (pack, names), *_ = [(k, v) for k, v in comfyui.get("/workflow_templates").items() if "sketch-to-image" in k]
    assert sorted(names) == sorted(path.stem for path in WORKFLOWS)
    for name in names:
        address = f"{comfyui.url}/api/workflow_templates/{pack}/{name}"
        with urllib.request.urlopen(f"{address}.json", timeout=20) as reply:
            assert len(json.loads(reply.read())["nodes"]) > 2
        with urllib.request.urlopen(f"{address}.jpg", timeout=20) as reply:
            assert reply.read(2) == b"\xff\xd8", f"{name} has no thumbnail"


def test_a_click_on_a_card_opens_its_workflow(desk):
    page = desk.page
    for path in WORKFLOWS:
        if '"linearMode"' in path.read_text():
            continue  # opens as an app: test_app_mode
        wanted = sorted(node["type"] for node in json.loads(path.read_text())["nodes"])
        page.evaluate("app.extensionManager.command.execute('Comfy.BrowseTemplates')")
        card = page.get_by_test_id(f"template-workflow-{path.stem}")
        card.scroll_into_view_if_needed()
        desk.wait_until(
            "id => { const i = document.querySelector(`[data-testid='${id}'] img`); return i?.naturalWidth > 300; }",
            f"template-workflow-{path.stem}",
        )
        card.click()
        # The kinds, not their number: the graph before may have had as many nodes.
        desk.wait_until("types => app.graph.nodes.map((n) => n.type).sort().join() === types", ",".join(wanted))
        assert not page.evaluate("app.graph.nodes.filter((n) => n.has_errors).length")
        # What says that models are missing would lie over the next test's graph.
        page.wait_for_timeout(300)
        page.keyboard.press("Escape")
        page.wait_for_timeout(300)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.stem)
def test_previews_cover_no_node(desk, path):
    workflow = short_tuning(json.loads(path.read_text()))
    if "linearMode" in workflow["extra"]:
        pytest.skip("an app has no graph to look at")
    desk.load(workflow)
    assert desk.page.evaluate(_OVERLAPS) == []
    if any(node["type"] == "CheckpointLoaderSimple" for node in workflow["nodes"]):
        # Marked as needing what is not here, and the front end says what is missing and where it is to be had.
        assert "needs" in path.stem
        assert desk.page.get_by_text("v1-5-pruned-emaonly", exact=False).first.is_visible()
        desk.page.keyboard.press("Escape")
        return
    desk.run(seconds=240)
    desk.previews()
    desk.fit()
    desk.screenshot(f"workflow_{path.stem}.png")
    assert desk.page.evaluate(_OVERLAPS) == []
