"""The committed tables of the art set agree with one another and with what is said about them."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from train.data.art_set import ART, DOODLES, book_of, rows, split_art

KINDS = {"plates": "picture", "paintings": "picture", "sketches/ink": "drawing", "sketches/tu-berlin": "doodle"}


@pytest.fixture(scope="module")
def files():
    return {row["file"]: row for row in rows("files.csv")}


def test_the_split_is_the_rules(files):
    again = split_art(files)
    kept = {file: row["split"] for file, row in files.items() if row["split"] != "drop"}
    assert kept == {file: again[file] for file in kept}


def test_no_artist_is_in_two_splits(files):
    artists = {row["book"]: row["artist"] or row["group"] for row in rows("books.csv")}
    groups = {row["file"]: row["group"] for row in rows("paintings.csv")}
    found = defaultdict(set)
    for file, row in files.items():
        if row["split"] != "drop" and not file.startswith(DOODLES):
            found[groups.get(file) or artists[book_of(file)]].add(row["split"])
    # Museums' and anthologies' "artists" are not one person.
    assert {who for who, splits in found.items() if len(splits) > 1} == set()


def test_what_is_dropped_has_a_reason_and_nothing_else_has(files):
    assert all((row["split"] == "drop") == bool(row["dropped"]) for row in files.values())
    assert all(KINDS[file.rsplit("/", 1)[0]] == row["kind"] for file, row in files.items())


def test_every_kept_file_has_a_fingerprint_and_its_crop_lies_inside(files):
    seen = set()
    for table in sorted((ART / "fingerprints").glob("*.csv")):
        name = table.name.split(".")[0]
        folder = name if name in KINDS else f"sketches/{name}"
        for row in rows(f"fingerprints/{table.name}"):
            file = f"{folder}/{row['file']}"
            seen.add(file)
            width, height = map(int, row["size"].split("x"))
            assert len(row["grid"]) == 64 and len(row["sha256"]) == 16
            if crop := files[file]["crop"]:
                left, top, right, bottom = map(int, crop.split())
                assert 0 <= left < right <= width and 0 <= top < bottom <= height, file
                assert min(right - left, bottom - top) >= 96, (file, "too little is left to train on")
    assert seen == {file for file, row in files.items() if row["split"] != "drop"}


def test_every_table_is_small_enough_to_read():
    assert all(path.stat().st_size < 400_000 for path in ART.rglob("*.csv"))


def test_the_page_about_the_data_says_what_the_tables_say(files):
    page = " ".join((Path(__file__).parents[3] / "docs" / "data.md").read_text(encoding="utf-8").split())
    counts = Counter((row["kind"], row["split"]) for row in files.values())
    for kind in ("picture", "drawing", "doodle"):
        row = " | ".join(f"{counts[kind, split]:,}" for split in ("train", "validation", "test", "drop"))
        assert f"| {kind} | {row} |" in page
    for kind in ("picture", "drawing"):
        reasons = Counter(row["dropped"] for row in files.values() if row["dropped"] and row["kind"] == kind)
        part = page.split(f"Dropped {kind}s: ")[1].split("Dropped drawings")[0].split("are cropped")[0]
        assert all(str(number) in part for number in reasons.values())
    for book in rows("books.csv"):
        assert book["artist"] in page and book["book"] in page
