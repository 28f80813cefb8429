"""The refiner: draft and ink in, twice the size out. `accelerate launch -m train.stages.refiner --config FILE`."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from s2i.bundle import FORMAT as BUNDLE_FORMAT
from s2i.bundle import load_bundle
from s2i.cli.run_command import run_command
from s2i.config import ModelConfig, TrunkConfig
from s2i.hub import bundled_path
from s2i.models.perceptual_trunk import PerceptualTrunk
from s2i.models.sketch_extractor import SketchExtractor

from ..data.degradation import Degradation
from ..data.painter_data import PainterDataConfig, add_picture_options, drawings_of, pictures_of
from ..data.picture_table import read_table
from ..data.refiner_samples import RefinerSampleMaker, RefinerSamples
from ..data.stream import SampleStream
from ..engine.checkpoints import file_format, find_checkpoint
from ..engine.loop import train
from ..engine.loop_config import LoopConfig, loop_config, loop_parser
from ..engine.randomness import seed_everything
from ..engine.toml_config import from_table, overridden, read_config
from ..engine.trained_extractor import read_extractor
from ..errors import TrainError
from ..frozen_nets.efficientnet_lite0 import load_trunk
from .painter_network import PainterNetwork
from .refiner_settings import RefinerOptimizers, RefinerSchedule, RefinerWeights
from .refiner_stage import RefinerStage

Tables = dict[str, dict[str, Any]]


def main() -> None:
    parser = loop_parser("Train the refiner: one step that doubles a painting's size.")
    parser.add_argument("--painter", help="run, checkpoint or bundle that makes the drafts (default: the bundled one)")
    add_picture_options(parser)
    arguments = parser.parse_args()
    tables = read_config(arguments.config)
    loop = loop_config(arguments, tables.get("loop", {}))
    seed_everything(loop.seed)  # the initial weights, too
    train(build_refiner(tables, arguments, loop), loop)


def build_refiner(tables: Tables, arguments: argparse.Namespace, loop: LoopConfig) -> RefinerStage:
    """The stage with its data, from a configuration's tables and the command line's overrides.

    Raises `TrainError` where a setting, a folder or a package is not what it should be.
    """

    def table(kind: type, name: str) -> Any:
        return from_table(kind, tables.get(name, {}), name)

    config, painter, facts = read_painter(arguments.painter)
    extractor_config, drawn_by = read_extractor(arguments.extractor)
    extractor = SketchExtractor(extractor_config)
    extractor.load_state_dict(drawn_by.state)
    data, samples = overridden(table(PainterDataConfig, "data"), arguments), table(RefinerSamples, "samples")
    if not data.root:
        raise TrainError("no pictures to train on: give --data FOLDER, or set root in the [data] table")
    rows = read_table(data.table) if data.table else None
    pictures, drawings = pictures_of(data, rows, data.split), drawings_of(data, rows, data.split)
    maker = RefinerSampleMaker(samples, extractor_config.variants, drawings)
    trunk = config.trunk or TrunkConfig()
    stage = RefinerStage(
        replace(config, extractor=extractor_config), painter, extractor.float().eval(), load_trunk(trunk),
        PerceptualTrunk.channels(trunk), table(RefinerWeights, "weights"), table(RefinerSchedule, "schedule"),
        table(RefinerOptimizers, "optimizer"), table(Degradation, "degradation"))
    stage.samples = SampleStream(pictures, maker, loop.seed, loop.batch, loop.workers, {"drawings": len(drawings)})
    stage.facts = facts
    return stage


def read_painter(path: str | None) -> tuple[ModelConfig, PainterNetwork, dict[str, Any]]:
    """The painter of a bundle, of a checkpoint or of the newest in a run's folder (averaged); and its record.

    None takes the bundled one. Raises `TrainError` where there is none.
    """
    path = path or str(bundled_path())
    if Path(path).is_file() and file_format(Path(path)) == BUNDLE_FORMAT:
        bundle = load_bundle(path)
        config, facts = bundle.config, {"bundle": Path(path).name}
        parts = ("content_encoder", "style_encoder", "decoder")
        state = {f"{part}.{name}": value.float() for part in parts for name, value in bundle.components[part].items()}
    else:
        checkpoint = find_checkpoint(Path(path), path)
        if checkpoint.meta.get("stage") != "painter":
            raise TrainError(f"{checkpoint.path} is of the stage {checkpoint.meta.get('stage')!r}, not 'painter'")
        config, state = ModelConfig.from_dict(checkpoint.meta["model"]), checkpoint.part("ema.generator")
        facts = {name: checkpoint.meta.get(name) for name in ("samples_seen", "step", "minutes", "hardware", "seed")}
    painter = PainterNetwork(config)
    painter.load_state_dict(state)
    return config, painter, facts


if __name__ == "__main__":
    run_command(main)
