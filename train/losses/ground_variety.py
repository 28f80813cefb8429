"""Two drawings after one reference stand before two different grounds."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from s2i.imaging.pixels.luminance import luminance

_CELLS = 16  # across a picture: its forms, not its strokes
_ALLOWED = 0.1  # correlation
_FLAT = 0.1  # units of spread: less than this is paper, and may be alike
_FEWEST = 24.0  # cells that are open in both


def ground_variety(output: Tensor, ink: Tensor, spread: Tensor) -> Tensor:
    """How alike the open grounds of neighbours in a batch are, above `_ALLOWED`; a mean over pairs, in [0,1].

    output (2P,3,H,W) in [-1,1], pictures 2p and 2p + 1 after one reference; ink (2P,1,H,W) in [0,1]; spread (2P,), of
    the references. The correlation of luminance over the cells that hold ink in neither, once each row's mean is taken
    out: that skies are above and land is below is no repetition. A painter learns grounds by place, since only ink is
    different from sample to sample there: the same cloud stands in the same corner behind whatever is drawn.
    """
    light = F.adaptive_avg_pool2d(luminance(output.float()), _CELLS) / spread.view(-1, 1, 1, 1)
    inked = F.max_pool2d(F.adaptive_max_pool2d(ink.float(), _CELLS), 3, 1, 1)
    a, b = light[0::2], light[1::2]
    open_ = ((inked[0::2] < 0.5) & (inked[1::2] < 0.5)).float()
    a, b = (_without_rows(x, open_) for x in (a, b))
    count = open_.sum((1, 2, 3)).clamp_min(1)
    together, power_a, power_b = ((x * y).sum((1, 2, 3)) / count for x, y in ((a, b), (a, a), (b, b)))
    alike = together / ((power_a + _FLAT**2) * (power_b + _FLAT**2)).sqrt()
    return ((alike - _ALLOWED).clamp_min(0) * (count >= _FEWEST)).sum() / max(1, len(alike))


def _without_rows(x: Tensor, mask: Tensor) -> Tensor:
    mean = (x * mask).sum(3, keepdim=True) / mask.sum(3, keepdim=True).clamp_min(1)
    return (x - mean) * mask
