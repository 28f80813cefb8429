"""The price of a weave: periods of a few pixels that stand out of a picture's spectrum."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from s2i.imaging.pixels.luminance import luminance

_LONGEST = 8.0  # pixels: longer periods are hatching, and what is painted
_NEAR, _AROUND = 3, 15  # sides of the squares of frequencies that are compared
_USUAL = 1.1  # natural logarithm of how far a period stands out in a picture without a weave
_COUNT = 20  # of frequencies, those that stand out most
_FLOOR = 1e-4  # of power: a flat picture has no periods


def weave(image: Tensor) -> Tensor:
    """How far the `_COUNT` most outstanding periods below `_LONGEST` pixels exceed what is usual; a scalar, 0 for none.

    image (B,3,S,S) in [-1,1]. An outline's energy lies along a ray of the spectrum and noise's everywhere; a weave's is
    in a few spots, many times as strong as around them. Computed in float32.
    """
    grey = luminance(image.float())[:, 0]
    side = grey.shape[-1]
    window = torch.hann_window(side, periodic=False, device=grey.device)
    grey = (grey - grey.mean((1, 2), keepdim=True)) * window[:, None] * window
    power = torch.fft.fftshift(torch.fft.rfft2(grey).abs().square(), 1)[:, None]
    near, around = (F.avg_pool2d(power, n, 1, n // 2, count_include_pad=False) for n in (_NEAR, _AROUND))
    outstanding = ((near + _FLOOR) / (around + _FLOOR)).log()
    return F.relu((outstanding * _short_periods(side, grey.device)).flatten(1) - _USUAL).topk(_COUNT).values.mean()


def _short_periods(side: int, device: torch.device) -> Tensor:
    """(S,S/2+1), 1 at frequencies above one in `_LONGEST` pixels, laid out as `power` is."""
    rows, columns = torch.fft.fftfreq(side, device=device), torch.fft.rfftfreq(side, device=device)
    return (torch.fft.fftshift(torch.hypot(rows[:, None], columns[None]), 0) > 1 / _LONGEST).float()
