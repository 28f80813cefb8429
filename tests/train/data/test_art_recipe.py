"""The art set made again from a small local mirror of its sources; nothing is fetched."""

from __future__ import annotations

import csv
import hashlib
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from train.data import art_set
from train.data.recipes.art import PUBLIC_DOMAIN, _encoded, make_art
from train.data.recipes.downloads import Downloads, slug
from train.data.recipes.fingerprints import coded_grid, grey_grid, likeness, read_fingerprints, short_sha256
from train.data.recipes.manifest import read_manifest
from train.data.recipes.trimming import fit_aspect, matching_box, paper_box
from train.errors import TrainError

PLATE, TRIMMED, OTHER, LOST = (f"plates/14838_peter_{name}.webp" for name in ("ill-1", "ill-2", "ill-3", "ill-4"))
COVER, DOODLE, QUIZ = "paintings/anna_one.jpg", "sketches/tu-berlin/dog_5282.png", "plates/quiz_000.webp"
BOX = (37, 52, 397, 532)  # of the picture in the page that was scanned


def landscape(seed, size):
    """Smooth forms and some grain, as a painting has."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 200, (6, 5, 3), np.uint8)).resize(size, Image.Resampling.BICUBIC)
    grain = rng.normal(0, 6, (size[1], size[0], 1))
    return Image.fromarray((np.asarray(coarse) + grain).clip(0, 255).astype(np.uint8))


def page(seed):
    """A plate with a paper margin; what is kept of it is BOX."""
    sheet = Image.new("RGB", (440, 600), (250, 246, 235))
    sheet.paste(landscape(seed, (BOX[2] - BOX[0], BOX[3] - BOX[1])), BOX[:2])
    return sheet


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """-> the folder of downloads; the tables describe what an earlier making left of the same sources."""
    tables, downloads = tmp_path / "art", tmp_path / "downloads"
    (tables / "fingerprints").mkdir(parents=True)
    monkeypatch.setattr(art_set, "ART", tables)
    book = downloads / "The-Tale-of-Peter_14838" / "14838-h" / "images"
    cover = downloads / "someone_one" / "images"
    made = {
        PLATE: (book / "Ill_1.png", landscape(1, (300, 360)), None, (300, 360)),
        TRIMMED: (book / "ill-2.png", page(2), BOX, (288, 384)),
        OTHER: (book / "ill3.png", landscape(3, (300, 360)), None, (300, 360)),
        LOST: (book / "no such file.png", landscape(4, (300, 360)), None, (300, 360)),
        COVER: (cover / "cover.source.jpg", landscape(5, (800, 1000)), None, (640, 800)),
        DOODLE: (downloads / "tu" / "png" / "dog" / "5282.png", landscape(6, (454, 454)), None, (227, 227)),
        QUIZ: (downloads / "quiz" / "quiz_000.jpg", landscape(7, (500, 500)), None, (384, 384)),
    }
    known = {}
    for file, (source, picture, box, size) in made.items():
        source.parent.mkdir(parents=True, exist_ok=True)
        picture.save(source)
        with Image.open(source) as again:  # as decoded: JPEG loses something
            small = again.convert("RGB").crop(box or (0, 0, *picture.size))
        target = tmp_path / "before" / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(_encoded(small, size, target))
        known[file] = (size, coded_grid(grey_grid(small.convert("L"))), short_sha256(target.read_bytes()))
    landscape(99, (300, 360)).save(book / "ill_3.png")  # what OTHER's name leads to now
    (book / "ill3.png").unlink()
    (book / "no such file.png").unlink()
    for folder in ("plates", "paintings", "tu-berlin"):
        rows = [[f.rsplit("/", 1)[1], f"{size[0]}x{size[1]}", grid, digits]
                for f, (size, grid, digits) in known.items() if f.split("/")[-2] == folder]
        write(tables / "fingerprints" / f"{folder}.1.csv", [["file", "size", "grid", "sha256"], *rows])
    write(tables / "books.csv", [["book", "title", "artist"], ["14838", "Peter", "Beatrix Potter"]])
    write(tables / "paintings.csv", [["file", "artist", "title", "year", "repository"],
                                     [COVER, "Anna", "One", "1800", "standardebooks/someone_one"],
                                     [QUIZ, "Berta", "Two", "1801", ""]])
    return downloads


def write(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def test_every_source_is_found_checked_and_written(mirror, tmp_path):
    made = make_art(tmp_path / "out", mirror)
    assert made["missing"] == [LOST]
    assert made["different"] == [OTHER], "a file of the right name that shows something else"
    assert made["same"] + made["alike"] and set(made["same"]) >= {PLATE, COVER, DOODLE, QUIZ}
    assert not (tmp_path / "out" / OTHER).exists()
    manifest = {row.file: row for row in read_manifest(tmp_path / "out")}
    assert set(manifest) == {PLATE, TRIMMED, COVER, DOODLE, QUIZ}
    for file, row in manifest.items():
        assert hashlib.sha256((tmp_path / "out" / file).read_bytes()).hexdigest() == row.sha256
    assert manifest[PLATE].source == "Project Gutenberg 14838, Peter, Beatrix Potter"
    assert manifest[PLATE].licence == PUBLIC_DOMAIN and "CC BY 4.0" in manifest[DOODLE].licence
    assert "someone_one" in manifest[COVER].source and manifest[QUIZ].source == "Berta, Two, 1801"


def test_a_trimmed_page_shows_what_it_showed(mirror, tmp_path):
    make_art(tmp_path / "out", mirror, [TRIMMED])
    now, before = (np.asarray(Image.open(tmp_path / folder / TRIMMED).convert("RGB")).astype(float)
                   for folder in ("out", "before"))
    assert now.shape == before.shape
    assert np.abs(now - before).mean() < 8, "crops in pixels of the old file fit the new one"


def test_paper_alone_does_not_say_where_a_picture_ends_but_the_known_picture_does():
    sheet = page(8)
    sheet.paste((30, 20, 10), (100, 560, 340, 570))  # a caption
    picture = sheet.crop(BOX)
    grey = np.asarray(sheet.convert("L")).astype(np.float32)
    assert paper_box(grey, 16, 0.02)[3] == 570, "the caption counts as picture"
    known = type("Known", (), {"size": (288, 384), "grid": grey_grid(picture.convert("L"))})()
    box, found = matching_box(sheet, known)
    assert found > 0.97 and max(abs(a - b) for a, b in zip(box, BOX, strict=True)) <= 12


def test_the_same_size_is_taken_whole():
    picture = landscape(9, (300, 360))
    known = type("Known", (), {"size": (300, 360), "grid": grey_grid(picture.convert("L"))})()
    assert matching_box(picture, known) == ((0, 0, 300, 360), pytest.approx(1.0))


def test_boxes_keep_the_aspect_ratio():
    assert fit_aspect((10, 20, 110, 220), (50, 50)) == (10, 70, 110, 170)
    assert fit_aspect((0, 0, 300, 100), (90, 60)) == (75, 0, 225, 100)


def test_likeness_ignores_brightness_and_contrast_but_not_layout():
    a, b = (grey_grid(landscape(seed, (90, 90)).convert("L")) for seed in (1, 2))
    assert likeness(a, 0.3 * a + 40) == pytest.approx(1)
    assert likeness(a, b) < 0.7 and likeness(a, np.full((8, 8), 3.0)) == 0


def test_names_are_compared_as_the_set_writes_them(tmp_path):
    assert slug("I_049x (Large)") == "i-049x-large"
    for name in ("14838-h/images/A_b.jpg", "pg999/images/a-b.png", "x_14838_y/a-b.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        landscape(1, (20, 20)).save(tmp_path / name)
    found = Downloads(tmp_path).source_of("plates/14838_title_a-b.webp")
    assert found == tmp_path / "14838-h/images/A_b.jpg", "another book's file of that name is not taken"


def test_a_broken_download_is_no_picture(mirror, tmp_path):
    (mirror / "The-Tale-of-Peter_14838" / "14838-h" / "images" / "Ill_1.png").write_bytes(b"no")
    assert make_art(tmp_path / "out", mirror)["different"] == [PLATE, OTHER]


def test_an_empty_folder_says_where_to_look(tmp_path):
    (tmp_path / "empty").mkdir()
    command = [sys.executable, "-m", "train", "recipes", "art", str(tmp_path / "empty"), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode and "holds nothing of the art set" in done.stderr and "Traceback" not in done.stderr
    with pytest.raises(TrainError, match="no folder"):
        make_art(tmp_path / "out", tmp_path / "none")


def test_committed_fingerprints_can_be_read():
    known = read_fingerprints()
    assert len(known) > 5000 and all(print_.grid.shape == (8, 8) for print_ in known.values())
    assert {file.rsplit("/", 1)[0] for file in known} == {
        "plates", "paintings", "sketches/ink", "sketches/tu-berlin"}
