"""Stage 1: `accelerate launch -m train.stages.sketcher --config train/configs/sketcher.toml`.

[sketcher] stage = "tom" trains TOM on unpaired sketches and leaves snapshots in OUT/snapshots; "distil" then teaches
the small extractor from the inks that `python -m train sketches --hed WHEEL --snapshots OUT/snapshots` cached.
`python -m train sketcher sheet --help` draws the comparison sheets.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from s2i.cli.run_command import run_command
from s2i.config import ExtractorConfig, SketchGeneratorConfig

from ..data import augment
from ..data.datasets import DataConfig, add_data_options, data_config
from ..data.pictures import PictureFolder
from ..data.sketcher_samples import ExtractorSampleMaker, SketcherSamples, TomSampleMaker, load_scans
from ..data.stream import SampleStream
from ..engine.loop import train
from ..engine.loop_config import LoopConfig, loop_config, loop_parser
from ..engine.randomness import seed_everything
from ..engine.toml_config import from_table, read_config
from ..errors import TrainError
from ..frozen_nets.trunks import load_loss_net
from .distil import DistilStage, ExtractorWeights
from .tom_stage import TomSchedule, TomStage, TomWeights

_PREVIEWS = 8
Tables = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Sketcher:
    """The [sketcher] table. stage: "tom" or "distil"."""

    stage: str = "tom"
    learning_rate: float = 5e-4


def held_out_photos(config: DataConfig, size: int) -> Tensor | None:
    """Square middles of the first validation pictures (N,3,size,size) in [-1,1]; None where there are none."""
    try:
        folder = PictureFolder(config.pictures, config.short_side, split="validation", cache=config.cache or None)
    except TrainError:
        return None
    shown = []
    for i in np.linspace(0, len(folder) - 1, min(_PREVIEWS, len(folder))).round().astype(int):
        image = folder[int(i)].image
        h, w = image.shape[:2]
        side = min(h, w)
        shown.append(augment.to_image(augment.crop(image, ((h - side) // 2, (w - side) // 2, side), size)))
    return torch.stack(shown)


def build_tom(tables: Tables, data: DataConfig, loop: LoopConfig, backbone: str | None) -> TomStage:
    samples = from_table(SketcherSamples, tables.get("samples", {}), "samples")
    weights = from_table(TomWeights, tables.get("weights", {}), "weights")
    net = tables.get("backbone", {"name": "hed"})
    schedule = from_table(TomSchedule, tables.get("schedule", {}), "schedule")
    trunk = load_loss_net(net["name"], backbone or net.get("path"), max(3, *schedule.layers))
    if trunk is None:
        raise TrainError("TOM draws from a loss net's features: set [backbone] name to hed or vgg16")
    if not data.drawings:
        raise TrainError("TOM needs real sketches: give --drawings FOLDER")
    folder = _folder(data)
    if weights.lead and not len(folder[0].inks):
        raise TrainError("[weights] lead needs inks: run `python -m train sketches` and give --inks, or set lead to 0")
    stage = TomStage(
        from_table(SketchGeneratorConfig, tables.get("generator", {}), "generator"),
        trunk,
        weights,
        schedule,
        from_table(Sketcher, tables.get("sketcher", {}), "sketcher").learning_rate,
        Path(loop.out) / "snapshots",
    )
    scans = load_scans(data.drawings)
    stage.samples = SampleStream(folder, TomSampleMaker(samples, scans), loop.seed, loop.batch, loop.workers)
    stage.samples.facts |= {"sketches": len(scans), "loss_net": net["name"]}
    return stage


def build_distil(tables: Tables, data: DataConfig, loop: LoopConfig) -> DistilStage:
    if not data.inks:
        raise TrainError("the extractor learns from cached inks: run `python -m train sketches` and give --inks")
    extractor = from_table(ExtractorConfig, tables.get("extractor", {}), "extractor")
    stage = DistilStage(
        extractor,
        from_table(ExtractorWeights, tables.get("weights", {}), "weights"),
        from_table(Sketcher, tables.get("sketcher", {}), "sketcher").learning_rate,
    )
    maker = ExtractorSampleMaker(from_table(SketcherSamples, tables.get("samples", {}), "samples"), extractor.variants)
    stage.samples = SampleStream(_folder(data), maker, loop.seed, loop.batch, loop.workers)
    return stage


def _folder(data: DataConfig) -> PictureFolder:
    split = None if data.split == "all" else data.split
    return PictureFolder(data.pictures, data.short_side, data.inks or None, split, cache=data.cache or None)


def main() -> None:
    if sys.argv[1:2] == ["sheet"]:
        from .sketch_sheet import main as draw_sheet

        return draw_sheet(sys.argv[2:])
    parser = loop_parser("Train the sketcher: TOM, or the extractor that is distilled from it.")
    add_data_options(parser)
    arguments = parser.parse_args()
    tables = read_config(arguments.config)
    loop = loop_config(arguments, tables.get("loop", {}))
    seed_everything(loop.seed)  # the initial weights, too
    data = data_config(from_table(DataConfig, tables.get("data", {}), "data"), arguments)
    kind = from_table(Sketcher, tables.get("sketcher", {}), "sketcher").stage
    if kind == "tom":
        stage = build_tom(tables, data, loop, arguments.backbone)
    elif kind == "distil":
        stage = build_distil(tables, data, loop)
    else:
        raise TrainError(f'[sketcher] stage must be "tom" or "distil", not {kind!r}')
    size = from_table(SketcherSamples, tables.get("samples", {}), "samples").size
    stage.held_out = held_out_photos(data, max(size, 256))
    train(stage, loop)


if __name__ == "__main__":
    run_command(main)
