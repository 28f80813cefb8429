"""pix2pix on something small enough to be quick."""


import numpy as np
import pytest
import torch

from s2i.config import ModelConfig
from s2i.models.sketch_extractor import SketchExtractor
from train.data.painter_samples import PainterSampleMaker, PainterSamples
from train.data.pictures import Record
from train.engine.loop import train
from train.engine.loop_config import LoopConfig
from train.stages.pix2pix import Pix2PixStage, pix2pix_painter
from train.stages.unet import PatchCritic, UNet


@pytest.fixture
def pair():
    generator = torch.Generator().manual_seed(0)
    ink = torch.zeros(2, 1, 64, 64)
    ink[:, :, 20:22, 10:50] = 1
    return ink, torch.rand(2, 3, 64, 64, generator=generator) * 1.2 - 0.6


def test_unet_keeps_any_size_and_its_skips_carry_lines():
    torch.manual_seed(0)
    net = UNet(8, depth=4).eval()
    assert net(torch.rand(1, 1, 50, 70)).shape == (1, 3, 50, 70)
    ink = torch.zeros(1, 1, 64, 64)
    moved = ink.clone()
    moved[..., 30, 30] = 1
    change = (net(moved) - net(ink)).abs().sum(1)[0]
    assert change[24:37, 24:37].mean() > 2 * change[:12, :12].mean()
    assert PatchCritic(8)(torch.rand(2, 4, 64, 64)).shape[1] == 1


class _Batches:
    def provenance(self):
        return {}

    def batches(self, start, rank, world):
        generator = torch.Generator().manual_seed(0)
        ink = (torch.rand(2, 1, 64, 64, generator=generator) > 0.9).float()
        image = (1 - 2 * ink).expand(-1, 3, -1, -1) * torch.tensor([0.9, 0.2, -0.5]).view(1, 3, 1, 1)
        config = PainterSamples(size=64, block=2, unpaired=0.0, xdog=1.0, hints=False)
        maker = PainterSampleMaker(config, 3)
        plain = np.zeros((64, 64, 3), np.uint8)
        made = [maker([Record("", plain, None)], i, np.random.default_rng(i)) for i in range(2)]
        batch = {key: torch.stack([m[key] for m in made]) for key in made[0]}
        while True:
            yield {**batch, "ink": ink, "partner_ink": ink, "image": image.contiguous()}


def test_pix2pix_learns_and_its_checkpoint_paints(tmp_path, pair):
    torch.manual_seed(0)
    extractor = SketchExtractor(ModelConfig.tiny().extractor).eval()
    stage = Pix2PixStage(extractor, width=8, learning_rate=2e-3)
    stage.samples = _Batches()
    batch = next(_Batches().batches(0, 0, 1))
    before = (stage.networks["generator"](batch["ink"]) - batch["image"]).abs().mean().item()
    train(stage, LoopConfig(out=str(tmp_path / "run"), num_images=60, batch=2, warmup_images=2, workers=0,
                            ema_half_life_images=4.0, tensorboard=False, cpu=True))
    paint = pix2pix_painter(tmp_path / "run", width=8)
    after = (paint(batch["ink"], batch["image"]) - batch["image"]).abs().mean().item()
    assert after < 0.6 * before
    assert torch.equal(paint(pair[0], pair[1]), paint(pair[0], -pair[1]))  # blind to the reference
