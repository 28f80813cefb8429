"""How a training went: `python -m bench.training RUN [RUN ...] [--plot docs/training.png]`, from the runs' log.jsonl.

One panel for every objective of every run, smoothed; names before an equals sign label the runs:
`python -m bench.training painter=runs/painter refiner=runs/refiner`. --together compares runs of one stage:
one panel for every objective, one line for every run. Values are as the loop logged them, with their weights: a step in
a curve where a run was resumed is a weight, a batch or the data that was changed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from s2i.cli.run_command import run_command
from s2i.errors import S2IError

from .figures import ACCENTS, figure_of, save_figure

_FACTS = {"step", "samples_seen", "lr_factor", "images_per_second"}
_COLUMNS = 4
Log = Sequence[Mapping[str, float]]

ROOT = Path(__file__).parents[1]


def read_log(run: Path) -> Log:
    """The rows of RUN/log.jsonl, by pictures seen. A resumed run repeats what its last checkpoint had not seen: the
    later row counts. Raises `S2IError` where there is none, or where a line cannot be read."""
    path = run / "log.jsonl" if run.is_dir() else run
    if not path.is_file():
        raise S2IError(f"there is no training log {path}: give the folder of a run")
    rows: list[dict[str, float]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            seen = float(row["samples_seen"])
        except (ValueError, KeyError, TypeError) as error:
            raise S2IError(f"line {number} of {path} is no row of a training log: {error}") from error
        while rows and rows[-1]["samples_seen"] >= seen:
            rows.pop()
        rows.append(row)
    if not rows:
        raise S2IError(f"the training log {path} is empty")
    return rows


def smoothed(pictures: Sequence[float], values: Sequence[float], share: float = 0.02) -> np.ndarray:
    """Means under a Gaussian whose sigma is `share` of the pictures spanned, (N,): rows that stand for few pictures,
    as after a change of the batch, weigh no more than their place."""
    x, y = np.asarray(pictures, dtype=float), np.asarray(values, dtype=float)
    gaps = np.gradient(x) if len(x) > 1 else np.ones(1)
    sigma = max(share * np.ptp(x), 1e-9)
    weights = np.exp(-0.5 * ((x[:, None] - x[None, :]) / sigma) ** 2) * gaps
    return (weights * y).sum(1) / weights.sum(1)


def panels_of(logs: Mapping[str, Log], together: bool) -> list[tuple[str, tuple[str, ...]]]:
    """(objective, the runs to show in its panel). Together: every run that has it; else each run has its own panels."""
    terms = {name: sorted({key for row in log for key in row} - _FACTS) for name, log in logs.items()}
    if not together:
        return [(term, (name,)) for name in logs for term in terms[name]]
    shown = sorted(set().union(*terms.values()))
    return [(term, tuple(name for name in logs if term in terms[name])) for term in shown]


def plot_logs(logs: Mapping[str, Log], path: Path, together: bool = False) -> list[str]:
    """-> the objectives shown, in order. Panels of the same runs have the same axis of pictures."""
    panels = panels_of(logs, together)
    rows = -(-len(panels) // _COLUMNS)
    figure, axes = figure_of(2.6 * _COLUMNS, 1.7 * rows, rows, _COLUMNS)
    colours = {name: ACCENTS[i % len(ACCENTS)] for i, name in enumerate(logs)}
    for axis in axes.flat[len(panels) :]:
        axis.axis("off")
    for axis, (term, names) in zip(axes.flat, panels, strict=False):
        for name in names:
            pictures, values = np.array([(row["samples_seen"], row[term]) for row in logs[name] if term in row]).T
            axis.plot(pictures / 1000, values, color=colours[name], alpha=0.25, linewidth=0.6)
            axis.plot(pictures / 1000, smoothed(pictures, values), color=colours[name], label=name)
        axis.set_xlim(0, max(logs[name][-1]["samples_seen"] for name in names) / 1000)
        axis.set_title(term.replace("_", " "), fontsize=8)
        axis.tick_params(labelsize=7)
    for i, axis in enumerate(axes.flat):
        if i < len(panels) <= i + _COLUMNS:
            axis.set_xlabel("thousand pictures", fontsize=7)
    from matplotlib.lines import Line2D

    keys = [Line2D([], [], color=colour) for colour in colours.values()]
    figure.legend(keys, list(colours), loc="outside upper left", ncols=len(colours), fontsize=8, frameon=False)
    save_figure(figure, path)
    return [term for term, _ in panels]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.training", description=__doc__)
    parser.add_argument("runs", nargs="+", metavar="[NAME=]RUN", help="a run's folder")
    parser.add_argument("--plot", type=Path, default=ROOT / "docs" / "training.png")
    parser.add_argument("--together", action="store_true", help="one panel for an objective, all runs in it")
    arguments = parser.parse_args()
    logs = {}
    for text in arguments.runs:
        name, _, folder = text.rpartition("=")
        logs[name or Path(folder).name] = read_log(Path(folder))
    print(f"{arguments.plot}: {', '.join(plot_logs(logs, arguments.plot, arguments.together))}")


if __name__ == "__main__":
    run_command(main)
