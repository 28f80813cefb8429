"""How much of a picture's contrast is in forms, in strokes and in grain, for its light and for its colour."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from s2i.imaging.pixels.luminance import luminance

_OCTAVES = 6  # from two pixels to a quarter of a picture of 128 pixels
_FLOORS = (0.01, 0.003, 0.003)  # of a standard deviation: light and colours of paper that is as good as blank


def band_energies(image: Tensor) -> Tensor:
    """(B,3,H,W) in [-1,1] -> (B,3,6): the logarithm of the standard deviation in each octave of a Laplacian
    pyramid (Burt & Adelson 1983), fine to coarse, of the luminance and of red and blue less the luminance. H and W are
    multiples of 64. Computed in float32."""
    light = luminance(image.float())
    rest, logs = torch.cat([light, image[:, ::2].float() * 0.5 + 0.5 - light], 1), []
    floors = light.new_tensor(_FLOORS).square()
    for _ in range(_OCTAVES):
        coarser = F.avg_pool2d(rest, 2)
        band = rest - F.interpolate(coarser, scale_factor=2, mode="bilinear")
        logs.append((band.square().mean((2, 3)) + floors).log() / 2)
        rest = coarser
    return torch.stack(logs, 2)


def band_distance(output: Tensor, answer: Tensor) -> Tensor:
    """Absolute difference of the bands' logarithms, averaged over octaves and summed over light and the two colours; a
    scalar. output, answer: (B,3,H,W) in [-1,1].

    Errors of pixels make pictures flat and soft, since what cannot be known is best guessed by its mean. Energy can be
    known: from the picture itself, or from a reference, whatever it shows. Without the colours' own, a painter whose
    light is right puts seven times a picture's power into colour that changes from pixel to pixel: a weave.
    """
    return (band_energies(output) - band_energies(answer)).abs().mean((0, 2)).sum()
