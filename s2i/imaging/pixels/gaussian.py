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
    kernel = gaussian_kernel(sigma, truncate).tolist()
    radius = len(kernel) // 2
    for axis in (2, 3):
        pad = (0, 0, radius, radius) if axis == 2 else (radius, radius, 0, 0)
        padded = F.pad(x, pad, "replicate") if mode == "replicate" else F.pad(x, pad)
        # Sums of shifted views: for few channels many times faster than a convolution on a CPU.
        size = x.shape[axis]
        x = padded.narrow(axis, 0, size) * kernel[0]
        for i, weight in enumerate(kernel[1:], 1):
            x = x.add_(padded.narrow(axis, i, size), alpha=weight)
    return x
