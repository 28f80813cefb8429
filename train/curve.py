"""Quality against training pictures: `python -m train curve RUN`, once per checkpoint or with --watch beside a run."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict
from pathlib import Path

from evaluation.evaluate import OURS, evaluate_painters
from evaluation.metrics.bootstrap import Interval
from evaluation.plots import curves
from evaluation.testsets import EvaluationSet, load_testset
from evaluation.trials import model_painter
from s2i.cli.run_command import run_command
from train.engine.checkpoints import find_checkpoint
from train.errors import TrainError
from train.evaluate import model_of_checkpoint

Points = dict[int, dict[str, Interval]]

ROOT = Path(__file__).parents[1]


def load_points(path: Path) -> Points:
    if not path.is_file():
        return {}
    stored = json.loads(path.read_text(encoding="utf-8"))
    return {int(n): {key: Interval(**value) for key, value in row.items()} for n, row in stored.items()}


def save_points(points: Points, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    stored = {n: {key: asdict(value) for key, value in points[n].items()} for n in sorted(points)}
    path.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def add_point(run: str, testset: EvaluationSet, points: Points, offset: int = 0) -> int | None:
    """Evaluate the run's newest checkpoint; -> the pictures it has seen, None where it is known already."""
    pictures = offset + int(find_checkpoint(Path(run), run).meta["samples_seen"])
    if pictures in points:
        return None
    paint = model_painter(model_of_checkpoint(run), strength=0.0)
    rows, _, _ = evaluate_painters({OURS: paint}, testset, foreign=1)
    points[pictures] = rows[OURS]
    return pictures


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m train curve", description=__doc__)
    parser.add_argument("run", help="a run's folder, or a checkpoint")
    parser.add_argument("--testset", type=Path, default=ROOT / "evaluation" / "testset" / "validation")
    parser.add_argument("--count", type=int, default=16, help="pictures at most")
    parser.add_argument("--offset", type=int, default=0, help="pictures seen before this run began")
    parser.add_argument("--json", type=Path, default=ROOT / "evaluation" / "results" / "curve.json")
    parser.add_argument("--plot", type=Path, default=ROOT / "docs" / "curves.png")
    parser.add_argument("--watch", type=float, default=0, metavar="MINUTES", help="and look again, for ever")
    arguments = parser.parse_args()
    testset = load_testset(arguments.testset).first(arguments.count)
    while True:
        points = load_points(arguments.json)
        try:
            seen = add_point(arguments.run, testset, points, arguments.offset)
        except TrainError as error:  # a checkpoint that was just rotated away
            if not arguments.watch:
                raise
            print(f"not now: {error}", flush=True)
            seen = None
        if seen is not None:
            save_points(points, arguments.json)
            curves(points, arguments.plot)
            kid, f1 = points[seen]["kid_foreign"], points[seen]["canny_f1_2px"]
            print(f"{seen} pictures: KID {1000 * kid.value:.0f}, edge F1 {f1.value:.2f}", flush=True)
        if not arguments.watch:
            return
        time.sleep(60 * arguments.watch)


if __name__ == "__main__":
    run_command(main)
