"""The list that every recipe leaves: which file came from where, under which licence."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from s2i.machine.atomic_file import atomic_file

NAME = "manifest.csv"


@dataclass(frozen=True)
class Row:
    """file: relative to the manifest, with forward slashes. sha256: of the file."""

    file: str
    source: str
    licence: str
    sha256: str


def row_of(path: Path, out: Path, source: str, licence: str) -> Row:
    """The row for a file under `out`."""
    return Row(path.relative_to(out).as_posix(), source, licence, hashlib.sha256(path.read_bytes()).hexdigest())


def write_manifest(out: Path, rows: Iterable[Row]) -> Path:
    """OUT/manifest.csv, sorted by file."""
    path = out / NAME
    with atomic_file(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(f.name for f in fields(Row))
        writer.writerows(astuple(row) for row in sorted(rows, key=lambda r: r.file))
    return path


def read_manifest(out: Path) -> list[Row]:
    with open(out / NAME, newline="", encoding="utf-8") as file:
        return [Row(**values) for values in csv.DictReader(file)]
