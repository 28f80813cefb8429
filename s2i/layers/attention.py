"""Attention between places in the picture and what the reference offers."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .norm import ChannelRMSNorm


class StyleAttention(nn.Module):
    """Every position asks the style tokens, and every other position, what to look like.

    (B,C,H,W), tokens (B,T,D) -> (B,C,H,W), residual. Keys and values are the tokens followed by the map itself:
    tokens carry no position, so the reference's layout cannot pass; the map's own positions let a region agree on
    one answer (inside and outside of an outline are a global matter). Meant for the coarsest levels, 16² and below.
    """

    def __init__(self, channels: int, token_dim: int, heads: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.norm = ChannelRMSNorm(channels)
        self.to_query = nn.Conv2d(channels, channels, 1)
        self.from_map = nn.Conv2d(channels, 2 * channels, 1)
        self.from_tokens = nn.Linear(token_dim, 2 * channels)
        self.to_out = nn.Conv2d(channels, channels, 1)
        nn.init.normal_(self.to_out.weight, std=0.3 / channels**0.5)
        nn.init.zeros_(self.to_out.bias)

    def _split(self, x: Tensor) -> Tensor:
        b, n, c = x.shape
        return x.view(b, n, self.heads, c // self.heads).transpose(1, 2)  # (B,heads,N,C/heads)

    def forward(self, x: Tensor, tokens: Tensor) -> Tensor:
        b, c, h, w = x.shape
        y = self.norm(x)
        query = self.to_query(y).flatten(2).transpose(1, 2)
        pairs = torch.cat([self.from_tokens(tokens).to(y.dtype), self.from_map(y).flatten(2).transpose(1, 2)], 1)
        key, value = pairs.chunk(2, -1)
        out = F.scaled_dot_product_attention(self._split(query), self._split(key), self._split(value))
        return x + self.to_out(out.transpose(1, 2).reshape(b, h * w, c).transpose(1, 2).reshape(b, c, h, w))


class TokenPooling(nn.Module):
    """Summarise a feature map in a few position-free tokens: (B,C,H,W), mask (B,1,H,W) -> (B,T,D).

    T learned queries attend to the map (Lee et al., "Set Transformer", 2019): each token becomes a weighted average
    of like places, so a token says what the reference contains and never where.
    """

    def __init__(self, channels: int, tokens: int, token_dim: int) -> None:
        super().__init__()
        self.queries = nn.Parameter(torch.randn(tokens, channels) / channels**0.5)
        self.norm = ChannelRMSNorm(channels)
        self.to_key = nn.Conv2d(channels, channels, 1)
        self.to_value = nn.Conv2d(channels, token_dim, 1)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        x = self.norm(x)
        scores = torch.einsum("tc,bchw->bthw", self.queries, self.to_key(x)).flatten(2).float()
        weights = (scores + mask.flatten(2).float().clamp_min(1e-6).log()).softmax(-1)
        return torch.einsum("btn,bdn->btd", weights.to(x.dtype), self.to_value(x).flatten(2))
