"""Canny's edge detector on the tensor's own device, a batch at a time."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ...errors import S2IError
from ..pixels.checks import check_image
from ..pixels.gaussian import gaussian_blur
from ..pixels.luminance import luminance

_CHECK_EVERY = 16  # rounds of growth between looks at whether anything still grows


def canny(image: Tensor, *, sigma: float = 1.4, low: float = 0.1, high: float = 0.2) -> Tensor:
    """image (B,3,H,W) in [-1,1] -> ink (B,1,H,W), 0 or 1.

    sigma: blur in pixels. low, high: thresholds on the magnitude of the Sobel gradient of the luminance in [0,1];
    edges above `low` stay where they touch one above `high`. The steps and the border are those of scikit-image's
    `feature.canny` (Canny 1986, suppression by interpolation), so that the two agree.
    Raises `S2IError` for a bad image or thresholds out of order.
    """
    check_image(image, "image")
    if not 0 <= sigma <= 100 or not 0 <= low <= high < float("inf"):
        raise S2IError(f"canny: needs sigma 0 to 100 and 0 <= low <= high, found sigma {sigma}, low {low}, high {high}")
    grey = luminance(image)
    # What lies beyond the border counts for nothing, rather than as black.
    smooth = gaussian_blur(grey, sigma, mode="zeros")
    smooth = smooth / (gaussian_blur(torch.ones_like(grey[:1]), sigma, mode="zeros") + torch.finfo(grey.dtype).eps)
    down, right = _sobel(smooth)
    magnitude = torch.sqrt(down * down + right * right)
    thin = _is_maximum(down, right, magnitude) & (magnitude >= low) & (magnitude > 0)
    thin[..., [0, -1], :] = False
    thin[..., [0, -1]] = False
    return _connected(thin & (magnitude >= high), thin).to(image.dtype)


def _sobel(x: Tensor) -> tuple[Tensor, Tensor]:
    """Derivatives down the rows and along them, unnormalised (weights 1, 2, 1), borders repeated."""
    p = F.pad(x, (1, 1, 1, 1), "replicate")
    rows = p[..., 2:, :] - p[..., :-2, :]
    columns = p[..., 2:] - p[..., :-2]
    return (
        rows[..., :-2] + 2 * rows[..., 1:-1] + rows[..., 2:],
        columns[..., :-2, :] + 2 * columns[..., 1:-1, :] + columns[..., 2:, :],
    )


def _is_maximum(down: Tensor, right: Tensor, magnitude: Tensor) -> Tensor:
    """At least as strong as both points one step along the gradient, each between an axis and a diagonal neighbour."""
    p = F.pad(magnitude, (1, 1, 1, 1))
    h, w = magnitude.shape[-2:]

    def shifted(dy: int, dx: int) -> Tensor:
        return p[..., 1 + dy : 1 + dy + h, 1 + dx : 1 + dx + w]

    steep = down.abs() >= right.abs()
    larger, smaller = torch.where(steep, down, right).abs(), torch.where(steep, right, down).abs()
    share = smaller / larger.clamp_min(torch.finfo(larger.dtype).tiny)
    same_sign = down * right >= 0
    keep = torch.ones_like(steep)
    for sign in (1, -1):
        axis = torch.where(steep, shifted(sign, 0), shifted(0, sign))
        # The diagonal on the side that the gradient leans to; walking both ways makes its overall sign irrelevant.
        rising = torch.where(steep, shifted(sign, -sign), shifted(-sign, sign))
        diagonal = torch.where(same_sign, shifted(sign, sign), rising)
        keep &= axis * (1 - share) + diagonal * share <= magnitude
    return keep


def _connected(seeds: Tensor, allowed: Tensor) -> Tensor:
    """All of `allowed` (bool) that is 8-connected to a seed."""
    grown, mask = seeds.float(), allowed.float()
    while True:
        before = grown
        for _ in range(_CHECK_EVERY):
            grown = F.max_pool2d(grown, 3, 1, 1) * mask
        if torch.equal(grown, before):
            return grown > 0
