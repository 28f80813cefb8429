"""How the learning rate changes; counted in pictures, so that neither batch size nor speed matters."""

from __future__ import annotations

import math


def rate_factor(samples_seen: int, total: int, warmup: int, decay: int, floor: float = 0.02) -> float:
    """The share of the full learning rate after `samples_seen` of `total`.

    Rises linearly over `warmup` pictures, stays at 1, and in the last `decay` pictures falls to `floor` along half a
    cosine. The decay is a phase of its own: to decay from any checkpoint, resume it with total = its pictures + decay.
    """
    rise = min(1.0, (samples_seen + 1) / warmup) if warmup > 0 else 1.0
    begin = total - decay
    if decay <= 0 or samples_seen <= begin:
        return rise
    progress = min(1.0, (samples_seen - begin) / decay)
    return rise * (floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * progress)))
