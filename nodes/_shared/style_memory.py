"""The styles of the references that a model read last: live painting changes the drawing, stroke after stroke, and
nothing else."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING
from weakref import ref

if TYPE_CHECKING:
    from torch import Tensor

    from ...s2i.codes.style import StyleCode

_MOST = 4  # references that one workflow paints after at each stroke


class StyleMemory:
    """Styles by the very tensors that they were read from: ComfyUI hands on the same ones until the node that made them
    runs again. Pictures are not kept alive."""

    def __init__(self) -> None:
        self._kept: deque[tuple[ref[Tensor], ref[Tensor] | None, StyleCode]] = deque(maxlen=_MOST)

    def recall(self, reference: Tensor, mask: Tensor | None) -> StyleCode | None:
        for known, known_mask, style in self._kept:
            same_mask = mask is None if known_mask is None else mask is not None and known_mask() is mask
            if known() is reference and same_mask:
                return style
        return None

    def keep(self, reference: Tensor, mask: Tensor | None, style: StyleCode) -> StyleCode:
        self._kept.appendleft((ref(reference), None if mask is None else ref(mask), style))
        return style
