"""Gaussian blur, separable, on any device."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def gaussian_kernel(sigma: float, truncate: float = 4.0) -> Tensor:
    """(2r+1,) float64, sums to 1; r = truncate * sigma rounded, SciPy's choice."""
    radius = int(truncate * sigma + 0.5)
    x = torch.arange(-radius, radius + 1, dtype=torch.float64)
    kernel = torch.exp(-0.5 * (x / max(sigma, 1e-6)) ** 2)
    return kernel / kernel.sum()


def gaussian_blur(x: Tensor, sigma: float, *, mode: str = "replicate", truncate: float = 4.0) -> Tensor:
    """(B,C,H,W) -> the same shape; sigma in pixels, 0 = untouched. mode: "replicate", or "zeros" beyond the border."""
    if sigma <= 0:
        return x
    kernel = gaussian_kernel(sigma, truncate).to(x.device, x.dtype)
    channels, radius = x.shape[1], len(kernel) // 2
    for axis in (2, 3):
        shape = [1, 1, 1, 1]
        shape[axis] = len(kernel)
        pad = (0, 0, radius, radius) if axis == 2 else (radius, radius, 0, 0)
        padded = F.pad(x, pad, "replicate") if mode == "replicate" else F.pad(x, pad)
        x = F.conv2d(padded, kernel.view(shape).repeat(channels, 1, 1, 1), groups=channels)
    return x
