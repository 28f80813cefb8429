"""One row of the ablation table: `python -m train ablation ROW --data PICTURES --inks INKS --backbone HED_WHEEL`.

Trains the row's configuration (train/configs/ablations/ROW.toml over base.toml), evaluates the result on the frozen
test set, and writes evaluation/results/ablations/ROW-SEED.json with the command and the commit that made it.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from evaluation.evaluate import evaluate_painters, save_rows
from evaluation.testsets import load_testset
from evaluation.trials import Painter, model_painter
from s2i.cli.run_command import run_command
from train.data.freeze_testset import canny_ink
from train.data.pictures import PICTURES, decode
from train.engine.toml_config import read_config
from train.errors import TrainError
from train.evaluate import model_of_checkpoint

from .stages.pix2pix import pix2pix_painter

ROOT = Path(__file__).parents[1]
CONFIGS = ROOT / "train" / "configs" / "ablations"
RESULTS = ROOT / "evaluation" / "results" / "ablations"
TESTSET = ROOT / "evaluation" / "testset" / "test"

Tables = dict[str, dict[str, Any]]


def row_names() -> list[str]:
    return sorted(p.stem for p in CONFIGS.glob("*.toml") if p.stem != "base")


def row_config(name: str) -> Tables:
    """The row's tables over the base's."""
    if name not in row_names():
        raise TrainError(f"there is no row {name!r}: the rows are {', '.join(row_names())}")
    tables = read_config(CONFIGS / "base.toml")
    for table, values in read_config(CONFIGS / f"{name}.toml").items():
        tables[table] = {**tables.get(table, {}), **values}
    return tables


def shortened(tables: Tables, pictures: int) -> Tables:
    """The same training in fewer pictures: every length and beginning that is counted in pictures shrinks alike."""
    ratio = pictures / tables["loop"]["num_images"]

    def shrunk(values: dict[str, Any]) -> dict[str, Any]:
        counted = {k for k in values if k.endswith(("_images", "_from", "_ramp", "_period"))}
        return {k: max(1, round(v * ratio)) if k in counted else v for k, v in values.items()}

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


def fewer_looks(inks: Path, looks: int, out: Path) -> Path:
    """A folder with links to the first `looks` looks of every picture (KEY_0.png, KEY_1.png, ...)."""
    out.mkdir(parents=True, exist_ok=True)
    by_key: dict[str, list[Path]] = {}
    for path in sorted(inks.glob("*_*.png")):
        by_key.setdefault(path.stem.split("_")[0], []).append(path)
    for paths in by_key.values():
        # Evenly spread over the looks, so that one look is a middling one.
        chosen = np.linspace(0, len(paths) - 1, min(looks, len(paths)) + 2).round().astype(int)[1:-1]
        for i in sorted(set(chosen)) if looks < len(paths) else range(len(paths)):
            link = out / paths[i].name
            if not link.exists():
                os.symlink(paths[i].resolve(), link)
    return out


def edge_inks(pictures: Path, short_side: int, out: Path) -> Path:
    """A folder with one Canny drawing for every picture, named as `python -m train sketches` names its own."""
    out.mkdir(parents=True, exist_ok=True)
    for path in sorted(p for p in pictures.rglob("*") if p.suffix.lower() in PICTURES):
        target = out / f"{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}_0.png"
        if not target.exists():
            ink = canny_ink(decode(path, short_side))
            Image.fromarray(255 - np.round(ink * 255).astype(np.uint8)).save(target)
    return out


def _train(tables: Tables, arguments: argparse.Namespace, out: Path) -> None:
    bench = tables.pop("bench")
    inks = arguments.inks
    if bench["edges"]:
        inks = edge_inks(arguments.data, tables["data"]["short_side"], out.parent / "edge_inks")
    elif bench["looks"]:
        inks = fewer_looks(arguments.inks, bench["looks"], out.parent / f"inks_{bench['looks']}")
    out.mkdir(parents=True, exist_ok=True)
    config = out.with_suffix(".toml")
    config.write_text(to_toml(tables), encoding="utf-8")
    options = {"data": arguments.data, "inks": inks, "drawings": arguments.drawings, "cache": arguments.cache}
    options |= {"backbone": arguments.backbone, "batch": arguments.batch}
    given = [text for key, value in options.items() if value is not None for text in (f"--{key}", str(value))]
    resume = ["--resume", "latest"] if any(out.glob("checkpoints/*")) else []
    command = [sys.executable, "-m", bench["stage"], "--config", str(config), "--out", str(out)]
    command += ["--seed", str(arguments.seed), *given, *resume]
    if subprocess.run(command, cwd=ROOT).returncode:  # noqa: S603
        raise TrainError(f"training stopped: {shlex.join(command[1:])}")


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)  # noqa: S607
    return done.stdout.strip() or "unknown"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m train ablation", description=__doc__)
    parser.add_argument("row", choices=row_names())
    parser.add_argument("--data", type=Path, required=True, help="folder of pictures")
    parser.add_argument("--inks", type=Path, required=True, help="ink cache written by train sketches")
    parser.add_argument("--drawings", type=Path, help="folder of hand sketches")
    parser.add_argument("--cache", type=Path, help="folder for decoded pictures")
    parser.add_argument("--backbone", help="the loss net's file")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--num-images", type=int, help="fewer than the table's 32,000: the schedule shrinks alike")
    parser.add_argument("--batch", type=int)
    parser.add_argument("--runs", type=Path, default=Path("runs/ablations"))
    parser.add_argument("--testset", type=Path, default=TESTSET)
    parser.add_argument("--count", type=int, help="pictures of the test set at most")
    parser.add_argument("--results", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    tables = row_config(arguments.row)
    if arguments.num_images:
        tables = shortened(tables, arguments.num_images)
    stage = tables["bench"]["stage"]
    out = arguments.runs.resolve() / f"{arguments.row}-{arguments.seed}"
    _train(tables, arguments, out)
    paint: Painter
    if stage.endswith("pix2pix"):
        paint = pix2pix_painter(out)
    else:
        paint = model_painter(model_of_checkpoint(str(out)), strength=0.0)
    rows, _, _ = evaluate_painters({arguments.row: paint}, load_testset(arguments.testset).first(arguments.count))
    options = f" --seed {arguments.seed}" if arguments.seed else ""
    options += f" --num-images {arguments.num_images}" if arguments.num_images else ""
    target = arguments.results / f"{arguments.row}-{arguments.seed}.json"
    save_rows(rows, target, command=f"python -m train ablation {arguments.row}{options}", commit=_commit(),
              pictures=arguments.num_images or tables["loop"]["num_images"], seed=arguments.seed)
    print(f"{target.name}: {len(rows)} rows")


if __name__ == "__main__":
    run_command(main)
