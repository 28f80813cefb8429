"""What a sketch says, as a value: the content encoder's pyramid, ready to be decoded in any style."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..errors import S2IError


@dataclass(frozen=True, eq=False)
class ContentCode:
    """levels: feature maps, finest first. ink: (B,1,h,w) at working size, padded as the levels are. size: (h,w) of the
    draft before padding; source_size: the drawing's own (H,W). hints: (B,4,h,w), dabs of colour at the draft's size."""

    levels: tuple[Tensor, ...]
    ink: Tensor
    size: tuple[int, int]
    source_size: tuple[int, int]
    hints: Tensor | None = None

    @property
    def batch(self) -> int:
        return len(self.ink)

    def __len__(self) -> int:
        return self.batch

    def _map(self, change: Callable[[Tensor], Tensor]) -> ContentCode:
        hints = None if self.hints is None else change(self.hints)
        levels = tuple(change(level) for level in self.levels)
        return ContentCode(levels, change(self.ink), self.size, self.source_size, hints)

    def __getitem__(self, key: int | slice) -> ContentCode:
        if isinstance(key, int):
            if not -self.batch <= key < self.batch:
                raise IndexError(f"content {key} of {self.batch}")
            key = slice(key % self.batch, key % self.batch + 1)
        return self._map(lambda t: t[key])

    def to(self, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> ContentCode:
        return self._map(lambda t: t.to(device=device, dtype=dtype))

    def expand(self, batch: int) -> ContentCode:
        if self.batch == batch:
            return self
        if self.batch != 1:
            raise S2IError(f"{self.batch} sketches cannot serve {batch} styles: give one sketch, or {batch}")
        return self._map(lambda t: t.expand(batch, *t.shape[1:]))

    @staticmethod
    def cat(codes: Sequence[ContentCode]) -> ContentCode:
        if not codes:
            raise S2IError("no content was given")
        first = codes[0]
        for code in codes[1:]:
            if code.size != first.size or len(code.levels) != len(first.levels):
                raise S2IError(f"contents of different sizes cannot be one batch: {first.size} and {code.size}")
        if len({code.hints is None for code in codes}) > 1:
            blank = [code.ink.new_zeros(code.batch, 4, *code.size) for code in codes]
            codes = [replace(c, hints=b) if c.hints is None else c for c, b in zip(codes, blank, strict=True)]
        levels = tuple(torch.cat(parts) for parts in zip(*(code.levels for code in codes), strict=True))
        hints = None if codes[0].hints is None else torch.cat([code.hints for code in codes])
        return ContentCode(levels, torch.cat([c.ink for c in codes]), first.size, first.source_size, hints)
