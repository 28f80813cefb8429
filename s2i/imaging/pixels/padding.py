"""Padding to a multiple of a network's stride, and its undoing."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def pad_to_multiple(x: Tensor, multiple: int, mode: str = "constant") -> tuple[Tensor, tuple[int, int]]:
    """Pad below and to the right until both sides are multiples -> (padded, the size before). mode: "constant" (zeros:
    blank paper) or "replicate"."""
    h, w = x.shape[-2:]
    below, right = -h % multiple, -w % multiple
    if not below and not right:
        return x, (h, w)
    return F.pad(x, (0, right, 0, below), mode), (h, w)


def crop_to(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Undo `pad_to_multiple`."""
    return x[..., : size[0], : size[1]]
