"""What the lines of a drawing close off, and where and how large it is: facts that fills are decided by."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

CHANNELS = 4
_LONGEST = 64  # cells on the long side; the sums over sight lines grow with the cube of it
_OPAQUE = 12.0  # -log of what is seen through a cell that is crossed by a full line
_HIDDEN = 16.0  # beyond it nothing is seen; the subnormal numbers there would cost a third more time
_ROUNDS = 6  # of looking along rows, then along columns: round corners, into every arm of a shape


def region_shapes(ink: Tensor, size: tuple[int, int]) -> Tensor:
    """ink (B,1,H,W) in [0,1] -> (B,4,*size): of the region around each place, x and y of its middle in [-1,1], and
    its breadth and height, log2 of the sheet's (-2 is a quarter), over 3.

    Every cell averages what it sees along its row, then along its column, up to the next line, several times over:
    what is known spreads through a region and stops at its lines, so it settles at the region's mean. Lines are as
    opaque as they are dark, and what a small gap lets through is little. Runs in float32, whatever the autocast.
    """
    with torch.autocast(ink.device.type, enabled=False):
        h, w = ink.shape[-2:]
        shrink = min(1.0, _LONGEST / max(h, w))
        cells = F.adaptive_max_pool2d(ink.float(), (max(1, round(h * shrink)), max(1, round(w * shrink))))[:, 0]
        along_rows, along_columns = sight_along_rows(cells), sight_along_rows(cells.transpose(1, 2))
        rows, columns = (n / n.sum(-1, keepdim=True) for n in (along_rows, along_columns))
        facts = torch.stack([*_places(cells), _extents(along_rows), _extents(along_columns).transpose(1, 2)], 3)
        for _ in range(_ROUNDS):
            facts = torch.matmul(rows, facts).transpose(1, 2).contiguous()
            facts = torch.matmul(columns, facts).transpose(1, 2).contiguous()
        facts = facts.permute(0, 3, 1, 2)
        return F.interpolate(facts, size, mode="bilinear", align_corners=False, antialias=True).to(ink.dtype)


def sight_along_rows(cells: Tensor) -> Tensor:
    """(B,N,L) in [0,1] -> (B,N,L,L): how much of cell j is seen from cell i of the same row, 0 behind a line."""
    cost = _OPAQUE * (2 * cells).clamp(max=1)
    depth = cost.cumsum(-1) - cost / 2
    between = (depth[..., :, None] - depth[..., None, :]).abs()
    return between.clamp_(max=_HIDDEN).neg_().exp_()


def _places(cells: Tensor) -> list[Tensor]:
    """x, then y of each cell of (B,h,w), each (B,h,w) from -1 to 1."""
    y, x = (torch.linspace(-1, 1, n, device=cells.device) for n in cells.shape[-2:])
    return [x.expand_as(cells), y[:, None].expand_as(cells)]


def _extents(sight: Tensor) -> Tensor:
    """(B,N,L,L) -> (B,N,L): how far one sees from each cell, as log2 of the whole length, over 3."""
    return sight.mean(-1).log2() / 3
