"""The drawing's tones, matched to the reference's histogram."""

from __future__ import annotations

import numpy as np
import torch
from scipy import ndimage
from skimage.exposure import match_histograms
from torch import Tensor

from s2i.imaging.pixels.layouts import image_to_uint8, uint8_to_image


def histogram_transfer(ink: Tensor, reference: Tensor) -> Tensor:
    """Cheats on colour: each channel has the reference's histogram exactly.

    Blank paper alone would be one tone; a wide blur of the ink shades it, so that the histogram can spread.
    """
    return torch.cat([_transfer(i[0].numpy(), image_to_uint8(r)) for i, r in zip(ink, reference, strict=True)])


def _transfer(ink: np.ndarray, reference: np.ndarray) -> Tensor:
    shade = ndimage.gaussian_filter(ink, 12) + 0.25 * ndimage.gaussian_filter(ink, 3)
    tone = 1 - ink - 0.5 * shade / max(float(shade.max()), 1e-6)
    matched = match_histograms(np.repeat(tone[..., None], 3, 2), reference, channel_axis=2)
    return uint8_to_image(matched.clip(0, 255).round().astype(np.uint8))
