"""Recipes on small stand-ins for the packages; nothing is fetched."""

from __future__ import annotations

import csv
import hashlib
import shutil
import stat

import numpy as np
import pytest
from PIL import Image, ImageDraw

from train.data.recipes import clients
from train.data.recipes.manifest import read_manifest
from train.data.recipes.openclipart import make_openclipart, unwanted
from train.data.recipes.openmoji import has_colour, make_openmoji
from train.data.recipes.paintings import make_paintings
from train.errors import TrainError


def blob(path, colour, size=(100, 90), mode="RGBA"):
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.new(mode, size)
    ImageDraw.Draw(picture).ellipse((10, 10, size[0] - 10, size[1] - 10), fill=colour)
    picture.save(path)


def assert_manifest_is_true(out):
    rows = read_manifest(out)
    assert rows == sorted(rows, key=lambda r: r.file)
    for row in rows:
        assert hashlib.sha256((out / row.file).read_bytes()).hexdigest() == row.sha256
        assert row.source and row.licence
    return rows


def test_openclipart_keeps_coloured_pictures_only(tmp_path):
    art = tmp_path / "package" / "usr" / "share" / "openclipart" / "png"
    blob(art / "animals" / "birds" / "Duck_01.png", (200, 80, 20, 255))
    blob(art / "animals" / "duck_again.png", (200, 80, 20, 255))
    blob(art / "animals" / "grey.png", (90, 90, 90, 255))
    blob(art / "signs_and_symbols" / "flags" / "red.png", (255, 0, 0, 255))
    blob(art / "food" / "tiny.png", (0, 200, 0, 255), (40, 40))
    blob(art / "food" / "large.png", (0, 200, 0, 255), (2400, 1200))
    Image.new("RGBA", (100, 100)).save(art / "food" / "empty.png")
    (art / "food" / "broken.png").write_bytes(b"no")
    make_openclipart(tmp_path / "out", tmp_path / "package")
    rows = assert_manifest_is_true(tmp_path / "out")
    assert [r.file for r in rows] == ["pictures/animals-birds-duck_01.png", "pictures/food-large.png"]
    assert rows[0].licence == "public domain"
    assert "animals/birds/Duck_01.png" in rows[0].source
    assert sorted(p.name for p in (tmp_path / "out" / "pictures").iterdir()) == [r.file[9:] for r in rows]
    with Image.open(tmp_path / "out" / rows[0].file) as picture:
        assert picture.mode == "RGB" and picture.getpixel((0, 0)) == (255, 255, 255)
    with Image.open(tmp_path / "out" / rows[1].file) as picture:
        assert picture.size == (1024, 512)


def test_words_are_looked_for_in_every_folder():
    assert unwanted(("recreation", "games", "cards", "ace.png"))
    assert not unwanted(("animals", "duck.png"))


SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 72"><circle cx="36" cy="36" r="20" fill="{}"/></svg>'


@pytest.fixture
def openmoji(tmp_path):
    package = tmp_path / "package"
    for kind in ("color", "black"):
        (package / kind / "svg").mkdir(parents=True)
    (package / "data").mkdir()
    fills = {"1F600": "#fcea2b", "1F1E6": "#ff0000", "1F44B-1F3FB": "#fadcbc", "2B1B": "#000000", "1F999": "#abc"}
    fills |= {"E0A1": "#ff0000", "2601": "#9b9b9a"}
    for name, fill in fills.items():
        (package / "color" / "svg" / f"{name}.svg").write_text(SVG.format(fill))
        if name != "1F999":
            (package / "black" / "svg" / f"{name}.svg").write_text(SVG.format("none"))
    with open(package / "data" / "openmoji.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["emoji", "hexcode", "group", "subgroups"])
        writer.writerows([["", "1F1E6", "flags", "flag"], ["", "1F600", "smileys-emotion", "face"]])
        writer.writerow(["", "E0A1", "extras-unicode", "subdivision-flag"])
    return package


def test_openmoji_pairs_by_name_without_flags_tones_and_uncoloured(openmoji, tmp_path, monkeypatch):
    def draw(command, folder, hint):
        shutil.copyfile(command[-1], command[command.index("-o") + 1])
        return ""

    monkeypatch.setattr("train.data.recipes.openmoji.run_client", draw)
    make_openmoji(tmp_path / "out", openmoji)
    rows = assert_manifest_is_true(tmp_path / "out")
    assert [r.file for r in rows] == ["black/1F600.png", "color/1F600.png"]
    assert "CC BY-SA 4.0" in rows[0].licence


def test_what_counts_as_colour():
    assert has_colour('fill="#fcea2b"') and has_colour('fill="#abc"')
    assert not has_colour('fill="#000" stroke="#9b9b9b"') and not has_colour('fill="#9b9b9a" stroke="#d0cfce"')


def test_paintings_and_sketches_with_credits(tmp_path):
    blob(tmp_path / "p" / "anna_one.jpg", (9, 9, 200), mode="RGB")
    blob(tmp_path / "p" / "berta_two.jpg", (9, 200, 9), mode="RGB")
    blob(tmp_path / "s" / "set" / "cat.png", (0, 0, 0, 255))
    (tmp_path / "p" / "credits.csv").write_text(
        "file,artist,title,year,category,source,rights\nanna_one.jpg,Anna,One,1800,x,a museum,public domain\n")
    make_paintings(tmp_path / "out", tmp_path / "p", tmp_path / "s", "CC BY 4.0")
    rows = {r.file: r for r in assert_manifest_is_true(tmp_path / "out")}
    assert rows["paintings/anna_one.jpg"].licence == "public domain"
    assert rows["paintings/anna_one.jpg"].source == "Anna, One, 1800, a museum"
    assert rows["paintings/berta_two.jpg"].licence.startswith("unknown")
    assert rows["sketches/set/cat.png"].licence == "CC BY 4.0"
    make_paintings(tmp_path / "out", tmp_path / "p", None)
    assert len(assert_manifest_is_true(tmp_path / "out")) == 2, "a recipe can run again"


def test_missing_folders_are_errors(tmp_path):
    with pytest.raises(TrainError, match="there is no folder"):
        make_paintings(tmp_path / "out", tmp_path / "none", None)
    with pytest.raises(TrainError, match="give --paintings"):
        make_paintings(tmp_path, None, None)
    (tmp_path / "empty").mkdir()
    with pytest.raises(TrainError, match="no picture"):
        make_paintings(tmp_path / "out", tmp_path / "empty", None)


def test_a_missing_or_failing_client_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TrainError, match=r"apt-get is not installed.*--package"):
        clients.debian_package("openclipart-png", tmp_path)
    script = tmp_path / "npm"
    script.write_text("#!/bin/sh\necho 'no such package' >&2\nexit 1\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    with pytest.raises(TrainError, match=r"no such package.*--package"):
        clients.npm_package("openmoji", "17.0.0", tmp_path)


def test_manifest_does_not_depend_on_the_machine(tmp_path):
    blob(tmp_path / "p" / "a.png", (9, 9, 200), mode="RGB")
    make_paintings(tmp_path / "out", tmp_path / "p", None)
    assert str(tmp_path) not in (tmp_path / "out" / "manifest.csv").read_text()
    assert np.asarray(Image.open(tmp_path / "out" / "paintings" / "a.png")).shape == (90, 100, 3)
