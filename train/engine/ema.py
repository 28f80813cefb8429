"""Exponential moving averages of networks: what is previewed, judged and shipped."""

from __future__ import annotations

import copy
from collections.abc import Iterable

import torch
from torch import Tensor, nn

RAMP = 0.1


def average_of(network: nn.Module) -> nn.Module:
    """A frozen copy to average into: fp32, eval mode, no gradients."""
    return copy.deepcopy(network).float().eval().requires_grad_(False)


def ema_decay(samples_seen: int, step_samples: int, half_life: float) -> float:
    """Weight of the old average when `step_samples` more have been seen.

    half_life: pictures after which a change has come through by half. While a run is young the half-life is a tenth
    of the pictures seen, so that the average does not drag the random initial weights along.
    """
    half_life = min(half_life, samples_seen * RAMP)
    return 0.5 ** (step_samples / half_life) if half_life > 0 else 0.0


@torch.no_grad()
def update_average(average: nn.Module, network: nn.Module, decay: float) -> None:
    """average <- decay * average + (1 - decay) * network; buffers too, where counters are copied."""
    old, new = list(_tensors(average)), list(_tensors(network))
    floats = [i for i, t in enumerate(old) if t.is_floating_point()]
    if floats:
        torch._foreach_lerp_([old[i] for i in floats], [new[i].detach().to(old[i]) for i in floats], 1 - decay)
    for target, source in zip(old, new, strict=True):
        if not target.is_floating_point():
            target.copy_(source)


def _tensors(network: nn.Module) -> Iterable[Tensor]:
    yield from network.parameters()
    yield from network.buffers()
