"""Palettes: found in pictures, written as text and as files, turned into a style's colour statistics."""

from __future__ import annotations

import pytest
import torch

from s2i.errors import S2IError
from s2i.imaging.palettes.colour_palette import Palette, find_palette, load_palette, parse_palette, save_palette
from s2i.imaging.palettes.reference_palette import colour_moments

COLOURS = ((20, 30, 60), (200, 85, 61), (240, 230, 200))


def striped(shares=(0.5, 0.25, 0.25), side=64):
    rows = [torch.tensor(c).float()[:, None, None].expand(3, round(side * s), side)
            for c, s in zip(COLOURS, shares, strict=True)]
    return (torch.cat(rows, 1) / 127.5 - 1)[None]


def test_a_picture_of_three_colours_has_these_three():
    palette = find_palette(striped(), 3)
    assert palette.hexes() == ["#" + bytes(c).hex() for c in COLOURS]
    assert palette.shares.tolist() == pytest.approx([0.5, 0.25, 0.25], abs=0.02)
    assert find_palette(striped(), 3).text() == palette.text()


def test_its_moments_are_the_pictures():
    mean, root = find_palette(striped(), 3).moments()
    expected = colour_moments(striped())
    assert (mean - expected[0]).abs().max() < 0.01 and (root - expected[1]).abs().max() < 0.02


def test_a_locked_colour_stays_and_the_others_are_found_around_it():
    kept = parse_palette("#123456!, #ffffff")
    palette = find_palette(striped(), 4, kept)
    assert len(palette.colours) == 4 and palette.locked.count(True) == 1
    assert palette.hexes()[palette.locked.index(True)] == "#123456" and "#ffffff" not in palette.hexes()
    assert {"#" + bytes(c).hex() for c in COLOURS[1:]} <= set(palette.hexes())


def test_text_and_file_hold_everything(tmp_path):
    palette = parse_palette("#2b1d14 30%, #c8553d! 50%; #F0E6C8 20%")
    assert palette.locked == (False, True, False) and palette.shares.tolist() == pytest.approx([0.3, 0.5, 0.2])
    again = parse_palette(palette.text())
    assert torch.equal(again.colours, palette.colours) and again.locked == palette.locked
    save_palette(palette, tmp_path / "evening.gpl")
    assert (tmp_path / "evening.gpl").read_text().splitlines()[:2] == ["GIMP Palette", "Name: evening"]
    loaded = load_palette(tmp_path / "evening.gpl")
    assert torch.equal(loaded.colours, palette.colours) and loaded.locked == palette.locked
    assert loaded.shares.tolist() == pytest.approx(palette.shares.tolist(), abs=1e-3)


def test_anybodys_gimp_palette_is_read(tmp_path):
    (tmp_path / "other.gpl").write_text("GIMP Palette\nName: x\n#\n255 0 0 Red\n  0 128   0\tGreen\n")
    assert load_palette(tmp_path / "other.gpl").hexes() == ["#ff0000", "#008000"]


def test_the_swatch_shows_shares():
    swatch = parse_palette("#000000 75%, #ffffff 25%").swatch(8, 400)
    assert swatch.shape == (1, 3, 8, 400)
    assert (swatch < 0).float().mean() == pytest.approx(0.75, abs=0.01)


@pytest.mark.parametrize("text", ["red, blue", "#12345, #123456", "", "#000000 0%, #ffffff 0%"])
def test_what_is_no_palette_is_named(text):
    with pytest.raises(S2IError):
        parse_palette(text)


def test_flat_pictures_and_bad_counts():
    assert isinstance(find_palette(torch.zeros(1, 3, 16, 16), 4), Palette)
    with pytest.raises(S2IError, match="2 to 16"):
        find_palette(torch.zeros(1, 3, 16, 16), 40)
    with pytest.raises(S2IError, match="cannot be read"):
        load_palette("/nowhere/palette.gpl")
