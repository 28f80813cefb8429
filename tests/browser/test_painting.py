"""What the page paints is what the pipeline paints."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from s2i.imaging.files.picture_files import load_image, load_reference
from tests.browser.visitor import difference, drop

pytestmark = pytest.mark.xdist_group("page")  # there is one site and one browser

REFERENCES = "art/references"


def expected(model, ink, reference, *, seed=0, strength=1.0, lines=0.0, hints=None, palette=None):
    """-> draft and the picture one step finer. reference: the name of an example, or the path of a file."""
    path = reference if isinstance(reference, Path) else f"{REFERENCES}/{reference}.jpg"
    style = model.encode_style(*load_reference(path))
    if palette:
        style = style.mix(model.encode_style(load_image(f"{REFERENCES}/{palette}.jpg")), ["palette"])
    hints = torch.zeros(1, 4, *ink.shape[-2:]) if hints is None else hints
    draft = model.decode(model.encode_content(ink, hints=hints), style, seed=seed)
    size = tuple(2 * n for n in draft.shape[-2:])
    image = model.refine(draft, ink, style, seed=seed, size=size, strength=strength) if strength else draft
    return draft, model.draw_lines(image, ink, lines)


def test_strokes_become_the_pipelines_painting(visit, model, capsys):
    visitor = visit()
    visitor.act(visitor.house)
    _, image = expected(model, visitor.ink(), "coast")
    mean, most = difference(visitor.picture(), image)
    assert mean < 0.6, "rounding to bytes alone is 0.25 on average"
    assert most <= 2
    waits = visitor.page.evaluate(
        "() => performance.getEntriesByType('measure').map(({name, duration}) => [name, Math.round(duration)])")
    with capsys.disabled():
        print("\n  pen-up to", ", ".join(f"{name.removeprefix('s2i-')} {ms} ms" for name, ms in waits[-2:]))
    assert {name for name, _ in waits} == {"s2i-draft", "s2i-refined"}
    assert not visitor.problems


def test_every_setting_is_the_pipelines(visit, model):
    """One after the other, each added to those before."""
    visitor, settings = visit(), {"reference": "coast"}
    visitor.act(visitor.house)
    ink = visitor.ink()
    for name, value, control in (
        ("reference", "temple", None),
        ("seed", 77, "seed"),
        ("palette", "carnival", "palette"),
        ("strength", 0.5, "strength"),
        ("lines", 0.7, "lines"),
        ("strength", 0.0, "strength"),
    ):
        before = visitor.picture()
        if control is None:
            visitor.act(lambda: visitor.choose("Frederic Edwin Church"))
        else:
            visitor.act(lambda control=control, value=value: visitor.set(control, value))
        settings[name] = value
        _, image = expected(model, ink, **settings)
        painted = visitor.picture()
        assert difference(painted, image)[0] < 0.6, f"{name} {value}"
        assert painted.shape != before.shape or np.abs(painted - before).max() > 3, f"{name} changes nothing"


def test_a_cut_out_gives_its_style_without_what_it_leaves_out(visit, model, tmp_path):
    from PIL import Image

    picture = Image.open(f"{REFERENCES}/temple.jpg").convert("RGB").resize((320, 240))
    across = np.linspace(-1, 1, 320)[None] ** 2 + np.linspace(-1, 1, 240)[:, None] ** 2
    alpha = (np.clip((0.8 - across) * 4, 0, 1) * 255).round().astype(np.uint8)  # a disc with a soft edge
    cut_out = np.dstack([np.where(alpha[..., None] > 0, np.asarray(picture), (0, 255, 0)).astype(np.uint8), alpha])
    Image.fromarray(cut_out).save(path := tmp_path / "cut_out.png")
    visitor = visit()
    visitor.act(visitor.house)
    visitor.act(lambda: drop(visitor, path, "reference"))
    _, image = expected(model, visitor.ink(), path)
    assert difference(visitor.picture(), image)[0] < 0.6
    Image.new("RGBA", (64, 64)).save(tmp_path / "nothing.png")
    drop(visitor, tmp_path / "nothing.png", "reference")
    visitor.page.wait_for_function(
        "() => document.getElementById('status').textContent.startsWith('nothing.png is all transparent')")


def test_dabs_reach_the_painter_as_hints(visit, model):
    visitor = visit()
    visitor.act(visitor.house)
    before = visitor.picture()
    visitor.page.click("[data-tool=dab]")
    visitor.page.click("#swatches [aria-label=Blue]")
    visitor.act(lambda: visitor.stroke((0.45, 0.5), (0.55, 0.55)))
    dabs = torch.from_numpy(visitor.pixels("dabs").astype(np.float32)).permute(2, 0, 1)[None] / 255
    assert dabs[:, 3].amax() == 1
    hints = torch.cat([dabs[:, :3] * 2 - 1, dabs[:, 3:]], 1)
    assert visitor.ink()[..., 500:560, 500:560].sum() == 0, "a dab is no line"
    _, image = expected(model, visitor.ink(), "coast", hints=hints)
    assert difference(visitor.picture(), image)[0] < 0.6
    assert np.abs(visitor.picture() - before).max() > 3


def test_a_saved_picture_is_the_pipelines_at_the_sheets_size(visit, model, tmp_path):
    from PIL import Image

    visitor = visit()
    visitor.act(visitor.house)
    with visitor.page.expect_download(timeout=120_000) as download:
        visitor.page.click("#save")
    download.value.save_as(path := tmp_path / "painting.png")
    saved = np.asarray(Image.open(path).convert("RGB")).astype(np.float32)
    assert saved.shape == (1024, 1024, 3)
    ink = visitor.ink()
    draft, _ = expected(model, ink, "coast")
    image = model.refine(draft, ink, model.encode_style(load_image(f"{REFERENCES}/coast.jpg")))
    assert difference(saved, image)[0] < 1


def test_the_newest_drawing_wins(visit, model):
    visitor = visit()
    visitor.act(visitor.house)
    for i in range(5):
        visitor.stroke((0.1, 0.1 + 0.15 * i), (0.9, 0.15 + 0.15 * i))
    visitor.page.wait_for_timeout(500)
    visitor.settle()
    _, image = expected(model, visitor.ink(), "coast")
    assert difference(visitor.picture(), image)[0] < 0.6
