"""The residual block that every network here is built from."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .norm import ChannelRMSNorm


class ResidualBlock(nn.Module):
    """x + gain * conv3(silu(conv3(silu(norm(x))))), (B,C,H,W) -> (B,C,H,W).

    `gain` starts small enough for deep stacks and large enough that the branch is alive from the first step.
    """

    def __init__(self, channels: int, *, affine: bool = True, eps: float = 1e-4, gain: float = 0.3) -> None:
        super().__init__()
        self.norm = ChannelRMSNorm(channels, affine, eps)
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.gain = nn.Parameter(torch.full((channels, 1, 1), gain))
        for conv in (self.conv1, self.conv2):
            nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
            nn.init.zeros_(conv.bias)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1(F.silu(self.norm(x)))
        return x + self.gain * self.conv2(F.silu(y))


def painting_block(channels: int) -> ResidualBlock:
    """The block of the networks that paint: a norm without gains, and a quieter start."""
    block = ResidualBlock(channels, affine=False, eps=1e-6, gain=0.1)
    for conv in (block.conv1, block.conv2):
        conv.reset_parameters()
    return block
