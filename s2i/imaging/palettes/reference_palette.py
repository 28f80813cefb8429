"""A reference's colours as a mean and a spread, the space that drafts are painted in."""

from __future__ import annotations

import torch
from torch import Tensor

_FLOOR = 0.04  # a flat reference still leaves room for light and shade


def colour_moments(image: Tensor, weight: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """image (B,3,H,W) in [-1,1], weight (B,1,H,W) in [0,1] or None -> mean (B,3) and root (B,3,3), float32.

    The first two moments are all that linear colour transfer needs (Pitie & Kokaram 2007). The symmetric square root
    of the covariance, not the covariance, is kept: it is what standardised colours are multiplied by, and it
    interpolates well.
    """
    pixels = image.float().flatten(2)
    share = torch.ones_like(pixels[:, :1]) if weight is None else weight.float().flatten(2)
    share = share / share.sum(-1, keepdim=True).clamp_min(1e-6)
    mean = (pixels * share).sum(-1)
    centred = pixels - mean[..., None]
    return mean, symmetric_root(torch.einsum("bin,bjn->bij", centred * share, centred))


def symmetric_root(covariance: Tensor) -> Tensor:
    """(B,3,3) -> (B,3,3): its square root, with a least deviation along every axis."""
    values, vectors = torch.linalg.eigh(covariance)
    return torch.einsum("bij,bj,bkj->bik", vectors, values.clamp_min(_FLOOR**2).sqrt(), vectors)
