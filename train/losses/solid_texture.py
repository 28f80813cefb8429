"""What an artist filled with black is a calm dark, not a pattern."""

from __future__ import annotations

from torch import Tensor

from .edge_distance import difference_of_gaussians
from .outlines import solid_blacks

_CALM = 0.2  # units of spread; a real picture's mean over everything is 0.25 to 0.29


def solid_texture(output: Tensor, ink: Tensor, spread: Tensor) -> Tensor:
    """How far edges inside solid blacks exceed a calm area's, averaged over these; a scalar.

    output (B,3,H,W) in [-1,1]; ink (B,1,H,W) in [0,1]; spread (B,), of the reference: the unit. Blacks that were drawn
    out of real pictures are foliage as often as cloth, and a painter that learns from those alone paints an artist's
    black dress as foliage: more than twice as rough as the rest of the picture.
    """
    inside = solid_blacks(ink)
    edges = difference_of_gaussians(output).sum(1, keepdim=True) / spread.view(-1, 1, 1, 1)
    return ((edges - _CALM).clamp_min(0) * inside).sum() / inside.sum().clamp_min(1)
