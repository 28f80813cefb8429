"""What a draft at half the size might have been, made from a real picture: the refiner's paired examples."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from s2i.imaging.pixels.gaussian import gaussian_blur

_SWIRLS = (6, 10, 16)  # cells along the side of a field of displacements
_GREY_NOISE = 0.5  # share of the noise that all three colours have in common


@dataclass(frozen=True)
class Degradation:
    """The [degradation] table: how often, and up to how much.

    blur: sigma in pixels of the picture. swirl: standard deviation in pixels of smooth displacements, which no
    painter's outline is free of. noise: standard deviation of blotches in the draft, pictures being in [-1,1]. coarse:
    how often a draft has no more detail than one of half its size.
    """

    blur_share: float = 0.7
    blur: float = 1.7
    swirl_share: float = 0.5
    swirl: float = 1.6
    noise_share: float = 0.5
    noise: float = 0.05
    coarse_share: float = 0.3

    def __call__(self, image: Tensor, generator: Generator) -> Tensor:
        """image (B,3,S,S) in [-1,1] -> draft (B,3,S/2,S/2), each picture in a way of its own. S is a multiple of 4."""
        return torch.cat([self._one(picture, generator) for picture in image.split(1)])

    def _one(self, image: Tensor, generator: Generator) -> Tensor:
        share = torch.rand(8, generator=generator).tolist()
        if share[0] < self.blur_share:
            image = gaussian_blur(image, 0.35 + share[1] * (self.blur - 0.35), truncate=3.0)
        if share[2] < self.swirl_share:
            image = _swirled(image, share[3] * self.swirl, generator)
        draft = F.avg_pool2d(image, 2)
        if share[4] < self.coarse_share:
            draft = F.interpolate(F.avg_pool2d(draft, 2), scale_factor=2, mode="bicubic")
        if share[5] < self.noise_share:
            draft = draft + share[6] * self.noise * _blotches(draft, 0.4 + 0.8 * share[7], generator)
        return draft


def _swirled(image: Tensor, pixels: float, generator: Generator) -> Tensor:
    side = image.shape[-1]
    cells = _SWIRLS[int(torch.randint(len(_SWIRLS), (), generator=generator))]
    field = torch.randn(1, 2, cells, cells, generator=generator).to(image)
    field = F.interpolate(field, size=image.shape[-2:], mode="bicubic") * (2 * pixels / side)
    still = F.affine_grid(torch.eye(2, 3).to(image)[None], [1, 1, *image.shape[-2:]], align_corners=False)
    return F.grid_sample(
        image, still + field.permute(0, 2, 3, 1), mode="bicubic", padding_mode="reflection", align_corners=False)


def _blotches(like: Tensor, sigma: float, generator: Generator) -> Tensor:
    noise = torch.randn(like.shape, generator=generator).to(like)
    noise = gaussian_blur((1 - _GREY_NOISE) * noise + noise.mean(1, keepdim=True), sigma, truncate=3.0)
    return noise / noise.std().clamp_min(1e-6)
