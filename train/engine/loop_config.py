"""The [loop] table: what every stage's configuration and command have in common."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Any

from .toml_config import from_table, overridden


@dataclass(frozen=True)
class LoopConfig:
    """The [loop] table of a configuration. Schedules count pictures over all processes; minutes only say when to
    write things down and when to stop."""

    out: str = "runs/run"
    seed: int = 0
    num_images: int = 100_000  # where the run ends
    batch: int = 16  # per process
    accumulate: int = 1  # batches per optimiser step
    warmup_images: int = 3_000
    decay_images: int = 0  # length of the last phase
    ema_half_life_images: float = 8_000.0
    clip: float = 5.0  # largest norm of an optimiser's gradient
    checkpoint_minutes: float = 10.0
    keep: int = 3
    preview_minutes: float = 5.0
    max_minutes: float = 0.0  # 0 = no limit
    log_every: int = 50  # steps
    mixed_precision: str = "no"  # "bf16", "fp16"
    channels_last: bool = True
    compile: bool = False
    fused: bool = True  # one kernel for Adam's whole step
    workers: int = 2
    resume: str = ""  # "latest" or a checkpoint
    init: str = ""  # a checkpoint or a bundle to take networks and averages from, for a new run
    tensorboard: bool = True  # where it is installed
    cpu: bool = False  # stay on the CPU even where there is an accelerator
    profile: bool = False  # wait for the device at every timing


def loop_parser(description: str) -> argparse.ArgumentParser:
    """--config and the options that override its [loop] table."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--config", required=True, help="TOML file")
    parser.add_argument("--out", help="folder of the run")
    parser.add_argument("--resume", help='"latest", or a checkpoint')
    parser.add_argument("--init", help="a checkpoint or a bundle whose networks a new run starts from")
    parser.add_argument("--num-images", type=int, help="where the run ends, in pictures")
    parser.add_argument("--decay-images", type=int, help="length of the last phase, in pictures")
    parser.add_argument("--max-minutes", type=float, help="stop with a checkpoint after this long")
    parser.add_argument("--batch", type=int, help="pictures per process and step")
    parser.add_argument("--workers", type=int, help="processes that make samples")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--cpu", action="store_true", default=None, help="stay on the CPU")
    return parser


def loop_config(arguments: argparse.Namespace, table: dict[str, Any]) -> LoopConfig:
    """The [loop] table with the command line's overrides."""
    return overridden(from_table(LoopConfig, table, "loop"), arguments)
