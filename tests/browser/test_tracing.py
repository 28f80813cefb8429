"""A picture of a scene, dropped as the drawing, has its lines traced; the bar on the sheet offers the other reading."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch.nn.functional as F
from PIL import Image

from s2i.imaging.files.picture_files import load_image
from tests.browser.visitor import drop

pytestmark = pytest.mark.xdist_group("page")  # there is one site and one browser

PLAIN = 2  # the variant that the page begins with


@pytest.fixture
def scene(tmp_path) -> Path:
    """512 x 384, so that the page and the pipeline look at it in its own size."""
    path = tmp_path / "harbour.png"
    Image.open("art/references/temple.jpg").convert("RGB").resize((512, 384)).save(path)
    return path


def reading(visitor) -> str | None:
    if not visitor.page.is_visible("#taken"):
        return None
    return visitor.page.eval_on_selector("[name=reading]:checked", "e => e.value")


def washed(visitor) -> float:
    """The share of the sheet that is neither paper nor ink."""
    ink = visitor.ink()
    return float(((ink > 0.15) & (ink < 0.85)).float().mean())


def test_a_scene_is_traced_as_the_pipeline_traces_it(visit, model, scene):
    visitor = visit()
    visitor.act(lambda: drop(visitor, scene, "drawing"))
    assert reading(visitor) == "traced"
    expected = F.interpolate(model.extract_sketch(load_image(scene), PLAIN), (768, 1024), mode="bilinear")[0, 0].numpy()
    traced = visitor.ink()[0, 0].numpy()
    assert expected.std() > 0.05
    assert np.abs(traced - expected).mean() < 0.01
    assert visitor.picture().std() > 0, "and painted"

    visitor.act(lambda: visitor.set("variant", 0))
    assert np.abs(visitor.ink()[0, 0].numpy() - traced).mean() > 0.005, "other lines"
    visitor.act(lambda: visitor.page.locator("[name=reading][value=drawn] + span").click())
    assert washed(visitor) > 0.15, "as a drawing it is a wash of tones"
    visitor.act(lambda: visitor.page.locator("[name=reading][value=traced] + span").click())
    visitor.stroke((0.1, 0.1), (0.3, 0.1))
    assert reading(visitor) is None, "who draws on has agreed"
    assert not visitor.problems


def test_what_is_drawn_is_not_traced(visit, scene):
    """Nor does it wait for a painter; tracing can be asked for, and without one says why not."""
    visitor = visit(painter=False)
    for name in ("horse", "alice", "stag"):
        drop(visitor, Path(f"art/sketches/{name}.png"), "drawing")
        visitor.page.wait_for_selector("#taken:not([hidden])")
        visitor.page.wait_for_function("() => !document.getElementById('clear').disabled")
        assert reading(visitor) == "drawn", name
        visitor.page.click("#clear")
        assert reading(visitor) is None, name
    drop(visitor, scene, "drawing")
    visitor.page.wait_for_selector("#status.wrong")
    assert "could not start" in visitor.status
    assert reading(visitor) == "drawn"
    visitor.page.click("#accept")
    assert reading(visitor) is None
    assert washed(visitor) > 0.15
