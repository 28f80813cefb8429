"""What a reference looks like, as a value: interpolate it, mix it, average it, save it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from ..errors import S2IError
from .batched import Batched
from .style_file import NAMES, SWATCH, read_style, write_style

SCALES = ("palette", "coarse", "fine")
_FINE_LEVELS = 2  # of the decoder, from its finest on: brushwork; the others say what a thing is made of


@dataclass(frozen=True, eq=False)
class StyleCode(Batched):
    """The style of a batch of B references. It holds no pixel of them, and no place.

    vectors: (B,L,D), one for each level of the decoder, coarsest first; equal as they come from a reference.
    tokens: (B,T,C) appearances found in the reference, without their places, and token_weights: (B,T), 0 or more, how
    much each counts. None for a model without attention.
    palette_mean, palette_root: (B,3) and (B,3,3): mean colour, RGB in [-1,1], and the symmetric root of the colours'
    covariance. None for a model that paints without one.
    """

    vectors: Tensor
    tokens: Tensor | None = None
    token_weights: Tensor | None = None
    palette_mean: Tensor | None = None
    palette_root: Tensor | None = None

    NOUNS: ClassVar = ("style", "styles", "sketches")
    SCALES: ClassVar = SCALES

    def __post_init__(self) -> None:
        if len({len(t) for t in self._tensors() if t is not None}) != 1:
            raise S2IError("a style code needs vectors, tokens and a palette of one batch size")

    def _tensors(self) -> tuple[Tensor | None, ...]:
        return (self.vectors, self.tokens, self.token_weights, self.palette_mean, self.palette_root)

    def _map(self, change: Callable[[Tensor], Tensor]) -> StyleCode:
        return StyleCode(*(None if t is None else change(t) for t in self._tensors()))

    @property
    def batch(self) -> int:
        return len(self.vectors)

    @staticmethod
    def cat(codes: Sequence[StyleCode]) -> StyleCode:
        """One batch of several; codes with fewer tokens are filled up with tokens of no weight."""
        require_one_model(codes)
        most = max(c._count() for c in codes)
        codes = [c._with_tokens(most) for c in codes]
        columns = zip(*(c._tensors() for c in codes), strict=True)
        return StyleCode(*(None if parts[0] is None else torch.cat(parts) for parts in columns))

    def lerp(self, other: StyleCode, t: float | Tensor) -> StyleCode:
        """Straight line from this code (t = 0, exactly) to the other (t = 1, exactly). t: a number or (B,).

        Vectors and palettes are interpolated. Tokens are not comparable one by one: both sets are offered to the
        decoder's attention, weighted by 1 - t and t.
        """
        a, b = _broadcast(self, other)
        t = torch.as_tensor(t, dtype=torch.float32, device=a.vectors.device)
        if t.ndim > 1 or not torch.isfinite(t).all():
            raise S2IError("the interpolation position t must be a finite number or one number per style")
        frames = max(a.batch, t.numel())
        if t.numel() == 1 and float(t) in (0.0, 1.0):
            return (b if float(t) else a).expand(frames)
        a, b, t = a.expand(frames), b.expand(frames), t.expand(frames)
        return _blend([a, b], [1 - t, t])

    def mix(self, other: StyleCode, scales: Sequence[str] = ("fine",)) -> StyleCode:
        """This code with some scales taken from another: "palette" is colour, "coarse" what things are made of
        (the coarse vectors and all tokens), "fine" the brushwork (the vectors of the two finest levels)."""
        unknown = sorted(set(scales) - set(SCALES))
        if unknown:
            raise S2IError(f"unknown style scale {', '.join(unknown)}: the scales are {', '.join(SCALES)}")
        a, b = _broadcast(self, other)
        colour, coarse, fine = (b if scale in scales else a for scale in SCALES)
        vectors = torch.cat([coarse.vectors[:, :-_FINE_LEVELS], fine.vectors[:, -_FINE_LEVELS:]], 1)
        return StyleCode(vectors, coarse.tokens, coarse.token_weights, colour.palette_mean, colour.palette_root)

    @staticmethod
    def mean(codes: Sequence[StyleCode], weights: Sequence[float] | None = None) -> StyleCode:
        """Weighted average; weights are made to sum to one. A single non-zero weight gives that code exactly."""
        require_one_model(codes)
        weights = [1.0] * len(codes) if weights is None else [float(w) for w in weights]
        if len(weights) != len(codes):
            raise S2IError(f"{len(weights)} weights for {len(codes)} styles: give one weight per style")
        total = sum(weights)
        if not total > 0 or any(not w >= 0 for w in weights) or total == float("inf"):
            raise S2IError(f"style weights must be finite, not negative, and not all zero; found {weights}")
        chosen = [(c, w / total) for c, w in zip(codes, weights, strict=True) if w > 0]
        if len(chosen) == 1:
            return chosen[0][0]
        batch = max(c.batch for c, _ in chosen)
        shares = [c.vectors.new_full((batch,), w) for c, w in chosen]
        return _blend([c.expand(batch) for c, _ in chosen], shares)

    def _count(self) -> int:
        return 0 if self.tokens is None else self.tokens.shape[1]

    def _with_tokens(self, count: int) -> StyleCode:
        missing = count - self._count()
        if not missing:
            return self
        tokens, weights = F.pad(self.tokens, (0, 0, 0, missing)), F.pad(self.token_weights, (0, missing))
        return StyleCode(self.vectors, tokens, weights, self.palette_mean, self.palette_root)

    def save(self, path: str | os.PathLike[str], swatch: str | None = None) -> None:
        """Write a small .safetensors file, whole or not at all. swatch: a small picture of it, a JPEG as
        base64, for those who choose by eye."""
        facts = {"scales": json.dumps(SCALES)} | ({} if swatch is None else {SWATCH: swatch})
        write_style(path, dict(zip(NAMES, self._tensors(), strict=True)), facts)

    @staticmethod
    def load(path: str | os.PathLike[str]) -> StyleCode:
        """Raises `S2IError` for a file that is missing, damaged, not a style, or of another version."""
        arrays = read_style(path)
        return StyleCode(**{name: None if x is None else torch.from_numpy(x) for name, x in arrays.items()})


def _blend(codes: Sequence[StyleCode], shares: Sequence[Tensor]) -> StyleCode:
    """Codes of one batch B, shares (B,) each, summing to one -> their weighted mean; tokens side by side."""

    def total(name: str) -> Tensor | None:
        parts = [getattr(code, name) for code in codes]
        if parts[0] is None:
            return None
        # Not a + t (b - a): that misses b by a rounding error at t = 1.
        return sum(p * w.to(p).view(-1, *[1] * (p.ndim - 1)) for p, w in zip(parts, shares, strict=True))

    vectors, mean, root = (total(name) for name in ("vectors", "palette_mean", "palette_root"))
    if codes[0].tokens is None:
        return StyleCode(vectors, None, None, mean, root)
    weights = [c.token_weights * w.to(c.token_weights)[:, None] for c, w in zip(codes, shares, strict=True)]
    return StyleCode(vectors, torch.cat([c.tokens for c in codes], 1), torch.cat(weights, 1), mean, root)


def require_one_model(codes: Sequence[StyleCode]) -> None:
    """Raise `S2IError` where there is no style, or styles of different models."""
    if not codes:
        raise S2IError("no style was given")
    made = {(c.vectors.shape[1:], c.tokens is None or c.tokens.shape[2], c.palette_mean is None) for c in codes}
    if len(made) > 1:
        raise S2IError("these styles come from different models: encode the references again with one model")


def _broadcast(a: StyleCode, b: StyleCode) -> tuple[StyleCode, StyleCode]:
    require_one_model([a, b])
    batch = max(a.batch, b.batch)
    return a.expand(batch), b.expand(batch)
