"""A reference's colours as a mean and a spread, and painting in that colour space."""

from __future__ import annotations

import torch
from torch import Tensor

PALETTE_SIZE = 12  # mean (3) and the symmetric square root of the covariance (3x3), of RGB in [-1,1]
_FLOOR = 0.04  # a flat reference still leaves room for light and shade


def measure_palette(image: Tensor, mask: Tensor) -> Tensor:
    """image (B,3,H,W) in [-1,1], mask (B,1,H,W) in [0,1] -> (B,12), float32.

    The first two moments are all that linear colour transfer needs (Pitie & Kokaram 2007). Their square root, not
    the covariance, is stored: it is what the decoder multiplies by, and it interpolates well.
    """
    pixels, weight = image.float().flatten(2), mask.float().flatten(2)
    weight = weight / weight.sum(-1, keepdim=True).clamp_min(1e-6)
    mean = (pixels * weight).sum(-1)
    centred = pixels - mean[..., None]
    covariance = torch.einsum("bin,bjn->bij", centred * weight, centred)
    values, vectors = torch.linalg.eigh(covariance)
    root = torch.einsum("bij,bj,bkj->bik", vectors, values.clamp_min(_FLOOR**2).sqrt(), vectors)
    return torch.cat([mean, root.flatten(1)], 1)


def spread(palette: Tensor, colour: Tensor) -> Tensor:
    """Colour offsets in the palette's own axes -> RGB offsets. (B,12), (B,3,H,W) -> (B,3,H,W)."""
    root = palette[:, 3:].view(-1, 3, 3).to(colour.dtype)
    return torch.einsum("bij,bjhw->bihw", root, colour)


def paint(palette: Tensor, colour: Tensor) -> Tensor:
    """Standardised colours (zero mean, unit spread) -> RGB with the palette's mean and spread."""
    return palette[:, :3, None, None].to(colour.dtype) + spread(palette, colour)
