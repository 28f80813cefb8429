"""Noise that a seed decides, whatever the batch and the device."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def seeded_noise(shape: Sequence[int], seed: int) -> Tensor:
    """(B,...) standard normal float32 on the CPU; picture i of the batch is drawn from seed + i alone."""
    generators = [torch.Generator().manual_seed((seed + i) % 2**63) for i in range(shape[0])]
    return torch.stack([torch.randn(tuple(shape[1:]), generator=g) for g in generators])
