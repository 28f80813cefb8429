"""Dual mask injection: how the content says where the style goes."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class DualMaskInjection(nn.Module):
    """Split a feature map by a soft mask made of content features, treat the two parts differently, join the content.

    f (B,C,H,W), content (B,C',H,W) -> (B,C,H,W):  (w_a f + b_a) M + (w_b f + b_b) (1 - M) + conv1(content),
    M = sigmoid(conv1(content)). Source: Liu, Song & Elgammal, "Sketch-to-Art" (2020), revised to feature masks in Liu
    et al., AAAI 2021. The sigmoid is ours: the authors' code multiplies by raw, unbounded features.
    """

    def __init__(self, channels: int, content_channels: int) -> None:
        super().__init__()
        self.to_mask = nn.Conv2d(content_channels, channels, 1)
        self.to_sum = nn.Conv2d(content_channels, channels, 1)
        self.scale_a, self.scale_b = (nn.Parameter(torch.full((channels, 1, 1), v)) for v in (1.01, 0.99))
        self.shift_a, self.shift_b = (nn.Parameter(torch.full((channels, 1, 1), v)) for v in (0.01, -0.01))

    def mask(self, content: Tensor) -> Tensor:
        """(B,C',H,W) content features -> (B,C,H,W) in (0,1)."""
        return torch.sigmoid(self.to_mask(content))

    def forward(self, f: Tensor, content: Tensor) -> Tensor:
        # The same formula with the products collected: one multiplication and one addition of full maps.
        m = self.mask(content)
        scale = self.scale_b + (self.scale_a - self.scale_b) * m
        shift = self.shift_b + (self.shift_a - self.shift_b) * m
        return scale * f + shift + self.to_sum(content)


class ContentConcatenation(nn.Module):
    """The ablation of dual mask injection: concatenate and convolve."""

    def __init__(self, channels: int, content_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels + content_channels, channels, 1)

    def forward(self, f: Tensor, content: Tensor) -> Tensor:
        return self.conv(torch.cat([f, content], 1))
