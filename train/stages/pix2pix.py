"""pix2pix on the same sketches: `python -m train pix2pix --config train/configs/ablations/pix2pix.toml`."""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from evaluation.trials import Painter
from s2i.cli.run_command import run_command
from train.data.datasets import DataConfig, add_data_options, build_data, data_config
from train.data.samples import SampleConfig
from train.engine.checkpoints import find_checkpoint
from train.engine.loop import train
from train.engine.loop_config import loop_config, loop_parser
from train.engine.run import Run
from train.engine.stage import Stage
from train.engine.toml_config import from_table, read_config

from .unet import PatchCritic, UNet


class Pix2PixStage(Stage):
    """Conditional GAN with an L1 loss (Isola et al. 2017, eq. 4). Networks: `generator` (averaged), `discriminator`."""

    name = "pix2pix"
    averaged = ("generator",)

    def __init__(self, width: int = 48, l1: float = 100.0, learning_rate: float = 2e-4) -> None:
        self.l1 = l1
        self.networks = {"generator": UNet(width), "discriminator": PatchCritic(width)}
        self.optimizers = {
            name: torch.optim.Adam(net.parameters(), learning_rate, betas=(0.5, 0.999))
            for name, net in self.networks.items()
        }

    def step(self, batch: dict[str, Tensor], run: Run) -> dict[str, Tensor]:
        image, ink = batch["image"], batch["ink"]
        critic = run.networks["discriminator"]
        output = run.networks["generator"](ink)
        critic.requires_grad_(False)
        score = critic(torch.cat([output, ink], 1))
        distance = F.l1_loss(output, image)
        adversarial = F.binary_cross_entropy_with_logits(score, torch.ones_like(score))
        run.backward(self.l1 * distance + adversarial)
        run.update("generator")
        critic.requires_grad_(True)
        real, fake = (critic(torch.cat([x, ink], 1)) for x in (image, output.detach()))
        loss = 0.5 * (
            F.binary_cross_entropy_with_logits(real, torch.ones_like(real))
            + F.binary_cross_entropy_with_logits(fake, torch.zeros_like(fake))
        )
        run.backward(loss)
        run.update("discriminator")
        return {"l1": distance.detach(), "adversarial": adversarial.detach(), "discriminator": loss.detach()}


def pix2pix_painter(path: str | Path, width: int = 48) -> Painter:
    """Of a run's folder or a checkpoint. The reference decides nothing."""
    net = UNet(width)
    net.load_state_dict(find_checkpoint(Path(path), str(path)).part("ema.generator"))
    net.eval().requires_grad_(False)
    return lambda ink, reference: net(ink)


def main() -> None:
    parser = loop_parser("Train pix2pix on the auto-encoder's samples.")
    add_data_options(parser)
    arguments = parser.parse_args()
    tables = read_config(arguments.config)
    loop = loop_config(arguments, tables.get("loop", {}))
    samples = from_table(SampleConfig, tables.get("samples", {}), "samples")
    data = build_data(data_config(from_table(DataConfig, tables.get("data", {}), "data"), arguments), samples, loop)
    stage = Pix2PixStage()
    stage.samples = data.stream
    train(stage, loop)


if __name__ == "__main__":
    run_command(main)
