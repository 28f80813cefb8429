"""Sliced Wasserstein distance between the colours of two pictures."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def palette_distance(output: Tensor, reference: Tensor, directions: Tensor, samples: int = 32) -> Tensor:
    """How far the colours of `output` must move to become those of `reference`, wherever they lie; a scalar.

    output, reference: (B,3,H,W) in [-1,1], averaged down to samples² colours each. directions: (N,3) unit vectors. In
    one dimension the optimal transport pairs sorted values. Source: Bonneel, Rabin, Peyre & Pfister, "Sliced and Radon
    Wasserstein barycenters of measures", 2015, sec. 3.1.
    """

    def sorted_projections(image: Tensor) -> Tensor:
        colours = F.adaptive_avg_pool2d(image.float(), samples).flatten(2)
        return torch.einsum("nc,bcp->bnp", directions.float(), colours).sort(-1).values

    return F.l1_loss(sorted_projections(output), sorted_projections(reference))


def colour_directions(count: int = 16) -> Tensor:
    """(count,3) unit vectors, the same at every call."""
    return F.normalize(torch.randn(count, 3, generator=torch.Generator().manual_seed(0)), dim=1)
