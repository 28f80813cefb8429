"""Parts of a figure by dabs: each region of a drawing belongs to the part whose dab is seen in it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from ...errors import S2IError
from .hint_spread import SightAverage

_LONGEST, _ROUNDS = 96, 6  # cells on the long side; of looking along rows, then along columns
_LEAK, _WHOLE = 0.25, 0.6  # of what is seen of a dab from where it lies: a leak through a gap; its own region
_TINY = 1e-12


def nearest_keys(hints: Tensor, keys: Tensor) -> Tensor:
    """hints (B,4,H,W), keys (K,3) in [-1,1] -> (B,K,H,W): how much of each pixel a dab in each key's colour covers.

    A dab counts for the key that is nearest to its colour, so that colours need not be hit exactly.
    """
    colour = hints[:, :3].permute(0, 2, 3, 1)
    nearest = torch.cdist(colour.flatten(0, 2), keys.to(colour)).argmin(-1).reshape(colour.shape[:3])
    return F.one_hot(nearest, len(keys)).permute(0, 3, 1, 2) * hints[:, 3:]


def dab_regions(ink: Tensor, dabs: Tensor, names: Sequence[str] | None = None) -> Tensor:
    """ink (B,1,H,W) in [0,1], dabs (B,K,H,W) in [0,1], a channel a part -> each part's region (B,K,H,W) in [0,1].

    A region is what is seen from a dab, by sight lines that the drawing's lines stop. Two parts in one region share it;
    where no dab is seen, all are 0. Raises `S2IError` for a part without a dab, by its name or else its number.
    """
    names = names or [str(i + 1) for i in range(dabs.shape[1])]
    there = (dabs > 0).any(0).flatten(1).any(1).tolist()
    missing = [name for name, dabbed in zip(names, there, strict=True) if not dabbed]
    if missing:
        raise S2IError(f"no dab has the colour of part {', '.join(missing)}: dab it where that part is")
    scale = min(1.0, _LONGEST / max(ink.shape[-2:]))
    size = tuple(max(1, round(n * scale)) for n in ink.shape[-2:])
    average = SightAverage(F.adaptive_max_pool2d(ink.float(), size)[:, 0])
    small = F.adaptive_avg_pool2d(dabs.float(), size)
    seen = average(small, _ROUNDS)
    whole = seen.sum(1, keepdim=True)
    at_dab = average(whole * small.sum(1, keepdim=True), _ROUNDS) / whole.clamp_min(_TINY)
    belief = ((whole / at_dab.clamp_min(_TINY) - _LEAK) / (_WHOLE - _LEAK)).clamp(0, 1)
    regions = belief * seen / whole.clamp_min(_TINY)
    return F.interpolate(regions, tuple(ink.shape[-2:]), mode="bilinear", align_corners=False).to(ink.dtype)
