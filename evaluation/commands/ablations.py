"""`python -m evaluation ablations ROW.json ...`: what `quality --json` measured of several runs, one line a run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from ..columns import COLUMNS, REAL, Column, number
from ..errors import EvaluationError
from ..measures import Numbers
from ..rows import load_rows

_KEYS = ("kid/own", "kid/unpaired", "kid/drawings", "edge_f1/unpaired", "recall/drawings", "darkness/drawings",
         "contrast/drawings", "hues/unpaired", "retrieval/unpaired", "leakage/unpaired")
ABLATION_COLUMNS = tuple(c for c in COLUMNS if c.key in _KEYS)


def read_runs(paths: list[Path]) -> dict[str, Numbers]:
    """Every file's first painter, under the file's name, and the real pictures of the last. Raises `EvaluationError`
    for a file that is not there or holds no painter."""
    runs: dict[str, Numbers] = {}
    real: Numbers = {}
    for path in paths:
        if not path.is_file():
            raise EvaluationError(f"{path}: no such file; `python -m evaluation quality --json {path}` makes it")
        rows = load_rows(path)
        real = rows.pop(REAL, real)
        if not rows:
            raise EvaluationError(f"{path} holds no painter's numbers")
        runs[path.stem] = next(iter(rows.values()))
    return {**runs, REAL: real}


def ablation_table(runs: Mapping[str, Numbers], columns: tuple[Column, ...] = ABLATION_COLUMNS) -> str:
    """Markdown, one line a run. A number whose interval does not reach the first run's value is set in bold."""
    first = next(iter(runs.values()))
    lines = [["run", *(f"{c.title} ({c.goal})" for c in columns)], ["---"] * (len(columns) + 1)]
    for name, numbers in runs.items():
        cells = []
        for column in columns:
            mine, theirs = number(numbers, column, name), number(first, column, "")
            text = mine.text(column.digits) if mine else ""
            apart = mine and theirs and name != REAL and not mine.low <= theirs.value <= mine.high
            cells.append(f"**{text}**" if apart else text)
        lines.append([name, *cells])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evaluation ablations", description=__doc__)
    parser.add_argument("runs", type=Path, nargs="+", help="files of `quality --json`; the first is compared with")
    arguments = parser.parse_args()
    sys.stdout.write(ablation_table(read_runs(arguments.runs)) + "\n")
