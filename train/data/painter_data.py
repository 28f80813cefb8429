"""From a folder and its table to what the painter learns from."""

from __future__ import annotations

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
from .pictures import PICTURES, PictureFolder
from .stream import SampleStream
from .unpaired_drawings import UnpairedDrawings

if TYPE_CHECKING:
    from ..engine.loop_config import LoopConfig

_HELD_OUT = 10  # pictures, and as many drawings, on a preview's sheet


@dataclass(frozen=True)
class PainterDataConfig:
    """The [data] table. root: a folder. table: a CSV (`picture_table`) that says which of its files are what; "" takes
    every picture under root, split by artist. drawings, doodles: folders of drawings where no table lists any. cache:
    decoded pictures ("" keeps them in memory). short_side: that pictures are kept at. split: what is trained on."""

    root: str = ""
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

    stream: SampleStream
    pictures: int
    image: Tensor
    reference: Tensor
    drawing: Tensor | None


def build_painter_data(
    config: PainterDataConfig, samples: PainterSamples, variants: int, loop: LoopConfig
) -> PainterData:
    """variants: of the extractor. Raises `TrainError` where there is nothing to learn from."""
    if not config.root:
        raise TrainError("no pictures to train on: give --data FOLDER, or set root in the [data] table")
    rows = read_table(config.table) if config.table else None
    folder = pictures_of(config, rows, config.split)
    drawings = drawings_of(config, rows, config.split)
    maker = PainterSampleMaker(samples, variants, drawings)
    stream = SampleStream(folder, maker, loop.seed, loop.batch, loop.workers, {"drawings": len(drawings)})
    try:
        shown = pictures_of(config, rows, "validation")
    except TrainError:  # a small folder may have nobody in the validation split
        shown = folder
    held = drawings_of(config, rows, "validation") if rows else drawings
    return PainterData(stream, len(folder), *_held_out(shown, held, samples.size))


def pictures_of(config: PainterDataConfig, rows: Sequence[TableRow] | None, split: str) -> PictureFolder:
    """A split's pictures. rows: of the table, or None for every picture under the root, split by artist."""
    chosen = None
    if rows is not None:
        chosen = {row.file: row.crop for row in rows if row.kind == "picture" and split in ("all", row.split)
                  and row.split != "drop"}
    by_artist = None if split == "all" or chosen is not None else split
    return PictureFolder(config.root, config.short_side, None, by_artist, cache=config.cache or None, chosen=chosen)


def drawings_of(config: PainterDataConfig, rows: Sequence[TableRow] | None, split: str) -> UnpairedDrawings:
    """A split's drawings: of the folders that are named, else of the table."""
    kinds = []
    for kind, folder in (("drawing", config.drawings), ("doodle", config.doodles)):
        if folder:
            kinds.append(sorted(p for p in Path(folder).rglob("*") if p.suffix.lower() in PICTURES))
        else:
            listed = [Path(config.root) / row.file for row in rows or () if (row.kind, row.split) == (kind, split)]
            kinds.append([path for path in listed if path.is_file()])
    return UnpairedDrawings(*kinds)


def _held_out(
    pictures: PictureFolder, drawings: UnpairedDrawings, size: int
) -> tuple[Tensor, Tensor, Tensor | None]:
    rng = np.random.default_rng(5)
    chosen = [pictures[i * len(pictures) // _HELD_OUT].image for i in range(min(_HELD_OUT, len(pictures)))]
    image, reference = (
        torch.stack([to_image(random_crop(rng, picture, scale, size)) for picture in chosen])
        for scale in ((1.0, 1.0), (0.5, 0.8))
    )
    drawn = torch.stack([drawings.crop(rng, size) for _ in chosen]) if len(drawings) else None
    return image, reference, drawn
