"""Tensors as the networks take them: on their device, in their number format, from the noise of their seed."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ..imaging.pixels.noise import seeded_noise


def placed(x: Tensor, module: nn.Module) -> Tensor:
    """x (B,C,H,W) on the module's device, in its number format, channels last."""
    weights = next(module.parameters())
    return x.to(device=weights.device, dtype=weights.dtype, memory_format=torch.channels_last)


def placed_noise(
    module: nn.Module, shapes: Sequence[tuple[int, ...]], batch: int, seed: int, same_seed: bool, stream: int
) -> list[Tensor]:
    """(batch,*shape) for each shape, each from its own stream; picture i from seed + i, or all from one seed."""
    weights = next(module.parameters())
    drawn = []
    for i, shape in enumerate(shapes):
        noise = torch.from_numpy(seeded_noise((1 if same_seed else batch, *shape), seed, stream + i))
        drawn.append(noise.to(weights.device, weights.dtype).expand(batch, *shape))
    return drawn
