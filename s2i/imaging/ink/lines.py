"""The artist's own lines, laid back over the painting."""

from __future__ import annotations

import torch
from torch import Tensor

from ...errors import S2IError


def lay_lines(image: Tensor, ink: Tensor, opacity: float, color: tuple[float, float, float] | None = None) -> Tensor:
    """image (B,3,H,W) in [-1,1], ink (1 or B,1,H,W) of the same size, opacity 0..1 -> image.

    Opacity 0 returns the image itself. Without a colour, lines are drawn in each picture's own darkest tone, darkened
    further: black would not belong to a warm painting. color: RGB in [0,1].
    """
    if not 0 <= opacity <= 1:
        raise S2IError(f"line_opacity must be 0..1, found {opacity}")
    if opacity == 0:
        return image
    if ink.shape[-2:] != image.shape[-2:] or len(ink) not in (1, len(image)):
        raise S2IError(f"the lines' shape {tuple(ink.shape)} does not fit the picture's {tuple(image.shape)}")
    tone = _shadow(image) if color is None else image.new_tensor(color)[None, :, None, None] * 2 - 1
    return torch.lerp(image, tone.expand_as(image), ink.to(image.dtype) * opacity)


def _shadow(image: Tensor) -> Tensor:
    """(B,3,1,1): the mean colour of the darkest twentieth, at 45 % of its brightness."""
    small = torch.nn.functional.adaptive_avg_pool2d(image.float(), 48).flatten(2)
    count = small.shape[-1] // 20
    darkest = small.mean(1).topk(count, largest=False).indices
    colour = small.gather(2, darkest[:, None].expand(-1, 3, -1)).mean(-1)
    return ((colour + 1) * 0.45 - 1)[:, :, None, None].to(image.dtype)
