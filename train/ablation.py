"""One row of the ablation table: `python -m train ablation ROW --data DATA --table TABLE --init CHECKPOINT`.

Trains the row's configuration (train/configs/ablations/ROW.toml over base.toml) from one checkpoint, evaluates its
drafts on the validation split, and writes ROW-SEED.json with the command and the commit that made it.
`python -m evaluation ablations` makes one table of them.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from evaluation.rows import evaluate, save_rows
from evaluation.testsets.rendering import render
from evaluation.testsets.selection import load_selection
from s2i.cli.run_command import run_command
from train.data.painter_data import add_painter_options
from train.engine.toml_config import read_config
from train.errors import TrainError
from train.evaluate import draft_painter

ROOT = Path(__file__).parents[1]
CONFIGS = ROOT / "train" / "configs" / "ablations"

_SAME = ("shards", "table", "drawings", "doodles", "cache", "extractor", "seed", "batch")
OPTIONS = {"data": "root"} | {name: name for name in _SAME}

Tables = dict[str, dict[str, Any]]


def row_names() -> list[str]:
    return sorted(p.stem for p in CONFIGS.glob("*.toml") if p.stem != "base")


def row_config(name: str) -> Tables:
    """The row's tables, over those that it extends."""
    if name not in row_names():
        raise TrainError(f"there is no row {name!r}: the rows are {', '.join(row_names())}")
    return read_config(CONFIGS / f"{name}.toml")


def shortened(tables: Tables, pictures: int) -> Tables:
    """The same training in fewer pictures: every length and beginning that is counted in pictures shrinks alike."""
    ratio = pictures / tables["loop"]["num_images"]

    def shrunk(values: dict[str, Any]) -> dict[str, Any]:
        counted = {k for k in values if k.endswith(("_images", "_from", "_ramp", "_lead", "_period"))}
        return {k: max(1, round(v * ratio)) if k in counted and v > 0 else v for k, v in values.items()}

    return {name: shrunk(values) if name in ("loop", "schedule") else values for name, values in tables.items()}


def to_toml(tables: Tables) -> str:
    """TOML of tables that hold plain values only."""
    lines = []
    for name, values in tables.items():
        lines += [f"[{name}]", *(f"{key} = {_literal(value)}" for key, value in values.items()), ""]
    return "\n".join(lines)


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_literal, value))}]"
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _train(tables: Tables, arguments: argparse.Namespace, out: Path) -> None:
    stage = tables["bench"]["stage"]
    out.mkdir(parents=True, exist_ok=True)
    config = out.with_suffix(".toml")
    config.write_text(to_toml({name: table for name, table in tables.items() if name != "bench"}), encoding="utf-8")
    options = {option: getattr(arguments, name) for option, name in OPTIONS.items()}
    given = [text for option, value in options.items() if value is not None for text in (f"--{option}", str(value))]
    begin = ["--resume", "latest"] if any(out.glob("checkpoints/*")) else []
    if arguments.init and stage == "train.stages.painter":
        begin += ["--init", str(arguments.init)]
    command = [sys.executable, "-m", stage, "--config", str(config), "--out", str(out), *given, *begin]
    if subprocess.run(command, cwd=ROOT).returncode:  # noqa: S603
        raise TrainError(f"training stopped: {shlex.join(command[1:])}")


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)  # noqa: S607
    return done.stdout.strip() or "unknown"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m train ablation", description=__doc__)
    parser.add_argument("row", choices=row_names())
    add_painter_options(parser)
    parser.add_argument("--init", help="the checkpoint or bundle that every row starts from")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--num-images", type=int, help="other than the table's 5,000: the schedule shrinks alike")
    parser.add_argument("--batch", type=int)
    parser.add_argument("--runs", type=Path, default=Path("runs/ablations"))
    parser.add_argument("--split", default="validation", help="of the frozen test sets")
    parser.add_argument("--count", type=int, help="inked pictures at most")
    parser.add_argument("--results", type=Path, default=Path("runs/ablations"))
    arguments = parser.parse_args()
    tables = row_config(arguments.row)
    if arguments.num_images:
        tables = shortened(tables, arguments.num_images)
    out = arguments.runs.resolve() / f"{arguments.row}-{arguments.seed}"
    _train(tables, arguments, out)
    data = Path(arguments.root or tables["data"].get("root", ""))
    testset = render(load_selection(arguments.split), data, arguments.count)
    rows = evaluate({arguments.row: draft_painter(str(out))}, testset)
    target = arguments.results / f"{arguments.row}-{arguments.seed}.json"
    save_rows(rows, target, command=shlex.join(["python", "-m", "train", "ablation", *sys.argv[1:]]), commit=_commit(),
              pictures=arguments.num_images or tables["loop"]["num_images"], seed=arguments.seed)
    print(f"{target.name}: {len(rows)} rows")


if __name__ == "__main__":
    run_command(main)
