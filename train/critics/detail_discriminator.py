"""A small discriminator on pixels, for what a frozen trunk overlooks."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

_CELL = 8  # pixels: what is coarser is taken out of a picture before it is judged
_GAIN = 4.0  # brings detail to the size that spectral norms need


class DetailDiscriminator(nn.Module):
    """Image (B,3,S,S) in [-1,1] and ink (B,1,S,S) -> scores (B,1,S/4,S/4), float32; S is a multiple of 8.

    A trunk trained on photographs is nearly blind to patterns of two or four pixels, and an adversary that looks
    through it alone lets a generator weave them. This one learns from pixels: patches of 31, PatchGAN's idea (Isola et
    al. 2017), of the picture's detail only, so that it has nothing to say about colour and composition.
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after, kernel, stride in ((4, width, 4, 2), (width, 2 * width, 4, 2), (2 * width, 2 * width, 3, 1)):
            layers += [spectral_norm(nn.Conv2d(before, after, kernel, stride, 1)), nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers, spectral_norm(nn.Conv2d(2 * width, 1, 3, padding=1)))

    def forward(self, image: Tensor, ink: Tensor) -> Tensor:
        image = image.float()
        smooth = F.interpolate(F.avg_pool2d(image, _CELL), scale_factor=_CELL, mode="bilinear")
        return self.layers(torch.cat([_GAIN * (image - smooth), ink], 1)).float()
