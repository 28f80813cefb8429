"""A value that is a batch: measured, indexed, moved and repeated as a tensor is."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, TypeVar

import torch
from torch import Tensor

from ..errors import S2IError

_Code = TypeVar("_Code", bound="Batched")


class Batched:
    """What a code of B pictures can do because all of its tensors begin with B.

    NOUNS: what errors call one, several, and what several are painted with.
    """

    NOUNS: ClassVar[tuple[str, str, str]]

    @property
    def batch(self) -> int:
        raise NotImplementedError

    def _map(self: _Code, change: Callable[[Tensor], Tensor]) -> _Code:
        """The same code with every tensor changed."""
        raise NotImplementedError

    def __len__(self) -> int:
        return self.batch

    def __getitem__(self: _Code, key: int | slice) -> _Code:
        """One code, or a run of them, still with a batch dimension."""
        if isinstance(key, int):
            if not -self.batch <= key < self.batch:
                raise IndexError(f"{self.NOUNS[0]} {key} of {self.batch}")
            key = slice(key % self.batch, key % self.batch + 1)
        return self._map(lambda t: t[key])

    def to(self: _Code, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> _Code:
        return self._map(lambda t: t.to(device=device, dtype=dtype))

    def expand(self: _Code, batch: int) -> _Code:
        """Repeat a single code; a batch of the right size stays as it is."""
        if self.batch == batch:
            return self
        if self.batch != 1:
            one, several, others = self.NOUNS
            raise S2IError(f"{self.batch} {several} cannot serve {batch} {others}: give one {one}, or {batch}")
        return self._map(lambda t: t.expand(batch, *t.shape[1:]))
