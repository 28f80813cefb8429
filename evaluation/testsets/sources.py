"""Which files a test set may be drawn from, by the tables that training reads, too."""

from __future__ import annotations

import csv
from pathlib import Path

from ..errors import EvaluationError
from .selection import Source


def read_sources(tables: Path, split: str) -> dict[str, Source]:
    """The files of a split, by the art set's tables: files.csv (file, split, crop), books.csv (book, group) and
    paintings.csv (file, group). Raises `EvaluationError` for a table that is not there or a split without files."""
    books = {row["book"]: row["group"] for row in _rows(tables / "books.csv")}
    painters = {row["file"]: row["group"] for row in _rows(tables / "paintings.csv")}
    sources = {}
    for row in _rows(tables / "files.csv"):
        if row["split"] == split:
            file = row["file"]
            number = Path(file).name.split("_")[0]
            crop = tuple(map(int, row["crop"].split()))
            # A doodle belongs to nobody.
            group = painters.get(file) or books.get(number) or file
            sources[file] = Source(group, crop if len(crop) == 4 else None)  # type: ignore[arg-type]
    if not sources:
        raise EvaluationError(f"{tables / 'files.csv'} has no files of the split {split!r}")
    return sources


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        raise EvaluationError(f"{path}: no such table")
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
