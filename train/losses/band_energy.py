"""How much of a picture's contrast is in forms, in strokes and in grain."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from s2i.imaging.pixels.luminance import luminance

_BANDS = 6  # octaves: from two pixels to a quarter of a picture of 128 pixels
_FLOOR = 0.01  # of a standard deviation: paper that is as good as blank


def band_energies(image: Tensor) -> Tensor:
    """(B,3,H,W) in [-1,1] -> (B,6): the logarithm of the luminance's standard deviation in each octave of a Laplacian
    pyramid (Burt & Adelson 1983), fine to coarse. H and W are multiples of 64. Computed in float32."""
    rest, logs = luminance(image.float()), []
    for _ in range(_BANDS):
        coarser = F.avg_pool2d(rest, 2)
        band = rest - F.interpolate(coarser, scale_factor=2, mode="bilinear")
        logs.append((band.square().mean((1, 2, 3)) + _FLOOR**2).log() / 2)
        rest = coarser
    return torch.stack(logs, 1)


def band_distance(output: Tensor, answer: Tensor) -> Tensor:
    """Mean absolute difference of the bands' logarithms; a scalar. output, answer: (B,3,H,W) in [-1,1].

    Errors of pixels make pictures flat and soft, since what cannot be known is best guessed by its mean. Energy can be
    known: from the picture itself, or from a reference, whatever it shows.
    """
    return F.l1_loss(band_energies(output), band_energies(answer))
