"""Normalisation whose statistics do not move with padding, white paper or the rest of the batch."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ChannelRMSNorm(nn.Module):
    """Divide each pixel's feature vector by its root mean square (Zhang & Sennrich 2019, over channels).

    (B,C,H,W) -> (B,C,H,W). A per-pixel statistic: unlike batch, instance or group norm it cannot leak one picture
    into another, nor the amount of blank paper into the colours.
    """

    def __init__(self, channels: int, affine: bool = True, eps: float = 1e-4) -> None:
        super().__init__()
        self.channels, self.eps = channels, eps
        self.gain = nn.Parameter(torch.ones(channels)) if affine else None

    def forward(self, x: Tensor) -> Tensor:
        # Channels last is the layout that the convolutions like, so this permutation moves no memory.
        # The gain follows x's dtype (autocast leaves parameters in float32), which keeps the fused kernel.
        gain = None if self.gain is None else self.gain.to(x.dtype)
        return F.rms_norm(x.permute(0, 2, 3, 1), (self.channels,), gain, self.eps).permute(0, 3, 1, 2)
