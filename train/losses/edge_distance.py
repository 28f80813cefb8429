"""Edges as a difference of Gaussians."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from s2i.imaging.pixels.gaussian import gaussian_blur

_FINE, _COARSE = 0.8, 1.6  # sigmas in pixels; their ratio approximates the Laplacian (Marr & Hildreth 1980)
_TRUNCATE = 2.5


def difference_of_gaussians(image: Tensor) -> Tensor:
    """(B,C,H,W) -> the same shape, >= 0: how strongly each channel changes around a pixel. Computed in float32."""
    image = image.float()
    fine, coarse = (gaussian_blur(image, sigma, truncate=_TRUNCATE) for sigma in (_FINE, _COARSE))
    return (fine - coarse).abs()


def edge_distance(output: Tensor, target: Tensor) -> Tensor:
    """Mean absolute difference of the edges in brightness; a scalar. output, target: (B,3,H,W) in [-1,1].

    Where a reference is a stranger there is no answer for the colours, but edges belong where the picture has them from
    which the ink was drawn.
    """
    a, b = (difference_of_gaussians(image.float().mean(1, keepdim=True)) for image in (output, target))
    return F.l1_loss(a, b)
