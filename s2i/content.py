"""What a sketch says, as a value: the content encoder's pyramid, ready to be decoded in any style."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .errors import S2IError


@dataclass(frozen=True, eq=False)
class ContentCode:
    """levels: feature maps, finest first. ink: (B,1,h,w) at working size, padded as the levels are.
    size: (h,w) of the draft before padding; source_size: the drawing's own (H,W)."""

    levels: tuple[Tensor, ...]
    ink: Tensor
    size: tuple[int, int]
    source_size: tuple[int, int]

    @property
    def batch(self) -> int:
        return len(self.ink)

    def __len__(self) -> int:
        return self.batch

    def _map(self, tensors: Iterable[Tensor]) -> ContentCode:
        *levels, ink = tensors
        return ContentCode(tuple(levels), ink, self.size, self.source_size)

    def __getitem__(self, key: int | slice) -> ContentCode:
        if isinstance(key, int):
            if not -self.batch <= key < self.batch:
                raise IndexError(f"content {key} of {self.batch}")
            key = slice(key % self.batch, key % self.batch + 1)
        return self._map(t[key] for t in (*self.levels, self.ink))

    def to(self, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> ContentCode:
        return self._map(t.to(device=device, dtype=dtype) for t in (*self.levels, self.ink))

    def expand(self, batch: int) -> ContentCode:
        if self.batch == batch:
            return self
        if self.batch != 1:
            raise S2IError(f"{self.batch} sketches cannot serve {batch} styles: give one sketch, or {batch}")
        return self._map(t.expand(batch, *t.shape[1:]) for t in (*self.levels, self.ink))

    @staticmethod
    def cat(codes: Sequence[ContentCode]) -> ContentCode:
        if not codes:
            raise S2IError("no content was given")
        first = codes[0]
        for code in codes[1:]:
            if code.size != first.size or len(code.levels) != len(first.levels):
                raise S2IError(f"contents of different sizes cannot be one batch: {first.size} and {code.size}")
        columns = zip(*((*c.levels, c.ink) for c in codes), strict=True)
        return first._map(torch.cat(parts) for parts in columns)
