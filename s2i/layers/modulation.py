"""Style as a channel-wise change of scale."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .norm import ChannelRMSNorm


class StyleModulation(nn.Module):
    """Normalise, then let a style vector set the scale (and shift) of each channel. (B,C,H,W), (B,D) -> (B,C,H,W).

    "affine": x * (1 + g) + b, AdaIN's form (Huang & Belongie 2017) on a per-pixel norm. "gate": x * 2 sigmoid(g), the
    paper's simplified AdaIN, a multiplication only, which carries less of the reference's content. std: of the linear
    layer's first weights, in units of 1/sqrt(D); 0 starts from no modulation.
    """

    def __init__(
        self, channels: int, style_dim: int, kind: str = "affine", std: float = 0.5, eps: float = 1e-4
    ) -> None:
        super().__init__()
        self.kind = kind
        self.norm = ChannelRMSNorm(channels, affine=False, eps=eps)
        self.linear = nn.Linear(style_dim, channels * (2 if kind == "affine" else 1))
        nn.init.normal_(self.linear.weight, std=std / style_dim**0.5)
        nn.init.zeros_(self.linear.bias)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        x, code = self.norm(x), self.linear(style)[:, :, None, None]
        if self.kind == "gate":
            return x * (2 * torch.sigmoid(code))
        scale, shift = code.chunk(2, 1)
        return x * (1 + scale) + shift
