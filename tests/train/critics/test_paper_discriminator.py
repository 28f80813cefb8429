"""The paper's discriminator, against the defects of the authors' code that a test can see."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from s2i.config import ModelConfig
from train.critics.paper_discriminator import PaperDiscriminator


def test_it_sees_the_ink():
    torch.manual_seed(0)
    critic = PaperDiscriminator(dataclasses.replace(ModelConfig.tiny().discriminator, inputs=4))
    image, ink = torch.rand(1, 3, 64, 64), torch.rand(1, 1, 64, 64)
    with_ink, without = critic(torch.cat([image, ink], 1)), critic(torch.cat([image, ink * 0], 1))
    assert not torch.allclose(with_ink, without)


@pytest.mark.parametrize("preset", ["art", "paper"])
def test_no_batch_norm_and_no_spectral_norm_in_it(preset):
    with torch.device("meta"):
        critic = PaperDiscriminator(getattr(ModelConfig, preset)().discriminator)
    layers = [type(module).__name__ for module in critic.modules()]
    assert not [name for name in layers if "BatchNorm" in name or "InstanceNorm" in name or "SpectralNorm" in name]
