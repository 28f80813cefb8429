"""A reference's colours as a mean, a spread and an accent, and painting in that colour space."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

PALETTE_SIZE = 15  # mean (3), symmetric square root of the covariance (3x3), accent (3), of RGB in [-1,1]
COLOUR_CHANNELS = 4  # what is painted with: the three axes of the spread, and the accent
_FLOOR = 0.04  # a flat reference still leaves room for light and shade
_CELL = 8  # pixels: the accent is the colour of a patch, not of a speck


def measure_palette(image: Tensor, mask: Tensor) -> Tensor:
    """image (B,3,H,W) in [-1,1], mask (B,1,H,W) in [0,1], sides a multiple of 8 -> (B,15), float32.

    The first two moments are all that linear colour transfer needs (Pitie & Kokaram 2007). Their square root, not
    the covariance, is stored: it is what the decoder multiplies by, and it interpolates well. The accent is the
    offset from the mean to the colour that stands out: figures tend to have it and grounds do not, whether it is a
    light on dark or a shadow on light, which no symmetric statistic can tell.
    """
    image, mask = image.float(), mask.float()
    mean, root = _moments(image, mask)
    cells, shares = _patches(image, mask)
    offset = cells - mean[..., None]
    # Mahalanobis distance to the fourth power: the farthest patches decide, and two opposite tails cancel.
    distance = torch.linalg.solve(root, offset).square().sum(1, keepdim=True)
    share = shares * distance.square()
    accent = (offset * share).sum(-1) / share.sum(-1).clamp_min(1e-6)
    return torch.cat([mean, root.flatten(1), accent], 1)


def _moments(image: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    pixels, weight = image.flatten(2), mask.flatten(2)
    weight = weight / weight.sum(-1, keepdim=True).clamp_min(1e-6)
    mean = (pixels * weight).sum(-1)
    centred = pixels - mean[..., None]
    covariance = torch.einsum("bin,bjn->bij", centred * weight, centred)
    values, vectors = torch.linalg.eigh(covariance)
    root = torch.einsum("bij,bj,bkj->bik", vectors, values.clamp_min(_FLOOR**2).sqrt(), vectors)
    return mean, root


def _patches(image: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Mean colours of 8x8 cells (B,3,N) and how much of each the mask covers (B,1,N)."""
    covered = F.avg_pool2d(mask, _CELL)
    colour = F.avg_pool2d(image * mask, _CELL) / covered.clamp_min(1e-6)
    return colour.flatten(2), covered.flatten(2)


def spread(palette: Tensor, colour: Tensor) -> Tensor:
    """Colour offsets in the palette's own axes -> RGB offsets. (B,15), (B,3,H,W) -> (B,3,H,W)."""
    root = palette[:, 3:12].view(-1, 3, 3).to(colour.dtype)
    return torch.einsum("bij,bjhw->bihw", root, colour)


def paint(palette: Tensor, colour: Tensor) -> Tensor:
    """Standardised colours and a share of the accent (B,4,H,W) -> RGB with the palette's mean and spread."""
    mean, accent = (palette[:, i : i + 3, None, None].to(colour.dtype) for i in (0, 12))
    return mean + spread(palette, colour[:, :3]) + accent * colour[:, 3:]
