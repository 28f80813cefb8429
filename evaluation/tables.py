"""Tables between markers: `<!-- bench:NAME -->` ... `<!-- /bench -->` in Markdown files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from evaluation.columns import COLUMNS, Column, Rows, table
from evaluation.evaluate import load_rows
from evaluation.metrics.bootstrap import Interval

# Where a row is read after what: an ablation is worth its difference from these.
ABLATION_COLUMNS = tuple(
    c for c in COLUMNS
    if c.key in ("kid_foreign", "canny_f1_2px", "lab_emd", "style", "retrieval", "leakage_excess", "contrast")
)


def insert_tables(path: Path, tables: Mapping[str, str]) -> list[str]:
    """Replace what stands between the markers of each name; -> the names that the file has. Other text stays."""
    if not path.is_file():
        return []
    text = path.read_text(encoding="utf-8")
    found = []
    for name, content in tables.items():
        pattern = re.compile(rf"(<!-- bench:{re.escape(name)} -->\n).*?(<!-- /bench -->)", re.DOTALL)
        text, count = pattern.subn(lambda m, c=content: f"{m[1]}{c.strip()}\n{m[2]}", text)
        if count:
            found.append(name)
    if found:
        path.write_text(text, encoding="utf-8")
    return found


def ablation_rows(folder: Path) -> dict[str, dict[str, Interval]]:
    """Row name -> numbers, of every ROW-SEED.json; rows with several seeds are their mean, spanning all intervals."""
    by_row: dict[str, list[dict[str, Interval]]] = {}
    for path in sorted(folder.glob("*-*.json")):
        name = path.stem.rsplit("-", 1)[0]
        by_row.setdefault(name, []).append(load_rows(path)[name])
    return {_title(name, len(runs)): _joined(runs) for name, runs in sorted(by_row.items(), key=_ours_first)}


def _ours_first(item: tuple[str, object]) -> tuple[bool, str]:
    return item[0] != "ours", item[0]


def _title(name: str, seeds: int) -> str:
    return name.replace("_", " ") + (f" ({seeds} seeds)" if seeds > 1 else "")


def _joined(runs: Sequence[Mapping[str, Interval]]) -> dict[str, Interval]:
    keys = set.intersection(*(set(r) for r in runs))
    return {
        key: Interval(
            sum(r[key].value for r in runs) / len(runs), min(r[key].low for r in runs), max(r[key].high for r in runs)
        )
        for key in keys
    }


def ablation_table(folder: Path, columns: Sequence[Column] = ABLATION_COLUMNS) -> str:
    """Markdown, one line per row of the ablation table; or how to make it."""
    rows: Rows = ablation_rows(folder)
    if not rows:
        return "Not trained yet: `python -m train ablation ROW --data PICTURES --inks INKS` makes one row."
    made = []
    for path in sorted(folder.glob("*-*.json")):
        facts = json.loads(path.read_text(encoding="utf-8"))
        made.append(f"`{facts['command']}` at {facts['commit']}, {facts['pictures']} pictures")
    return table(rows, columns, transposed=False) + "\n\n" + "; ".join(made) + "."
