"""A drawing must survive its painting: its lines show, and what they separate differs.

A drawing that nobody painted has no target. What can be asked is that its lines and areas come through as strongly as
those of real pictures do, in units of the reference's own spread of colour, so that a pale reference may stay pale. All
are hinges: what is strong enough is left alone. Measured on real pictures: along a line the edge's median is 1.2 and
its lower quartile 0.86; touching areas differ by 1.36 in the median.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .edge_distance import difference_of_gaussians
from .outlines import outlines

_LINE = 0.5  # ink above this is a line
_REACH = 5  # pixels: an edge beside a line is the line's


def colour_spread(image: Tensor, least: float = 0.03) -> Tensor:
    """(B,3,H,W) -> (B,): the root of the mean variance of its channels, at least `least`."""
    return image.float().var((2, 3)).mean(1).clamp_min(least**2).sqrt()


def line_survival(output: Tensor, ink: Tensor, spread: Tensor, strength: float = 0.95) -> Tensor:
    """What edges along the outlines lack of `strength`, averaged over these; a scalar in [0,strength].

    output (B,3,H,W) in [-1,1]; ink (B,1,H,W) in [0,1]; spread (B,), of the reference: the unit of `strength`.
    """
    edges = difference_of_gaussians(output).sum(1, keepdim=True)
    edges = F.max_pool2d(edges, _REACH, 1, _REACH // 2) / spread.view(-1, 1, 1, 1)
    lines = (outlines(ink) > _LINE).float()
    return ((strength - edges).clamp_min(0) * lines).sum() / lines.sum().clamp_min(1)


def area_distances(image: Tensor, areas: Tensor, spread: Tensor) -> Tensor:
    """How far apart the mean colours of areas are, in units of `spread`: (B,N,N).

    image (B,3,H,W); areas (B,N,H/2,W/2), masks; spread (B,).
    """
    small = F.adaptive_avg_pool2d(image.float(), areas.shape[-2:])
    sizes = areas.sum((2, 3)).unsqueeze(-1) + 1e-6
    colours = torch.einsum("bnhw,bchw->bnc", areas, small) / sizes
    apart = (colours[:, :, None] - colours[:, None]).square().sum(-1)
    return (apart + 1e-6).sqrt() / spread[:, None, None]  # the root of 0 has no gradient


def area_survival(distances: Tensor, touching: Tensor, wanted: Tensor | float = 0.9) -> Tensor:
    """What touching areas lack of the distance `wanted`, averaged over the pairs; a scalar.

    distances (B,N,N), of the painting; touching (B,N,N), 1 where two areas touch; wanted: a number for drawings that
    nobody painted, or the distances in the picture that the ink was drawn from, (B,N,N).
    """
    return ((wanted - distances).clamp_min(0) * touching).sum() / touching.sum().clamp_min(1)
