"""The newest front end: the main workflow opens as an app, and the pad and the choices work there as well."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools import comfyui as real
from tools.browser import missing
from tools.comfyui_install import front_end
from tools.desk import desk as open_desk
from tools.small_bundles import stand_in

pytestmark = pytest.mark.xdist_group("comfyui")
WORKFLOWS = Path(__file__).parents[2] / "workflows"


@pytest.fixture(scope="module")
def newest(tmp_path_factory):
    if missing():
        pytest.skip(missing())
    base = tmp_path_factory.mktemp("newest")
    stand_in(real.put_pack(base / "custom_nodes"))
    arguments = ("--front-end-root", str(front_end()))
    with real.serve(base, arguments=arguments) as server, open_desk(server.url, size=(1400, 900)) as made:
        yield made


def test_the_main_workflow_opens_as_an_app_with_five_inputs(newest):
    newest.load(json.loads((WORKFLOWS / "colour-a-sketch-app.json").read_text()))
    items = newest.page.get_by_test_id("app-mode-widget-item")
    items.first.wait_for(timeout=30_000)
    skip = newest.page.get_by_role("button", name="Skip", exact=True)
    if skip.count():  # a tour for whoever opens an app for the first time
        skip.click()
    newest.page.wait_for_timeout(1500)
    newest.screenshot("app_mode.png")
    labels = [items.nth(i).inner_text().split("\n")[0].strip() for i in range(items.count())]
    assert labels == ["Sketch", "Reference", "seed", "strength", "size"]
    newest.forget_runs()
    newest.page.get_by_role("button", name="Run", exact=True).first.click()
    newest.wait_until("s2iRuns.finished.length > 0", seconds=240)
    assert newest.page.evaluate("s2iRuns.finished[0]") == "execution_success"
    newest.page.wait_for_timeout(1500)
    newest.screenshot("app_mode_run.png")


def test_the_pad_draws_there_and_calls_nothing_deprecated(newest):
    heard = []
    newest.page.on("console", lambda message: heard.append(message.text))
    newest.load(json.loads((WORKFLOWS / "draw-and-paint.json").read_text()))
    newest.page.locator(".s2i-canvas").wait_for()
    newest.fit()
    before = newest.strokes()
    newest.draw([(0.1, 0.1), (0.9, 0.15)])
    assert newest.strokes() == before + 1
    newest.tool("Colour hints").click()
    newest.page.locator(".s2i-swatch").first.wait_for()
    newest.draw([(0.5, 0.1)])
    assert newest.drawing()["version"] == 2
    newest.screenshot("pad_newest.png")
    assert not [text for text in heard if "deprecat" in text.lower()]
    assert not newest.problems
