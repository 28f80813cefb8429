"""A table's rows: painters measured on a test set, kept as JSON and read again."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from s2i.machine.atomic_file import atomic_file

from .columns import REAL, Rows
from .judges.thin_resnet50 import load_judge
from .measures import Numbers, measure, measure_real
from .metrics.intervals import Interval
from .painters import Painter, paint_all
from .real_pictures import Real
from .tasks import plan_tasks
from .testsets.rendering import TestSet

OURS = "ours"  # what the bundled model's row is called


def evaluate(painters: Mapping[str, Painter], testset: TestSet) -> dict[str, Numbers]:
    """-> numbers by painter, and of the real pictures last."""
    real, tasks = Real.of(testset, load_judge()), plan_tasks(testset)
    rows = {}
    for name, paint in painters.items():
        start = time.perf_counter()
        outputs = {key: paint_all(paint, t.inks, testset.pictures[t.reference]) for key, t in tasks.items()}
        rows[name] = measure(outputs, tasks, real)
        sys.stderr.write(f"{name}: {sum(map(len, tasks.values()))} pictures, {time.perf_counter() - start:.0f} s\n")
    return {**rows, REAL: measure_real(tasks, real)}


def save_rows(rows: Rows, path: Path, **facts: object) -> None:
    """JSON, whole or not at all; facts say what was measured."""
    numbers = {name: {key: asdict(value) for key, value in row.items()} for name, row in rows.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(path) as temporary:
        temporary.write_text(json.dumps({**facts, "rows": numbers}, indent=1) + "\n", encoding="utf-8")


def load_rows(path: Path) -> dict[str, Numbers]:
    rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
    return {name: {key: Interval(**value) for key, value in row.items()} for name, row in rows.items()}
