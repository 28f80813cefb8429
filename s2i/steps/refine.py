"""Draft -> image: one x2 step of the refiner after another."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from ..imaging.ink.ink import resize_ink
from ..imaging.pixels.sizes import resize_area
from ..models.refiner import LATENT, Refiner
from .bands import in_bands
from .placed import placed_noise

REFINER_STREAM = 64  # of the seed's noise, and one more for each step; the decoder's levels have the streams below
_NEAR = 1.25  # a picture up to this many times the draft's size is the draft, enlarged: a step would paint nothing new


def refine(
    refiner: Refiner,
    image: Tensor,
    ink: Tensor,
    vector: Tensor,
    *,
    size: tuple[int, int],
    strength: float,
    seed: int,
    same_seed: bool,
    noise_maps: int,
) -> Tensor:
    """image (B,3,h,w), ink (B,1,H,W), vector (B,D) -> image (B,3,*size). Each step sees the ink at its own size."""
    step = 0
    while strength and max(size[0] / image.shape[-2], size[1] / image.shape[-1]) > _NEAR:
        h, w = (2 * n for n in image.shape[-2:])
        cells = (noise_maps, -(-h // LATENT), -(-w // LATENT))
        (noise,) = placed_noise(refiner, [cells], len(image), seed, same_seed, REFINER_STREAM + step)
        image = in_bands(refiner, image, resize_ink(ink, (h, w)), vector, noise, strength).clamp_(-1, 1)
        step += 1
    return _resized(image, size)


def _resized(image: Tensor, size: tuple[int, int]) -> Tensor:
    """Shrunk by area, or enlarged a little with a curve that does not soften."""
    if size[0] <= image.shape[-2] and size[1] <= image.shape[-1]:
        return resize_area(image, size)
    return F.interpolate(image.float(), size, mode="bicubic", align_corners=False).clamp_(-1, 1).to(image.dtype)
