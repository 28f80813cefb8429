"""What may enter: a float tensor of a sane size without NaN."""

from __future__ import annotations

import torch
from torch import Tensor

from ...errors import S2IError
from .side_limits import MAX_SIDE, MIN_SIDE


def check_image(x: Tensor, name: str, channels: int = 3) -> None:
    """Raise `S2IError` unless x is a finite float tensor (B,channels,H,W) with sides of 16..16384."""
    if not isinstance(x, Tensor):
        raise S2IError(f"{name} must be a tensor, found {type(x).__name__}")
    if x.ndim != 4 or x.shape[1] != channels or not len(x):
        raise S2IError(f"{name} must have the shape (batch, {channels}, height, width), found {tuple(x.shape)}")
    if not x.is_floating_point():
        raise S2IError(f"{name} must hold floating-point numbers, found {x.dtype}: convert it first")
    h, w = x.shape[-2:]
    if min(h, w) < MIN_SIDE or max(h, w) > MAX_SIDE:
        raise S2IError(f"{name} is {w}x{h} pixels; each side must be {MIN_SIDE} to {MAX_SIDE}: resize it first")
    # One pass over the data: a sum is finite unless something in it is not.
    if not torch.isfinite(x.sum(dtype=torch.float32)) and not torch.isfinite(x).all():
        raise S2IError(f"{name} contains NaN or infinite values: the step that made it went wrong")
