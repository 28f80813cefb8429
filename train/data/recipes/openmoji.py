"""npm's openmoji: genuine pairs of line and colour, drawn by people. For evaluation only: CC BY-SA 4.0."""

from __future__ import annotations

import csv
import logging
import re
import tempfile
from pathlib import Path

from .clients import npm_package, run_client
from .manifest import Row, row_of, write_manifest

logger = logging.getLogger(__name__)

PACKAGE, VERSION = "openmoji", "17.0.0"
LICENCE = "CC BY-SA 4.0, OpenMoji"
SKIN_TONES = re.compile(r"1F3F[B-F]")
COLOUR = re.compile(r"#([0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b")


def make_openmoji(out: Path, package: Path | None = None, size: int = 512) -> list[Row]:
    """Render pairs of the same name to OUT/black and OUT/color, `size` pixels wide, and write OUT/manifest.csv.

    package: an unpacked openmoji; None fetches it with npm. Left out: flags, skin-tone doubles, uncoloured ones.
    """
    if package is None:
        with tempfile.TemporaryDirectory() as folder:
            return make_openmoji(out, npm_package(PACKAGE, VERSION, Path(folder)), size)
    flags = _names_in_group(package, "flags")
    rows = []
    for coloured in sorted((package / "color" / "svg").glob("*.svg")):
        black = package / "black" / "svg" / coloured.name
        if coloured.stem in flags or SKIN_TONES.search(coloured.stem) or not black.exists():
            continue
        if not has_colour(coloured.read_text(encoding="utf-8")):
            continue
        for kind, source in (("black", black), ("color", coloured)):
            target = out / kind / f"{coloured.stem}.png"
            _render(source, target, size)
            rows.append(row_of(target, out, f"npm {PACKAGE}@{VERSION}: {kind}/svg/{coloured.name}", LICENCE))
    logger.info("%s: %d pairs, for evaluation only", PACKAGE, len(rows) // 2)
    write_manifest(out, rows)
    return rows


def has_colour(svg: str) -> bool:
    """Whether any fill or stroke is neither black, white nor (nearly: #9b9b9a) grey."""
    for match in COLOUR.finditer(svg):
        digits = match[1] if len(match[1]) == 6 else "".join(2 * digit for digit in match[1])
        channels = [int(digits[i : i + 2], 16) for i in (0, 2, 4)]
        if max(channels) - min(channels) > 16:
            return True
    return False


def _names_in_group(package: Path, group: str) -> set[str]:
    table = package / "data" / "openmoji.csv"
    with open(table, newline="", encoding="utf-8") as file:
        return {row["hexcode"] for row in csv.DictReader(file)
                if row.get("group") == group or group.rstrip("s") in (row.get("subgroups") or "")}


def _render(source: Path, target: Path, size: int) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    hint = "install Debian's librsvg2-bin"
    command = ["rsvg-convert", "-w", str(size), "-h", str(size), "-b", "white", "-o", str(target), str(source)]
    run_client(command, target.parent, hint)
