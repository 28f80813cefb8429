"""What a sketch says, as a value: the content encoder's pyramid, ready to be decoded in any style."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import torch
from torch import Tensor

from ..errors import S2IError
from .batched import Batched


@dataclass(frozen=True, eq=False)
class ContentCode(Batched):
    """levels: feature maps, finest first. ink: (B,1,h,w) at working size, padded as the levels are. size: (h,w) of the
    draft before padding; source_size: the drawing's own (H,W). hints: (B,4,h,w), dabs of colour at the draft's size."""

    levels: tuple[Tensor, ...]
    ink: Tensor
    size: tuple[int, int]
    source_size: tuple[int, int]
    hints: Tensor | None = None

    NOUNS: ClassVar = ("sketch", "sketches", "styles")

    @property
    def batch(self) -> int:
        return len(self.ink)

    def _map(self, change: Callable[[Tensor], Tensor]) -> ContentCode:
        hints = None if self.hints is None else change(self.hints)
        levels = tuple(change(level) for level in self.levels)
        return ContentCode(levels, change(self.ink), self.size, self.source_size, hints)

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
