"""From a folder and its table to what the painter learns from."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from ..errors import TrainError
from .painter_samples import PainterSampleMaker, PainterSamples, random_crop, to_image
from .picture_table import TableRow, read_table
from .pictures import PICTURES, PictureFolder, Record
from .shards import ShardStream, shard_paths
from .stream import SampleStream
from .unpaired_drawings import UnpairedDrawings

if TYPE_CHECKING:
    from ..engine.loop_config import LoopConfig

_HELD_OUT = 10  # pictures, and as many drawings, on a preview's sheet


@dataclass(frozen=True)
class PainterDataConfig:
    """The [data] table. root: a folder. shards: instead of it, a folder of WebDataset .tar files or a brace pattern
    (their pictures have no split). table: a CSV (`picture_table`) that says which of its files are what; "" takes
    every picture under root, split by artist. drawings, doodles: folders of drawings, all of which are trained on, in
    place of those of the split that the table lists. cache: decoded pictures ("" keeps them in memory). short_side:
    that pictures are kept at. split: what is trained on."""

    root: str = ""
    shards: str = ""
    table: str = ""
    drawings: str = ""
    doodles: str = ""
    cache: str = ""
    short_side: int = 384
    split: str = "train"


@dataclass(frozen=True)
class PainterData:
    """stream: of samples. pictures: how many are trained on. image, reference (N,3,S,S) in [-1,1], drawing (N,1,S,S) or
    None: from the validation split, the same in every run."""

    stream: SampleStream | ShardStream
    pictures: int
    image: Tensor
    reference: Tensor
    drawing: Tensor | None


def add_painter_options(parser: argparse.ArgumentParser) -> None:
    """What `add_picture_options` adds, and shards, which the refiner does not read."""
    add_picture_options(parser)
    parser.add_argument("--shards", help="folder of .tar shards, or a brace pattern, in place of --data")


def add_picture_options(parser: argparse.ArgumentParser) -> None:
    """Where things are on this machine; a configuration need not know."""
    parser.add_argument("--data", dest="root", help="folder of pictures (overrides [data] root)")
    parser.add_argument("--table", help='which of them are what (overrides [data] table; "" takes all)')
    parser.add_argument("--drawings", help="folder of drawings that nobody painted")
    parser.add_argument("--doodles", help="folder of quick hand sketches")
    parser.add_argument("--cache", help="folder for decoded pictures")
    parser.add_argument("--extractor", help="bundle, run or file whose extractor draws (default: the bundled one)")


def build_painter_data(
    config: PainterDataConfig, samples: PainterSamples, variants: int, loop: LoopConfig
) -> PainterData:
    """variants: of the extractor. Raises `TrainError` where there is nothing to learn from."""
    if not config.root and not config.shards:
        raise TrainError("no pictures to train on: give --data FOLDER or --shards, or set root in the [data] table")
    rows = read_table(config.table) if config.table else None
    drawings = drawings_of(config, rows, config.split, samples.doodles)
    maker, facts = PainterSampleMaker(samples, variants, drawings), {"drawings": len(drawings)}
    if config.shards:
        if samples.blocks:
            raise TrainError("shards give samples of one size: set [samples] large_size to 0 (painter-art-128.toml)")
        paths = shard_paths(config.shards)
        shards = ShardStream(paths, _SameMaker(maker), loop.seed, loop.batch, loop.workers, config.short_side,
                             facts=facts)
        return PainterData(shards, shards.count, *_held_out(shards.first_records(_HELD_OUT), drawings, samples.size))
    folder = pictures_of(config, rows, config.split)
    stream = SampleStream(folder, maker, loop.seed, loop.batch, loop.workers, facts, samples.blocks)
    try:
        shown = pictures_of(config, rows, "validation")
    except TrainError:  # a small folder may have nobody in the validation split
        shown = folder
    held = drawings_of(config, rows, "validation", samples.doodles) if rows else drawings
    return PainterData(stream, len(folder), *_held_out(shown, held, samples.large_size or samples.size))


@dataclass(frozen=True)
class _SameMaker:
    """Whatever pictures a chunk of shards holds, their samples are made by one rule."""

    maker: PainterSampleMaker

    def __call__(self, records: Sequence[Record]) -> PainterSampleMaker:
        return self.maker


def pictures_of(config: PainterDataConfig, rows: Sequence[TableRow] | None, split: str) -> PictureFolder:
    """The pictures of a table's rows, or of the whole folder, split by artist, where there is no table."""
    chosen = None
    if rows is not None:
        chosen = {row.file: row.crop for row in rows if row.kind == "picture" and split in ("all", row.split)
                  and row.split != "drop"}
    by_artist = None if split == "all" or chosen is not None else split
    return PictureFolder(config.root, config.short_side, None, by_artist, cache=config.cache or None, chosen=chosen)


def drawings_of(
    config: PainterDataConfig, rows: Sequence[TableRow] | None, split: str, doodles: float = 0.4
) -> UnpairedDrawings:
    """The drawings of a folder, or of a table's rows where no folder is named. doodles: share of quick sketches."""
    kinds = []
    for kind, folder in (("drawing", config.drawings), ("doodle", config.doodles)):
        if folder:
            kinds.append(sorted(p for p in Path(folder).rglob("*") if p.suffix.lower() in PICTURES and p.is_file()))
        else:
            listed = [row for row in rows or () if row.kind == kind and row.split != "drop"]
            paths = [Path(config.root) / row.file for row in listed if split in ("all", row.split)]
            kinds.append([path for path in paths if path.is_file()])
    crops = {Path(config.root) / row.file: row.crop for row in rows or () if row.crop is not None}
    return UnpairedDrawings(*kinds, doodle_share=doodles, crops=crops)


def _held_out(
    pictures: Sequence[Record], drawings: UnpairedDrawings, size: int
) -> tuple[Tensor, Tensor, Tensor | None]:
    rng = np.random.default_rng(5)
    chosen = [pictures[i * len(pictures) // _HELD_OUT].image for i in range(min(_HELD_OUT, len(pictures)))]
    image, reference = (
        torch.stack([to_image(random_crop(rng, picture, scale, size)) for picture in chosen])
        for scale in ((1.0, 1.0), (0.5, 0.8))
    )
    drawn = torch.stack([drawings.crop(rng, size) for _ in chosen]) if len(drawings) else None
    return image, reference, drawn
