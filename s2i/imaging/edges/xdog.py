"""XDoG: a difference of Gaussians, sharpened and softly thresholded."""

from __future__ import annotations

import torch
from torch import Tensor

from ...errors import S2IError
from ..pixels.checks import check_image
from ..pixels.gaussian import gaussian_blur
from ..pixels.luminance import luminance


def xdog(
    image: Tensor,
    *,
    sigma: float = 0.8,
    k: float = 1.6,
    p: float = 20.0,
    epsilon: float = 0.5,
    phi: float = 10.0,
) -> Tensor:
    """image (B,3,H,W) in [-1,1] -> ink (B,1,H,W) in [0,1].

    sigma: finest detail, in pixels. k: ratio of the two blurs (1.6 approximates the Laplacian). p: strength of the
    lines; 0 thresholds the tone alone. epsilon: brightness, 0..1, below which ink begins. phi: hardness of the edge
    of the ink; large is black and white. Dark areas fill with ink: XDoG draws tone as well as lines.

    Source: Winnemöller, Kyprianidis & Olsen, "XDoG: an extended difference-of-Gaussians compendium", 2012, eq. 5-7.
    Raises `S2IError` for a bad image or a parameter out of range.
    """
    check_image(image, "image")
    limits = {"sigma": (sigma, 0.01, 100), "k": (k, 1.001, 100), "p": (p, 0, 10_000), "phi": (phi, 0.001, 10_000),
              "epsilon": (epsilon, -10, 10)}  # fmt: skip
    for name, (value, low, high) in limits.items():
        if not low <= value <= high:
            raise S2IError(f"xdog: {name} must be {low} to {high}, found {value}")
    grey = luminance(image)
    fine, coarse = gaussian_blur(grey, sigma), gaussian_blur(grey, sigma * k)
    sharpened = (1 + p) * fine - p * coarse
    tone = 1 + torch.tanh(phi * (sharpened - epsilon).clamp(max=0))
    return (1 - tone).clamp(0, 1)
