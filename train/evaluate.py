"""`python -m train evaluate RUN --data DIR`: the quality table of a training's averaged painter, drafts alone."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from evaluation.columns import table
from evaluation.painters import Painter, model_painter
from evaluation.rows import evaluate, save_rows
from evaluation.testsets.rendering import render
from evaluation.testsets.selection import load_selection
from s2i.cli.run_command import run_command
from s2i.config import ModelConfig
from s2i.pipeline import SketchToImage

from .engine.checkpoints import find_checkpoint
from .frozen_nets.efficientnet_lite0 import load_trunk


def model_of_checkpoint(path: str) -> SketchToImage:
    """A run's averaged painter with an untrained refiner and extractor: paint with strength 0."""
    checkpoint = find_checkpoint(Path(path), path)
    config = ModelConfig.from_dict(checkpoint.meta["model"])
    model = SketchToImage.from_config(config)
    for part in ("content_encoder", "style_encoder", "decoder"):
        getattr(model.module, part).load_state_dict(checkpoint.part(f"ema.generator.{part}"))
    if config.trunk is not None:
        model.module.perceptual_trunk.load_state_dict(load_trunk(config.trunk).state_dict())
    model.provenance = {"checkpoint": str(path), "pictures": checkpoint.meta["samples_seen"]}
    return model


def draft_painter(path: str) -> Painter:
    """See `model_of_checkpoint`."""
    return model_painter(model_of_checkpoint(path), strength=0.0)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m train evaluate", description=__doc__)
    parser.add_argument("run", help="a run's folder or a checkpoint")
    parser.add_argument("--data", type=Path, required=True, help="folder with plates, paintings and sketches")
    parser.add_argument("--split", default="validation", help="of the frozen test sets")
    parser.add_argument("--count", type=int, help="inked pictures at most")
    parser.add_argument("--json", type=Path, help="write the numbers here")
    arguments = parser.parse_args()
    testset = render(load_selection(arguments.split), arguments.data, arguments.count)
    rows = evaluate({Path(arguments.run).name: draft_painter(arguments.run)}, testset)
    sys.stdout.write(table(rows) + "\n")
    if arguments.json:
        save_rows(rows, arguments.json, split=testset.split, inked=len(testset.drawn))


if __name__ == "__main__":
    run_command(main)
