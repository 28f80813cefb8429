"""Hints and palettes on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from s2i.cli.main import main
from s2i.errors import S2IError
from s2i.imaging.files.picture_files import load_image
from s2i.imaging.palettes.colour_palette import load_palette, parse_palette, save_palette

ART = Path(__file__).parents[3] / "art"


@pytest.fixture
def desk(tmp_path) -> Path:
    sketch = Image.new("L", (64, 48), 255)
    sketch.paste(0, (10, 10, 12, 40))
    sketch.save(tmp_path / "s.png")
    hints = np.zeros((48, 64, 4), np.uint8)
    hints[20:30, 30:45] = (220, 40, 30, 255)
    Image.fromarray(hints).save(tmp_path / "hints.png")
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 120, (40, 40, 3), np.uint8)).save(tmp_path / "r.png")
    return tmp_path


def run(*args: object) -> int:
    return main([str(a) for a in args])


def paint(desk, bundle, out, *more):
    code = run("paint", desk / "s.png", desk / "r.png", "-o", desk / out, "--model", bundle, *more)
    return code, load_image(desk / out) if code == 0 else None


def test_hints_change_the_picture_and_their_size_does_not_matter(desk, bundle):
    _, plain = paint(desk, bundle, "a.png")
    _, hinted = paint(desk, bundle, "b.png", "--hints", desk / "hints.png")
    assert plain.shape == hinted.shape and (plain - hinted).abs().max() > 0.02
    Image.open(desk / "hints.png").resize((256, 192), Image.NEAREST).save(desk / "large.png")
    _, same = paint(desk, bundle, "c.png", "--hints", desk / "large.png")
    assert (same - hinted).abs().mean() < 0.01


def test_a_palette_is_found_kept_and_painted_in(desk, bundle, capsys):
    assert run("palette", ART / "references/coast.jpg", "-o", desk / "coast.gpl", "--count", 5, "--json") == 0
    assert len(load_palette(desk / "coast.gpl").colours) == 5
    assert json.loads(capsys.readouterr().out)["done"][0]["palette"].count("#") == 5
    save_palette(parse_palette("#f0d8b0, #ffffff"), desk / "pale.gpl")
    _, dark = paint(desk, bundle, "d.png")
    _, pale = paint(desk, bundle, "e.png", "--palette", desk / "pale.gpl")
    assert pale.mean() > dark.mean() + 0.3


def test_locked_colours_are_kept(desk):
    save_palette(parse_palette("#123456!, #ffffff"), desk / "keep.gpl")
    assert run("palette", ART / "references/coast.jpg", "-o", desk / "out.gpl", "--keep", desk / "keep.gpl") == 0
    assert "#123456" in load_palette(desk / "out.gpl").hexes()


def test_what_cannot_be_is_one_sentence(desk, bundle, capsys):
    Image.new("RGB", (64, 48), (250, 20, 20)).save(desk / "full.png")
    assert paint(desk, bundle, "x.png", "--hints", desk / "full.png")[0] == 1
    assert "cover the whole picture" in capsys.readouterr().err
    assert paint(desk, bundle, "x.png", "--palette", desk / "r.png")[0] == 1
    assert "not a GIMP palette" in capsys.readouterr().err
    assert run("palette", desk / "r.png", "-o", desk / "x.txt") == 1


def test_a_palette_of_no_colours_or_too_many_is_named(tmp_path):
    for count in (0, 17):
        (tmp_path / "p.gpl").write_text("GIMP Palette\n" + "1 2 3\n" * count)
        with pytest.raises(S2IError, match=rf"p\.gpl is no palette .* this one {count}$"):
            load_palette(tmp_path / "p.gpl")


@pytest.mark.parametrize("text", ["#102030 " + "9" * 400 + "%", ", ".join(["#102030"] * 200_000)])
def test_shares_beyond_all_numbers_and_colours_by_the_thousand_are_refused_at_once(text):
    """The first painted in NaN, the second froze for minutes."""
    with pytest.raises(S2IError, match="palette"):
        parse_palette(text)
