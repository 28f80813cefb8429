"""Dabs of colour obeyed: the region that a dab lies in takes its colour, up to the drawing's lines."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ..regions.region_shapes import sight_along_rows

_TINY = 1e-12
_LONGEST = 96  # cells on the long side
_ROUNDS = 6  # of looking along rows, then along columns: round corners, into every arm of a region
_REACH = 0.1  # of the sheet: within it the nearest of several dabs in one region decides
_NEAR = 30.0  # how much more a dab says there than elsewhere in its region
# Of what is seen of a dab from where it lies: up to the first it is a leak, from the second on the dab's own region.
_LEAK, _WHOLE = 0.25, 0.6


def obey_hints(draft: Tensor, ink: Tensor, hints: Tensor) -> Tensor:
    """draft (B,3,H,W) in [-1,1], ink (B,1,H,W), hints (B,4,H,W): RGB in [-1,1] and coverage in [0,1] -> draft.

    Where a dab is seen from, by sight lines that the drawing's lines stop, the draft's average is moved to the dab's
    colour: light, shade and brushwork of the region stay. Near the dab it is the average near by that is moved, so the
    dab itself has its colour. What no dab is seen from is unchanged, and so is a draft without dabs, to the bit.
    """
    if not hints[:, 3:].any():
        return draft
    scale = min(1.0, _LONGEST / max(draft.shape[-2:]))
    size = tuple(max(1, round(n * scale)) for n in draft.shape[-2:])
    lines = F.adaptive_max_pool2d(ink.float(), size)
    colour, coverage = hints[:, :3].float(), hints[:, 3:].float()
    dabs = F.adaptive_avg_pool2d(torch.cat([colour * coverage, coverage], 1), size)
    paper = F.adaptive_avg_pool2d((1 - ink.float()).clamp(0, 1), size)
    paint = torch.cat([F.adaptive_avg_pool2d(draft.float(), size) * paper, paper], 1)

    far, near = SightAverage(lines[:, 0]), SightAverage(lines[:, 0], _REACH * max(size))
    dabs_far, dabs_near = far(dabs, _ROUNDS), near(dabs, 2)
    wanted = _ratio(dabs_far + _NEAR * dabs_near)
    seen = dabs_far[:, 3:]
    # What leaks through a gap in a line is little beside what is seen from the dab itself.
    at_dab = far(seen * dabs[:, 3:], _ROUNDS) / seen.clamp_min(_TINY)
    belief = _smooth((seen / at_dab.clamp_min(_TINY) - _LEAK) / (_WHOLE - _LEAK))
    closeness = dabs_near[:, 3:] / (dabs_near[:, 3:] + seen).clamp_min(_TINY)
    found = torch.lerp(_ratio(far(paint, _ROUNDS)), _ratio(near(paint, 2)), closeness)
    shift = F.interpolate(belief * (wanted - found), draft.shape[-2:], mode="bilinear", align_corners=False)
    return (draft + shift.to(draft.dtype)).clamp(-1, 1)


class SightAverage:
    """Averages along rows and columns of what is seen from each cell, lines (B,h,w) in the way."""

    def __init__(self, lines: Tensor, reach: float | None = None) -> None:
        self.rows, self.columns = (_shares(sight_along_rows(x), reach) for x in (lines, lines.transpose(1, 2)))

    def __call__(self, values: Tensor, rounds: int) -> Tensor:
        """(B,C,h,w) -> (B,C,h,w)."""
        x = values.permute(0, 2, 3, 1).contiguous()
        for _ in range(rounds):
            x = torch.matmul(self.rows, x).transpose(1, 2).contiguous()
            x = torch.matmul(self.columns, x).transpose(1, 2).contiguous()
        return x.permute(0, 3, 1, 2)


def _shares(sight: Tensor, reach: float | None) -> Tensor:
    """(B,N,L,L): how much of each cell is seen -> its share in an average; nearer cells more, if there is a reach."""
    if reach is not None:
        place = torch.arange(sight.shape[-1], device=sight.device, dtype=sight.dtype)
        sight = sight * torch.exp(-(place[:, None] - place).abs() / reach)
    return sight / sight.sum(-1, keepdim=True)


def _ratio(weighted: Tensor) -> Tensor:
    """(B,4,h,w): colours times a weight, and the weight -> colours (B,3,h,w)."""
    return weighted[:, :3] / weighted[:, 3:].clamp_min(_TINY)


def _smooth(x: Tensor) -> Tensor:
    """0 below 0, 1 above 1, without a kink."""
    x = x.clamp(0, 1)
    return x * x * (3 - 2 * x)
