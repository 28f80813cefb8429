"""Attention from places in the picture to what the reference offers."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from .norm import ChannelRMSNorm


class StyleAttention(nn.Module):
    """Every position of a map asks the style tokens what to look like. (B,C,H,W), tokens (B,T,D) -> (B,C,H,W).

    log_weights (B,T) or None: added to the scores, so a token of weight 1/2 counts half as much as one of weight 1 and
    one of weight 0 not at all. Tokens carry no position: the reference's layout cannot pass. `to_out` starts at zero.
    """

    def __init__(self, channels: int, token_dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = ChannelRMSNorm(channels, affine=False, eps=1e-6)
        self.to_query = nn.Conv2d(channels, channels, 1)
        self.to_key = nn.Linear(token_dim, channels)
        self.to_value = nn.Linear(token_dim, channels)
        self.to_out = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.to_out.weight)

    def _split(self, x: Tensor) -> Tensor:
        b, n, c = x.shape
        return x.view(b, n, self.heads, c // self.heads).transpose(1, 2)  # (B,heads,N,C/heads)

    def forward(self, x: Tensor, tokens: Tensor, log_weights: Tensor | None = None) -> Tensor:
        b, c, h, w = x.shape
        query = self.to_query(self.norm(x)).flatten(2).transpose(1, 2)
        key, value = self._split(self.to_key(tokens)), self._split(self.to_value(tokens))
        bias = None if log_weights is None else log_weights[:, None, None].to(query.dtype)
        out = F.scaled_dot_product_attention(self._split(query), key, value, attn_mask=bias)
        return x + self.to_out(out.transpose(1, 2).reshape(b, h * w, c).transpose(1, 2).reshape(b, c, h, w))
