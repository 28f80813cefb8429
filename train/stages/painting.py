"""What the two stages that paint have in common: objectives, a game against a discriminator, previews, a command."""

from __future__ import annotations

import argparse
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from s2i.config import ModelConfig
from s2i.models.discriminator import Discriminator

from ..data.datasets import DataConfig, TrainingData, add_data_options, build_data, data_config
from ..data.samples import SampleConfig
from ..engine.loop_config import LoopConfig, loop_config
from ..engine.stage import Stage
from ..engine.toml_config import from_table, read_config
from ..errors import TrainError
from ..losses.adversary import Adversary
from ..losses.objectives import PictureObjectives
from ..losses.trunks import load_loss_net

if TYPE_CHECKING:
    from ..engine.run import Run


class PaintingStage(Stage):
    """Networks: `generator` (averaged), `discriminator`, and what else the stage brings.

    backbone: a frozen feature net, image (B,3,H,W) in [-1,1] -> list of feature maps; None where no loss needs it.
    """

    averaged = ("generator",)
    held_out: dict[str, Tensor] | None = None  # a batch for previews

    def __init__(
        self,
        config: ModelConfig,
        backbone: nn.Module | None,
        weights: Any,
        schedule: Any,
        networks: dict[str, nn.Module],
        learning_rate: float,
        momentum: float,
    ) -> None:
        self.config, self.backbone, self.weights, self.schedule = config, backbone, weights, schedule
        self.networks = {**networks, "discriminator": Discriminator(config.discriminator)}
        self.optimizers = {
            name: torch.optim.AdamW(net.parameters(), learning_rate, betas=(momentum, 0.99), weight_decay=1e-3)
            for name, net in self.networks.items()
        }
        self.objectives = PictureObjectives(weights, self._features)
        self.adversary = Adversary(
            weights,
            config.discriminator.inputs,
            start=schedule.adversarial_from,
            ramp=schedule.adversarial_ramp,
            penalty_every=schedule.penalty_every,
            augment=schedule.augment,
        )

    @abstractmethod
    def paint(self, generator: nn.Module, ink: Tensor, reference: Tensor) -> Tensor:
        """For previews: ink (B,1,H,W), reference (B,3,H,W) -> picture (B,3,H,W), the same at every call."""

    def preview(self, run: Run) -> Tensor | None:
        if self.held_out is None:
            return None
        batch = {k: v.to(run.device) for k, v in self.held_out.items()}
        return preview_rows(batch, lambda ink, reference: self.paint(run.ema["generator"], ink, reference))

    @abstractmethod
    def _window(self, output: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """The part of both that features are compared on: a whole picture's cost most of a step."""

    def _features(self, output: Tensor, target: Tensor) -> tuple[list[Tensor], list[Tensor]]:
        output, target = self._window(output, target)
        with torch.no_grad():
            wanted = self.backbone(target)
        return self.backbone(output), wanted


def preview_rows(batch: dict[str, Tensor], paint: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """Pictures, inks, painted after their own reference, and after three others' pictures: (3,H,W) in [-1,1]."""
    image, ink = batch["image"], batch["ink"]
    rows = [image, (1 - 2 * ink).expand(-1, 3, -1, -1), paint(ink, batch["reference"])]
    rows += [paint(ink, image.roll(shift, 0)) for shift in (1, 2, 5)]
    lines = [torch.cat(list(row.float().cpu().clamp(-1, 1)), 2) for row in rows]
    return torch.cat(lines, 1)


# -- the command line -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Command:
    """What a stage is built from: the configuration's tables and what they name."""

    arguments: argparse.Namespace
    tables: dict[str, dict[str, Any]]
    loop: LoopConfig
    data: TrainingData
    config: ModelConfig
    backbone: nn.Module | None
    loss_net: str
    learning_rate: float

    def table(self, kind: type, name: str) -> Any:
        return from_table(kind, self.tables.get(name, {}), name)


def read_command(parser: argparse.ArgumentParser) -> Command:
    """The command's options and its configuration, the data opened and the frozen net loaded."""
    add_data_options(parser)
    arguments = parser.parse_args()
    tables = read_config(arguments.config)
    loop = loop_config(arguments, tables.get("loop", {}))
    data = build_data(
        data_config(from_table(DataConfig, tables.get("data", {}), "data"), arguments),
        from_table(SampleConfig, tables.get("samples", {}), "samples"),
        loop,
    )
    backbone = tables.get("backbone", {"name": "none"})
    return Command(
        arguments,
        tables,
        loop,
        data,
        model_config(tables.get("model", {})),
        load_loss_net(backbone["name"], arguments.backbone or backbone.get("path")),
        backbone["name"],
        tables.get("optimizer", {}).get("learning_rate", 4e-4),
    )


def model_config(table: dict[str, Any]) -> ModelConfig:
    """[model] preset = "compact" | "paper" | "tiny", and any field of ModelConfig over it."""
    values = dict(table)
    preset = values.pop("preset", "compact")
    base = getattr(ModelConfig, preset, None) if preset in ("compact", "paper", "tiny") else None
    if base is None:
        raise TrainError(f"[model] preset must be compact, paper or tiny, not {preset!r}")
    return ModelConfig.from_dict({**base().to_dict(), **values})
