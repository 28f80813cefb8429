"""Which files are trained on: a table that is committed, so that a split never depends on a machine."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from ..errors import TrainError

KINDS = ("picture", "drawing", "doodle")
SPLITS = ("train", "validation", "test", "drop")
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class TableRow:
    """file: relative to the data's root. kind: one of `KINDS`. split: one of `SPLITS`; what is dropped was looked at
    and found wanting. crop: (left, top, right, bottom) in pixels, or None for the whole picture."""

    file: str
    kind: str
    split: str
    crop: Box | None = None


def read_table(path: str | Path) -> list[TableRow]:
    """A CSV file with the columns file, kind, split, crop ("left top right bottom" or empty); further ones are ignored.

    Raises `TrainError` naming the line that is wrong.
    """
    try:
        with open(path, encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TrainError(f"the table {path} cannot be read: {error}") from error
    return [_row(row, f"{path}, line {number}") for number, row in enumerate(rows, 2)]


def _row(row: dict[str, str | None], where: str) -> TableRow:
    file, kind, split = (row.get(name) or "" for name in ("file", "kind", "split"))
    if not file or Path(file).is_absolute() or ".." in Path(file).parts:
        raise TrainError(f"{where}: file must be a path inside the data's root, found {file!r}")
    if kind not in KINDS or split not in SPLITS:
        raise TrainError(f"{where}: kind is one of {', '.join(KINDS)} and split of {', '.join(SPLITS)}; "
                         f"found {kind!r}, {split!r}")
    numbers = (row.get("crop") or "").split()
    if not numbers:
        return TableRow(file, kind, split)
    if len(numbers) != 4 or not all(n.isdigit() for n in numbers):
        raise TrainError(f"{where}: crop is \"left top right bottom\" in pixels, found {row['crop']!r}")
    left, top, right, bottom = map(int, numbers)
    if left >= right or top >= bottom:
        raise TrainError(f"{where}: the crop {row['crop']!r} is empty")
    return TableRow(file, kind, split, (left, top, right, bottom))
