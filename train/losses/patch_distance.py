"""Sliced Wasserstein distance between the small patches of two pictures."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

_SIDE, _COUNT = 7, 24  # of a patch, in pixels; of the directions it is projected on
_SCALES = 2  # the picture, and the picture at half its size
_STRIDE = 2


def patch_directions() -> Tensor:
    """(24,3,7,7) unit vectors without a mean in any channel, the same at every call: colour is left to
    `palette_distance`."""
    noise = torch.randn(_COUNT, 3, _SIDE, _SIDE, generator=torch.Generator().manual_seed(0))
    return F.normalize((noise - noise.mean((2, 3), keepdim=True)).flatten(1), dim=1).view_as(noise)


def patch_distance(output: Tensor, reference: Tensor, directions: Tensor) -> Tensor:
    """How far the patches of `output` must move to become those of `reference`, wherever they lie; a scalar.

    output, reference: (B,3,H,W) in [-1,1]. Source: Elnekave & Weiss, "Generating natural images with direct patch
    distributions matching", 2022, sec. 3, with directions that stay.
    """
    terms, directions = [], directions.float()
    output, reference = output.float(), reference.float()
    for _ in range(_SCALES):
        sorted_pair = [F.conv2d(x, directions, stride=_STRIDE).flatten(2).sort(-1).values for x in (output, reference)]
        terms.append(F.l1_loss(*sorted_pair))
        output, reference = F.avg_pool2d(output, 2), F.avg_pool2d(reference, 2)
    return torch.stack(terms).mean()
