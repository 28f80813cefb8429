"""How enclosed by lines each place of a drawing is, and how high on the sheet."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

_CELLS = (4, 2, 1)  # sides of the cells, in steps of the stem, coarse first: gaps smaller than a cell count as closed
_CHECK = 8  # steps between two looks at whether anything still changes
CHANNELS = 1 + len(_CELLS)


def enclosure_map(ink: Tensor, stem: int) -> Tensor:
    """ink (B,1,H,W) in [0,1] -> (B,4,H/stem,W/stem): height, and how enclosed each place is, three times.

    Height runs from -1 at the top to 1 at the bottom: skies and grounds are not painted alike. Enclosure is 0 where
    blank paper leads to the sheet's edge and 1 where only strokes could; every path counts by its worst crossing, and
    the best path decides (a minimax path, Pollack 1960), so a pencil line encloses by as much as it is dark. Coarser
    cells close larger gaps. Sides are a multiple of stem * 4.
    """
    fine = F.max_pool2d(ink, stem)
    b, _, h, w = fine.shape
    height = torch.linspace(-1, 1, h, device=ink.device, dtype=ink.dtype).view(1, 1, h, 1).expand(b, 1, h, w)
    outside, layers = None, []
    for cell in _CELLS:
        openness = 1 - (2 * F.max_pool2d(fine, cell)).clamp(max=1)
        outside = _outside(openness, None if outside is None else _grow(outside, 2))
        layers.append(1 - _grow(outside, cell))
    return torch.cat([height, *reversed(layers)], 1)


def _grow(x: Tensor, factor: int) -> Tensor:
    return x.repeat_interleave(factor, 2).repeat_interleave(factor, 3) if factor > 1 else x


def _outside(openness: Tensor, start: Tensor | None) -> Tensor:
    """openness (B,1,h,w) in [0,1] -> (B,1,h,w): the widest way from the sheet's edge, through sides of cells only.

    A closed curve's cells touch at corners at least, and ways do not pass corners, so a thin diagonal holds.
    start: a lower bound to begin with. Coarser cells have thicker walls, so what they call outside is.
    """
    edge = F.pad(torch.zeros_like(openness[..., 1:-1, 1:-1]), (1, 1, 1, 1), value=1.0)
    outside = (edge if start is None else torch.maximum(edge, start)).minimum(openness)
    for step in range(openness[0].numel()):  # no way is longer
        rows, columns = F.max_pool2d(outside, (3, 1), 1, (1, 0)), F.max_pool2d(outside, (1, 3), 1, (0, 1))
        wider = torch.maximum(rows, columns).minimum(openness)
        if step % _CHECK == _CHECK - 1 and torch.equal(wider, outside):
            break
        outside = wider
    return outside
