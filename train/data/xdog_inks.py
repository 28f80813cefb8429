"""XDoG inks of a picture, as varied as artists' own: the paired teachers of what people really draw."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from numpy.random import Generator
from torch import Tensor

from s2i.imaging.pixels.gaussian import gaussian_blur
from s2i.imaging.pixels.luminance import luminance

_RATIO = 1.6  # of the two blurs
_TONE = 1 / 16  # sigma of the local tone, as a share of the side
_STEP = 3  # every third pixel is enough for a quantile


@dataclass(frozen=True)
class XDoGInk:
    """Settings of one ink. sigma: width of a line, in pixels. sharpness: strength of the lines against the tone.
    tone: how much of the local tone is taken out; with 0 shadows fill with black. blacks: share of the picture that
    is darker than paper. hardness: of the ink's edges."""

    sigma: float
    sharpness: float
    tone: float
    blacks: float
    hardness: float

    @classmethod
    def draw(cls, rng: Generator, size: int) -> XDoGInk:
        """For a sample of this side: lines of any usual width, from hairlines to a brush's, with tone kept in six of
        ten."""
        return cls(
            sigma=math.exp(rng.uniform(math.log(0.5), math.log(max(0.6, 1.3 * size / 128)))),
            sharpness=rng.uniform(8, 30),
            tone=rng.uniform(0.3, 0.9) if rng.random() < 0.4 else 0.0,
            blacks=rng.uniform(0.06, 0.24),
            hardness=rng.uniform(4, 25),
        )


def xdog_ink(image: Tensor, ink: XDoGInk) -> Tensor:
    """image (B,3,S,S) in [-1,1] -> ink (B,1,S,S) in [0,1].

    Unlike `s2i.imaging.edges.xdog` the threshold is a quantile, so every picture gets about as much ink, dark or light.
    Source: Winnemöller, Kyprianidis & Olsen, "XDoG: an extended difference-of-Gaussians compendium", 2012, eq. 5-7.
    """
    grey = luminance(image.float())
    fine = gaussian_blur(grey, ink.sigma, truncate=3.0)
    coarse = gaussian_blur(grey, ink.sigma * _RATIO, truncate=3.0)
    response = (1 + ink.sharpness) * fine - ink.sharpness * coarse
    if ink.tone:
        response = response - ink.tone * gaussian_blur(grey, _TONE * image.shape[-1], truncate=3.0)
    threshold = torch.quantile(response.flatten(1)[:, ::_STEP], ink.blacks, dim=1).view(-1, 1, 1, 1)
    return -torch.tanh(ink.hardness * (response - threshold).clamp(max=0))
