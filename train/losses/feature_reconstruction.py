"""Reconstruction in the features of a frozen trunk."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def feature_reconstruction(output: Sequence[Tensor], target: Sequence[Tensor]) -> Tensor:
    """Absolute error between feature maps, each layer relative to its own mean magnitude; a scalar of about one.

    output, target: maps (B,C,h,w), one per layer, of the painting and of the picture it should be. Layers of any scale
    weigh alike. Source: Johnson, Alahi & Fei-Fei, "Perceptual losses for real-time style transfer", 2016, eq. 2, with
    an absolute in place of a squared error, as in Wang et al., "pix2pixHD", 2018.
    """
    terms = []
    for a, b in zip(output, target, strict=True):
        a, b = a.float(), b.float()
        terms.append((a - b).abs().mean() / (b.abs().mean() + 1e-6))
    return torch.stack(terms).mean()
