"""The painter: drawing and reference in, draft out. `accelerate launch -m train.stages.painter --config FILE`."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

from s2i.cli.run_command import run_command
from s2i.config import ModelConfig, TrunkConfig
from s2i.models.perceptual_trunk import PerceptualTrunk

from ..data.painter_data import PainterDataConfig, add_painter_options, build_painter_data
from ..data.painter_samples import PainterSamples
from ..engine.loop import train
from ..engine.loop_config import LoopConfig, loop_config, loop_parser
from ..engine.randomness import seed_everything
from ..engine.toml_config import from_table, overridden, read_config
from ..engine.trained_extractor import load_extractor
from ..errors import TrainError
from ..frozen_nets.efficientnet_lite0 import load_trunk
from .held_out import HeldOut
from .painter_settings import PainterOptimizers, PainterSchedule, PainterWeights
from .painter_stage import PainterStage

Tables = dict[str, dict[str, Any]]
_PRESETS = ("art", "paper", "tiny")


def main() -> None:
    parser = loop_parser("Train the painter: content from a drawing, style from a reference.")
    add_painter_options(parser)
    arguments = parser.parse_args()
    tables = read_config(arguments.config)
    loop = loop_config(arguments, tables.get("loop", {}))
    seed_everything(loop.seed)  # the initial weights, too
    stage = build_painter(tables, arguments, loop)
    train(stage, loop)


def build_painter(tables: Tables, arguments: argparse.Namespace, loop: LoopConfig) -> PainterStage:
    """The stage with its data, from a configuration's tables and the command line's overrides.

    Raises `TrainError` where a setting, a folder or a package is not what it should be.
    """

    def table(kind: type, name: str) -> Any:
        return from_table(kind, tables.get(name, {}), name)

    extractor_config, extractor = load_extractor(arguments.extractor)
    config = replace(model_config(tables.get("model", {})), extractor=extractor_config)
    data_config = overridden(table(PainterDataConfig, "data"), arguments)
    data = build_painter_data(data_config, table(PainterSamples, "samples"), extractor_config.variants, loop)
    trunk = config.trunk or TrunkConfig()  # the losses have one even where the style encoder has none
    stage = PainterStage(
        config, extractor, load_trunk(trunk), PerceptualTrunk.channels(trunk), data.pictures,
        table(PainterWeights, "weights"), table(PainterSchedule, "schedule"), table(PainterOptimizers, "optimizer"))
    stage.samples, stage.held_out = data.stream, HeldOut(data.image, data.reference, data.drawing)
    return stage


def model_config(table: dict[str, Any]) -> ModelConfig:
    """[model] preset = "art" | "paper" | "tiny", and any field of ModelConfig over it. trunk = false is none."""
    values = dict(table)
    preset = values.pop("preset", "art")
    if values.get("trunk") is False:  # TOML has no word for nothing
        values["trunk"] = None
    if preset not in _PRESETS:
        raise TrainError(f"[model] preset must be one of {', '.join(_PRESETS)}, not {preset!r}")
    return ModelConfig.from_dict({**getattr(ModelConfig, preset)().to_dict(), **values})


if __name__ == "__main__":
    run_command(main)
