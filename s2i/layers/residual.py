"""The residual block that every network here is built from."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .norm import ChannelRMSNorm

# Beyond the sheet the picture goes on as it was: zeros there would show as a frame, and as bands along it.
SHEET_EDGE = "replicate"


class ResidualBlock(nn.Module):
    """x + gain * conv3(silu(conv3(silu(norm(x))))), (B,C,H,W) -> (B,C,H,W).

    `gain` starts at 0.3: small enough for deep stacks, large enough that the branch is alive from the first step
    (spectral norm on a norm layer left the authors' branches at 1/sqrt(C) of their scale).
    Discriminators take `norm=False`: the scale of a feature is evidence there. edge: what convolutions see beyond the
    map's edge, `padding_mode` of `nn.Conv2d`.
    """

    def __init__(self, channels: int, norm: bool = True, edge: str = "zeros") -> None:
        super().__init__()
        self.norm = ChannelRMSNorm(channels) if norm else nn.Identity()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, padding_mode=edge)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, padding_mode=edge)
        self.gain = nn.Parameter(torch.full((channels, 1, 1), 0.3))
        for conv in (self.conv1, self.conv2):
            nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
            nn.init.zeros_(conv.bias)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1(F.silu(self.norm(x)))
        return x + self.gain * self.conv2(F.silu(y))
