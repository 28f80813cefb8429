"""`s2i character`: parts of a figure keep their references over pages, found by dabs or masks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from s2i.cli.main import main
from s2i.imaging.files.picture_files import load_image

LEFT, RIGHT = (..., slice(36, 92), slice(20, 50)), (..., slice(36, 92), slice(80, 110))
OUTSIDE = (..., slice(112, 126), slice(4, 124))
COLOURS = {"red/a": (200, 30, 30), "red/b": (230, 40, 30), "blue": (30, 30, 210), "grey": (128, 128, 128)}


@pytest.fixture
def desk(tmp_path) -> Path:
    """Two pages with two closed boxes each; references in red, blue and grey; dabs in the boxes, a mask of the left."""
    rng = np.random.default_rng(0)
    (tmp_path / "red").mkdir()
    (tmp_path / "pages").mkdir()
    for name, colour in COLOURS.items():
        picture = np.clip(np.array(colour) + rng.integers(-15, 16, (48, 48, 3)), 0, 255).astype(np.uint8)
        Image.fromarray(picture).save(tmp_path / f"{name}.png")
    page = np.full((128, 128), 255, np.uint8)
    for x in (12, 72):
        page[30:33, x : x + 45] = page[95:98, x : x + 45] = 0
        page[30:98, x : x + 3] = page[30:98, x + 42 : x + 45] = 0
    for name in ("one", "two"):
        Image.fromarray(page).save(tmp_path / "pages" / f"{name}.png")
    dabs = np.zeros((128, 128, 4), np.uint8)
    dabs[60:66, 30:36], dabs[60:66, 90:96] = (208, 48, 48, 255), (48, 80, 208, 255)
    Image.fromarray(dabs).save(tmp_path / "dabs.png")
    left = np.zeros((128, 128), np.uint8)
    left[:, :64] = 255
    Image.fromarray(left).save(tmp_path / "left.png")
    return tmp_path


def character(desk, bundle, sketch, out, *more) -> int:
    given = ["character", desk / sketch, desk / "grey.png", "-o", desk / out, "--model", bundle, *more]
    return main([str(a) for a in given])


def redness(image, place) -> float:
    """How much redder than blue, -2 to 2."""
    return float((image[:, 0] - image[:, 2])[place].mean())


def test_parts_are_found_by_dabs_and_painted_after_their_references(desk, bundle):
    parts = ["--part", desk / "red", "#d03030", "--part", desk / "blue.png", "3050d0", "--dabs", desk / "dabs.png"]
    assert character(desk, bundle, "pages/one.png", "out.png", *parts) == 0
    image = load_image(desk / "out.png")
    assert redness(image, LEFT) > redness(image, OUTSIDE) + 0.3
    assert redness(image, RIGHT) < redness(image, OUTSIDE) - 0.3


def test_a_mask_does_as_well_and_meets_dabs(desk, bundle):
    parts = ["--part", desk / "blue.png", desk / "left.png"]
    assert character(desk, bundle, "pages/one.png", "a.png", *parts) == 0
    image = load_image(desk / "a.png")
    assert redness(image, LEFT) < redness(image, RIGHT) - 0.3
    dab = np.array(Image.open(desk / "dabs.png"))
    dab[:, :64] = 0
    Image.fromarray(dab).save(desk / "right.png")
    both = [*parts, "--part", desk / "red", "3050d0", "--dabs", desk / "right.png"]
    assert character(desk, bundle, "pages/one.png", "b.png", *both) == 0
    image = load_image(desk / "b.png")
    assert redness(image, LEFT) < -0.3 < 0.3 < redness(image, RIGHT)


def test_pages_have_dabs_of_their_own_and_need_not_show_every_part(desk, bundle, capsys):
    (desk / "dabs").mkdir()
    both = Image.open(desk / "dabs.png")
    both.save(desk / "dabs" / "one.png")
    only_left = np.array(both)
    only_left[:, 64:] = 0
    Image.fromarray(only_left).save(desk / "dabs" / "two.png")
    parts = ["--part", desk / "red", "d03030", "--part", desk / "blue.png", "3050d0", "--dabs", desk / "dabs"]
    assert character(desk, bundle, "pages", "painted", *parts, "--json") == 0
    assert len(json.loads(capsys.readouterr().out)["done"]) == 2
    one, two = (load_image(desk / "painted" / f"{name}.png") for name in ("one", "two"))
    assert redness(one, LEFT) == pytest.approx(redness(two, LEFT), abs=0.15), "the same part looks the same"
    assert redness(one, RIGHT) < redness(two, RIGHT) - 0.3, "not on the second page"
    (desk / "dabs" / "two.png").unlink()
    assert character(desk, bundle, "pages", "painted", *parts) == 1
    assert "holds no picture of the name two" in capsys.readouterr().err


def test_what_cannot_be_is_one_sentence(desk, bundle, capsys):
    assert character(desk, bundle, "pages/one.png", "x.png", "--part", desk / "red", "d03030") == 1
    assert "--dabs is missing" in capsys.readouterr().err
    assert character(desk, bundle, "pages/one.png", "x.png", "--part", desk / "red", "hair") == 1
    assert "neither a mask's file nor a colour" in capsys.readouterr().err
    assert character(desk, bundle, "pages/one.png", "left.png", "--part", desk / "red", desk / "left.png") == 1
    assert "would replace" in capsys.readouterr().err
