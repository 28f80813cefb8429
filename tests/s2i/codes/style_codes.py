"""Random styles for tests, and whether two are the same to the bit."""

from __future__ import annotations

import torch

from s2i import StyleCode


def code(seed: int, batch: int = 1, tokens: int = 3) -> StyleCode:
    g = torch.Generator().manual_seed(seed)
    draw = lambda *shape: torch.randn(batch, *shape, generator=g)  # noqa: E731
    root = draw(3, 3)
    return StyleCode(draw(4, 8), draw(tokens, 5), torch.ones(batch, tokens), draw(3), root @ root.mT)


def parts(c: StyleCode) -> list[torch.Tensor]:
    return [c.vectors, c.tokens, c.token_weights, c.palette_mean, c.palette_root]


def same(a: StyleCode, b: StyleCode) -> bool:
    return all(torch.equal(x, y) for x, y in zip(parts(a), parts(b), strict=True))
