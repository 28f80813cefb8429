"""A relativistic pairing adversary with gradient penalties (R3GAN)."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor


def relativistic_generator(real: Tensor, fake: Tensor) -> Tensor:
    """RpGAN (Jolicoeur-Martineau 2018; R3GAN, Huang et al. 2024): each fake should look more real than its partner."""
    return F.softplus(real.float() - fake.float()).mean()


def relativistic_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """The other side of `relativistic_generator`."""
    return F.softplus(fake.float() - real.float()).mean()


def gradient_penalty(discriminator: Callable[[Tensor], Tensor], inputs: Tensor, channels: int = 3) -> Tensor:
    """Zero-centred penalty |dD/dx|² on the picture channels (Mescheder et al. 2018): R1 on reals, R2 on fakes.

    Computed in float32 whatever the surrounding precision.
    """
    with torch.autocast(inputs.device.type, enabled=False):
        inputs = inputs.detach().float().requires_grad_(True)
        score = discriminator(inputs).mean(1).sum()
        (gradient,) = torch.autograd.grad(score, inputs, create_graph=True)
    return gradient[:, :channels].square().sum((1, 2, 3)).mean()
