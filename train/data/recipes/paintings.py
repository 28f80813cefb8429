"""A folder of paintings and a folder of hand sketches of one's own, with their credits."""

from __future__ import annotations

import csv
import logging
import shutil
from pathlib import Path

from ...errors import TrainError
from ..pictures import PICTURES
from .manifest import Row, row_of, write_manifest

logger = logging.getLogger(__name__)

UNKNOWN = "unknown: ask the owner"


def make_paintings(
    out: Path,
    paintings: Path | None,
    sketches: Path | None,
    sketches_licence: str = UNKNOWN,
) -> list[Row]:
    """Copy (or link, on the same disk) pictures to OUT/paintings and OUT/sketches and write OUT/manifest.csv.

    paintings: its credits.csv (file, source, rights), if there is one, gives sources and licences. sketches: nested;
    a file's source is its folder. Raises `TrainError` where a folder is missing or holds no picture.
    """
    rows = []
    for kind, folder, licence in (("paintings", paintings, UNKNOWN), ("sketches", sketches, sketches_licence)):
        if folder is None:
            continue
        if not folder.is_dir():
            raise TrainError(f"there is no folder {folder}")
        credits = _credits(folder)
        found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in PICTURES and p.is_file())
        if not found:
            raise TrainError(f"there is no picture in {folder}")
        for path in found:
            relative = path.relative_to(folder)
            target = out / kind / relative
            _place(path, target)
            source, rights = credits.get(relative.as_posix(), (relative.parent.as_posix(), licence))
            rows.append(row_of(target, out, source, rights))
        logger.info("%s: %d pictures, %d with credits", kind, len(found), len(credits))
    if not rows:
        raise TrainError("give --paintings DIR, --sketches DIR, or both")
    write_manifest(out, rows)
    return rows


def _credits(folder: Path) -> dict[str, tuple[str, str]]:
    table = folder / "credits.csv"
    if not table.is_file():
        return {}
    with open(table, newline="", encoding="utf-8") as file:
        return {r["file"]: (_by(r), r.get("rights") or UNKNOWN) for r in csv.DictReader(file) if r.get("file")}


def _by(row: dict[str, str]) -> str:
    return ", ".join(row[k] for k in ("artist", "title", "year", "source") if row.get(k))


def _place(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)
