"""`python -m evaluation quality --data DIR --split validation`: the table of a model, the cheats and the real pictures.

Report the test split; choose on validation.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np

from s2i.cli.run_command import run_command
from s2i.machine.atomic_file import atomic_file
from s2i.pipeline import SketchToImage

from .baselines.flat_fill import flat_fill
from .baselines.histogram_transfer import histogram_transfer
from .baselines.reference_under_ink import reference_under_ink
from .columns import REAL, Rows, table
from .judges.thin_resnet50 import load_judge
from .markdown_markers import insert_tables
from .measures import Numbers, measure, measure_real
from .metrics.intervals import Interval
from .painters import Painter, model_painter, paint_all
from .real_pictures import Real
from .tasks import plan_tasks
from .testsets.rendering import TestSet, render
from .testsets.selection import load_selection

OURS = "ours"
CHEATS: Mapping[str, Painter] = {
    "flat fill": flat_fill,
    "reference under ink": reference_under_ink,
    "histogram transfer": histogram_transfer,
}


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


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evaluation quality", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with plates, paintings and sketches")
    parser.add_argument("--split", default="validation", help="validation (to choose on) or test (to report)")
    parser.add_argument("--model", action="append", help="a bundle; may be repeated; the bundled one by default")
    parser.add_argument("--count", type=int, help="inked pictures at most: all 60 by default")
    parser.add_argument("--no-cheats", action="store_true", help="the models alone")
    parser.add_argument("--json", type=Path, help="write the numbers here")
    parser.add_argument("--document", type=Path, help="put the table between this Markdown file's markers")
    arguments = parser.parse_args()
    testset = render(load_selection(arguments.split), arguments.data, arguments.count)
    names = arguments.model or [None]
    models = {Path(name).stem if name else OURS: SketchToImage.from_pretrained(name) for name in names}
    painters = {title: model_painter(model) for title, model in models.items()}
    rows = evaluate(painters if arguments.no_cheats else {**painters, **CHEATS}, testset)
    pictures = {title: model.provenance.get("pictures") for title, model in models.items()}
    facts = {"split": testset.split, "inked": len(testset.drawn), "books": len(np.unique(testset.books))}
    text = table(rows)
    sys.stdout.write(f"{testset.split}: {facts['inked']} inked pictures of {len(testset.pictures)} by {facts['books']} "
                     f"books and artists, {len(testset.drawings)} drawings, {len(testset.doodles)} doodles\n\n{text}\n")
    if arguments.json:
        save_rows(rows, arguments.json, **facts, pictures=pictures)
    if arguments.document:
        insert_tables(arguments.document, {f"quality-{testset.split}": text})


if __name__ == "__main__":
    run_command(main)
