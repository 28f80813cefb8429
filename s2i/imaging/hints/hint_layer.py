"""Colour hints from pictures: what is painted on a transparent layer, or on white."""

from __future__ import annotations

import torch
from torch import Tensor

from ...errors import S2IError

_BLANK = 0.98  # of white: paper, where a picture has no transparency


def hints_from_layer(colour: Tensor, alpha: Tensor | None) -> Tensor:
    """colour (B,3,H,W) in [-1,1], alpha (B,1,H,W) in [0,1] -> hints (B,4,H,W): colour, 0 where there is none, and
    coverage. Without alpha, whatever is not white is a hint. Raises `S2IError` where everything or nothing is."""
    if alpha is None or float(alpha.amin()) >= 1:
        alpha = (colour.amin(1, keepdim=True) < 2 * _BLANK - 1).to(colour.dtype)
    covered = float(alpha.mean())
    if covered > 0.95:
        raise S2IError("the hints cover the whole picture: paint them on a transparent layer, or on white")
    if covered == 0:
        raise S2IError("there is no colour in the hints: dab some on a transparent layer, or on white")
    return torch.cat([torch.where(alpha > 0, colour, torch.zeros_like(colour)), alpha], 1).float()


def show_hints(hints: Tensor) -> Tensor:
    """hints (B,4,H,W) -> image (B,3,H,W) in [-1,1], over white paper."""
    return torch.lerp(torch.ones_like(hints[:, :3]), hints[:, :3], hints[:, 3:])
