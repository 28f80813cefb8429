"""DiffAugment with one draw for fake and real."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

_SATURATION, _CONTRAST, _BRIGHTNESS = (0.7, 1.3), (0.8, 1.2), (-0.2, 0.2)
_SHIFT = 0.1  # of the side


def joint_augment(
    images: list[Tensor], inks: list[Tensor], generator: torch.Generator, strength: float = 1.0
) -> tuple[list[Tensor], list[Tensor]]:
    """Change colours and place of pictures (B,3,H,W) each, and the place of inks (B,1,H,W), all in the same way.

    Sample i of every list gets the same colours, and the whole batch the same shift (with reflected borders), so a fake
    stays comparable with its real partner: one pass of a trunk over each then serves an adversary and a reconstruction
    alike. strength 0 changes nothing. Source: Zhao et al., "Differentiable augmentation for data-efficient GAN
    training", 2020; saturation, contrast and brightness as there, cutout left out.
    """
    if strength <= 0:
        return images, inks
    draws = torch.rand(3, len(images[0]), 1, 1, 1, generator=generator).to(images[0].device)
    saturation, contrast, brightness = (
        middle + (draw - 0.5) * (high - low) * strength
        for draw, (low, high), middle in zip(draws, (_SATURATION, _CONTRAST, _BRIGHTNESS), (1, 1, 0), strict=True)
    )
    reach = int(images[0].shape[-1] * _SHIFT * strength)
    dy, dx = (int(v) for v in torch.randint(-reach, reach + 1, (2,), generator=generator))
    images = [_shift(_recolour(image, saturation, contrast, brightness), dy, dx, reach) for image in images]
    return images, [_shift(ink, dy, dx, reach) for ink in inks]


def _recolour(image: Tensor, saturation: Tensor, contrast: Tensor, brightness: Tensor) -> Tensor:
    grey = image.mean(1, keepdim=True)
    image = grey + (image - grey) * saturation
    middle = image.mean((1, 2, 3), keepdim=True)
    return middle + (image - middle) * contrast + brightness


def _shift(x: Tensor, dy: int, dx: int, reach: int) -> Tensor:
    height, width = x.shape[-2:]
    padded = F.pad(x, (reach,) * 4, "reflect")
    return padded[..., reach + dy : reach + dy + height, reach + dx : reach + dx + width]
