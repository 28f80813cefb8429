"""Cleaning a scanned drawing: specks away, lines thicker or thinner."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ...errors import S2IError
from ..pixels.checks import check_image

_WINDOW = 9  # pixels: a line crosses such a window, a speck does not


def clean_ink(ink: Tensor, *, thicken: float = 0.0, denoise: float = 0.0) -> Tensor:
    """ink (B,1,H,W) in [0,1] -> the same, cleaned.

    thicken: pixels added to every line's width, -64..64; below 0 thins. denoise: 0..1, from keeping all to removing
    whatever has less ink than a 9-pixel stroke in its neighbourhood. Both 0 returns the ink as it is.
    """
    check_image(ink, "ink", channels=1)
    if not -64 <= thicken <= 64 or not 0 <= denoise <= 1:
        raise S2IError(f"clean_ink: thicken must be -64..64 and denoise 0..1, found {thicken} and {denoise}")
    if denoise:
        ink = _without_specks(ink, denoise)
    return _thickened(ink, thicken) if thicken else ink


def _without_specks(ink: Tensor, denoise: float) -> Tensor:
    floor = 0.25 * denoise
    ink = ((ink - floor) / (1 - floor)).clamp_min(0)
    mass = F.avg_pool2d(ink, _WINDOW, 1, _WINDOW // 2) * _WINDOW**2
    # Grown again, so that the ends of a line, which have half the mass, live with the rest of it.
    keep = F.max_pool2d((mass >= denoise * _WINDOW).to(ink.dtype), _WINDOW, 1, _WINDOW // 2)
    return ink * keep


def _thickened(ink: Tensor, pixels: float) -> Tensor:
    """A grey dilation (or erosion) by an octagon; fractions blend two neighbouring widths."""
    sign = 1.0 if pixels > 0 else -1.0
    steps = abs(pixels) / 2  # each step adds a pixel on both sides
    ink = ink * sign
    for i in range(int(steps)):
        ink = _grown(ink, diagonal=i % 2 == 1)
    fraction = steps - int(steps)
    if fraction:
        ink = torch.lerp(ink, _grown(ink, diagonal=int(steps) % 2 == 1), fraction)
    return ink * sign


def _grown(x: Tensor, diagonal: bool) -> Tensor:
    if diagonal:
        return F.max_pool2d(x, 3, 1, 1)
    return torch.maximum(F.max_pool2d(x, (3, 1), 1, (1, 0)), F.max_pool2d(x, (1, 3), 1, (0, 1)))
