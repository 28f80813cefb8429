"""`python -m evaluation select --data DIR --tables train/data/art`: draw the committed test sets by lot, again."""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

from s2i.cli.run_command import run_command

from .errors import EvaluationError
from .testsets.selection import FOLDER, Source, save_selection, select

SPLITS = ("validation", "test")


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


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evaluation select", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with plates, paintings and sketches")
    parser.add_argument("--tables", type=Path, required=True, help="folder with files.csv, books.csv and paintings.csv")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=FOLDER)
    arguments = parser.parse_args()
    for split in SPLITS:
        chosen = select(arguments.data, split, read_sources(arguments.tables, split), arguments.seed)
        sys.stdout.write(f"{save_selection(chosen, arguments.out)}: {len(chosen.pictures)} pictures\n")


if __name__ == "__main__":
    run_command(main)
