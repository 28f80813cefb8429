"""The committed tables of the art set: what is in it, where it comes from, and why it is split as it is.

`art/files.csv`: file, kind (picture, drawing, doodle), split, crop in pixels, why a file is dropped; `picture_table`
reads it. `art/books.csv` and `art/paintings.csv`: the sources, with their artists. `art/fingerprints/`: what each file
that is kept looks like (`recipes.fingerprints`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from .splits import assign_splits

ART = Path(__file__).parent / "art"
DOODLES = "sketches/tu-berlin/"

_PINNED = {"24623": "train", "rackham": "validation"}
# Their title pages told only later that W. W. Collins and Arthur Rackham painted them, who have other books.
_MOVED = {"34210": "train", "60976": "validation"}


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one of the tables, e.g. "books.csv"."""
    with open(ART / name, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def book_of(file: str) -> str:
    """"plates/14838_the-tale-of-peter-rabbit_peter04.webp" -> "14838", its number at Project Gutenberg."""
    return Path(file).name.split("_")[0]


def split_art(files: Iterable[str]) -> dict[str, str]:
    """file -> split, by the rule that made the table's: by book, books and paintings of one artist together, and each
    doodle by itself."""
    books = {row["book"]: row for row in rows("books.csv")}
    paintings = {row["file"]: row["group"] for row in rows("paintings.csv")}
    group_of: dict[str, str] = {}
    groups: dict[str, dict[str, int]] = {}
    for file in sorted(files):
        if file.startswith(DOODLES):
            group, style = f"tu:{Path(file).name}", "doodle"
        elif file in paintings:
            group, style = paintings[file], "painting"
        else:
            book = books[book_of(file)]
            group, style = book["group"], "drawing" if file.startswith("sketches/") else book["style"]
        group_of[file] = group
        counts = groups.setdefault(group, {})
        counts[style] = counts.get(style, 0) + 1
    splits = assign_splits(groups, _PINNED)
    return {file: _MOVED.get(book_of(file)) or splits[group] for file, group in group_of.items()}
