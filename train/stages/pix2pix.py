"""pix2pix on the same sketches: `python -m train pix2pix --config train/configs/ablations/pix2pix.toml`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from evaluation.trials import Painter
from s2i.cli.run_command import run_command
from train.data.painter_data import PainterDataConfig, add_painter_options, build_painter_data
from train.data.painter_samples import PainterSamples
from train.engine.checkpoints import find_checkpoint
from train.engine.export import load_extractor
from train.engine.loop import train
from train.engine.loop_config import loop_config, loop_parser
from train.engine.randomness import seed_everything
from train.engine.run import Run
from train.engine.stage import Stage
from train.engine.toml_config import from_table, overridden, read_config

from .painter_scene import draw_scene
from .unet import PatchCritic, UNet


class Pix2PixStage(Stage):
    """Conditional GAN with an L1 loss (Isola et al. 2017, eq. 4). Networks: `generator` (averaged), `discriminator`.

    Its pictures and their inks are the painter's, whose references and unpaired drawings it has no use for.
    """

    name = "pix2pix"
    averaged = ("generator",)

    def __init__(self, extractor: nn.Module, width: int = 48, l1: float = 100.0, learning_rate: float = 2e-4) -> None:
        self.extractor, self.l1 = extractor, l1
        self.networks = {"generator": UNet(width), "discriminator": PatchCritic(width)}
        self.optimizers = {
            name: torch.optim.Adam(net.parameters(), learning_rate, betas=(0.5, 0.999))
            for name, net in self.networks.items()
        }

    def step(self, batch: dict[str, Tensor], run: Run) -> dict[str, Tensor]:
        scene = draw_scene(batch, self.extractor)
        image, ink = scene.image, scene.ink
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
    parser = loop_parser("Train pix2pix on the painter's pictures and inks.")
    add_painter_options(parser)
    arguments = parser.parse_args()
    tables = read_config(arguments.config)
    loop = loop_config(arguments, tables.get("loop", {}))
    seed_everything(loop.seed)
    extractor_config, extractor = load_extractor(arguments.extractor)
    samples = from_table(PainterSamples, tables.get("samples", {}), "samples")
    samples = replace(samples, unpaired=0.0, drawings=0.0, hints=False)
    data = overridden(from_table(PainterDataConfig, tables.get("data", {}), "data"), arguments)
    stage = Pix2PixStage(extractor)
    stage.samples = build_painter_data(data, samples, extractor_config.variants, loop).stream
    train(stage, loop)


if __name__ == "__main__":
    run_command(main)
