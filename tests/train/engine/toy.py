"""A stage small enough to train in milliseconds, with everything a real one has: two players, buffers, randomness."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from train.data.pictures import Record
from train.data.stream import SampleStream
from train.engine.checkpoints import Checkpoint, read_checkpoint
from train.engine.loop import train
from train.engine.loop_config import LoopConfig
from train.engine.stage import Stage


class Toy(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.register_buffer("mean", torch.zeros(()))
        self.register_buffer("count", torch.zeros((), dtype=torch.int64))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.training:
            self.mean.lerp_(x.mean().detach(), 0.1)
            self.count += 1
        return self.conv(x)


def toy_sample(dataset, i, rng):
    record = dataset[int(rng.integers(len(dataset)))]
    image = torch.from_numpy(record.image[:16, :16].astype(np.float32)).permute(2, 0, 1) / 127.5 - 1
    return {"image": image + 0.05 * torch.from_numpy(rng.standard_normal(image.shape).astype(np.float32))}


class ToyStage(Stage):
    name = "toy"
    averaged = ("generator",)

    def __init__(self, config: LoopConfig, *, adversarial: bool = True, explode_at: int = -1) -> None:
        torch.manual_seed(7)
        self.adversarial, self.explode_at = adversarial, explode_at
        self.networks = {"generator": Toy(), "critic": nn.Conv2d(3, 1, 4, 4)}
        self.optimizers = {n: torch.optim.AdamW(net.parameters(), 1e-2) for n, net in self.networks.items()}
        rng = np.random.default_rng(3)
        records = [Record(str(i), rng.integers(0, 255, (20, 24, 3), np.uint8), np.zeros((0, 20, 24), np.uint8))
                   for i in range(5)]
        self.samples = SampleStream(records, toy_sample, config.seed, config.batch, config.workers)

    def step(self, batch, run):
        generator, critic, image = run.networks["generator"], run.networks["critic"], batch["image"]
        output = generator(image * 0.5)
        terms = {"l1": (output - image).abs().mean()}
        if run.step == self.explode_at:
            terms["l1"] = terms["l1"] * float("nan")
        if self.adversarial:
            noise = torch.randn(1, generator=run.generator) + torch.rand(1)
            critic.requires_grad_(False)
            terms["fool"] = -0.1 * critic(output + 0.01 * noise).mean()
            critic.requires_grad_(True)
        run.backward(sum(terms.values()))
        run.update("generator")
        if self.adversarial:
            loss = (critic(output.detach()) - critic(image)).mean()
            run.backward(loss)
            run.update("critic")
        return terms

    def preview(self, run):
        return run.ema["generator"](torch.randn(1, 3, 16, 16))[0]


DEFAULTS = LoopConfig(batch=4, num_images=24, warmup_images=8, workers=0, log_every=2, tensorboard=False, cpu=True,
                      ema_half_life_images=40)


def run_toy(out: Path, stage: dict | None = None, **settings) -> Path:
    config = replace(DEFAULTS, out=str(out), **settings)
    return train(ToyStage(config, **(stage or {})), config)


def state_of(path: Path) -> Checkpoint:
    return read_checkpoint(path)


def main() -> None:
    """`torchrun -m tests.train.engine.toy STAGE OUT [setting=value ...]`: several processes, reconstruction only."""
    import sys

    stage, out, *settings = sys.argv[1:]
    values = dict(s.split("=") for s in settings)
    explode = int(values.pop("explode_in_process", -1)) == int(os.environ.get("RANK", 0))
    values = {name: type(getattr(DEFAULTS, name))(value) for name, value in values.items()}
    if stage == "toy":
        run_toy(Path(out), {"adversarial": False, "explode_at": 1 if explode else -1}, **values)
    else:
        from tests.train.stages.test_painter import reconstruct

        reconstruct(Path(out), **values)


if __name__ == "__main__":
    from s2i.cli.run_command import run_command

    run_command(main)
