"""How a training went: `python -m bench.training RUN [RUN ...] [--plot docs/training.png]`, from the runs' log.jsonl.

One panel for every objective, one line for every run, smoothed; names before an equals sign label the lines:
`python -m bench.training auto-encoder=runs/autoencoder refiner=runs/refiner`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from train.errors import TrainError
from train.toml_config import run_command

from .plots import figure_of, save_figure
from .run import ROOT

_FACTS = {"step", "pictures", "lr_factor", "images_per_second"}
_COLUMNS = 4
Log = Sequence[Mapping[str, float]]


def read_log(run: Path) -> Log:
    """The rows of RUN/log.jsonl, by pictures seen. A resumed run repeats what its last checkpoint had not seen: the
    later row counts. Raises `TrainError` where there is none."""
    path = run / "log.jsonl" if run.is_dir() else run
    if not path.is_file():
        raise TrainError(f"there is no training log {path}: give the folder of a run")
    rows: dict[int, dict[str, float]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        for pictures in [p for p in rows if p >= row["pictures"]]:
            del rows[pictures]
        rows[row["pictures"]] = row
    if not rows:
        raise TrainError(f"the training log {path} is empty")
    return [rows[pictures] for pictures in sorted(rows)]


def smoothed(values: Sequence[float], share: float = 0.05) -> np.ndarray:
    """A running mean over `share` of all points, the window cut off at the ends."""
    reach = max(1, round(len(values) * share)) // 2
    x = np.asarray(values, dtype=float)
    return np.array([x[max(0, i - reach) : i + reach + 1].mean() for i in range(len(x))])


def plot_logs(logs: Mapping[str, Log], path: Path) -> list[str]:
    """-> the objectives shown."""
    terms = sorted({key for log in logs.values() for row in log for key in row} - _FACTS)
    rows = -(-len(terms) // _COLUMNS)
    figure, axes = figure_of(2.6 * _COLUMNS, 1.7 * rows, rows, _COLUMNS)
    for axis in axes.flat[len(terms) :]:
        axis.axis("off")
    for axis, term in zip(axes.flat, terms, strict=False):
        for name, log in logs.items():
            points = [(row["pictures"], row[term]) for row in log if term in row]
            pictures, values = zip(*points, strict=True) if points else ((), ())
            (line,) = axis.plot(np.array(pictures) / 1000, smoothed(values), label=name)
            axis.plot(np.array(pictures) / 1000, values, color=line.get_color(), alpha=0.2, linewidth=0.6)
        axis.set_title(term.replace("_", " "), fontsize=8)
        axis.tick_params(labelsize=7)
    for axis in axes[-1]:
        axis.set_xlabel("thousand pictures", fontsize=7)
    axes.flat[0].legend(fontsize=7, frameon=False)
    save_figure(figure, path)
    return terms


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.training", description=__doc__)
    parser.add_argument("runs", nargs="+", metavar="[NAME=]RUN", help="a run's folder")
    parser.add_argument("--plot", type=Path, default=ROOT / "docs" / "training.png")
    arguments = parser.parse_args()
    logs = {}
    for text in arguments.runs:
        name, _, folder = text.rpartition("=")
        logs[name or Path(folder).name] = read_log(Path(folder))
    print(f"{arguments.plot}: {', '.join(plot_logs(logs, arguments.plot))}")


if __name__ == "__main__":
    run_command(main)
