"""Lines no darker than a real picture's: the price that keeps the survival of lines from blackening them."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from s2i.imaging.pixels.gaussian import gaussian_blur

_SURROUNDINGS = 3.0  # sigma in pixels
_SOLID, _WINDOW = 0.55, 9  # where more than this share of a window is ink there is a black area, not a line
_FEWEST = 8.0  # pixels of line that a mean is taken over


def line_darkness(image: Tensor, ink: Tensor, spread: Tensor) -> Tensor:
    """How much darker the lines of a picture are than what surrounds them, in units of its spread: (B,).

    image (B,3,H,W) in [-1,1]; ink (B,1,H,W) in [0,1]; spread (B,). Solid blacks do not count. A picture without lines
    has 0.
    """
    grey = image.float().mean(1, keepdim=True)
    lines = (ink > 0.5).float() * (F.avg_pool2d(ink, _WINDOW, 1, _WINDOW // 2) < _SOLID)
    darker = (gaussian_blur(grey, _SURROUNDINGS, truncate=3.0) - grey) * lines
    return darker.sum((1, 2, 3)) / lines.sum((1, 2, 3)).clamp_min(_FEWEST) / spread


def excess_darkness(darkness: Tensor, allowed: Tensor) -> Tensor:
    """What lines are darker than allowed, averaged over pictures; a scalar. Both (B,)."""
    return (darkness - allowed).clamp_min(0).mean()


class UsualDarkness(torch.nn.Module):
    """A running mean of the darkness of real pictures' lines: the limit for those that have no picture to compare with.

    A module with one buffer, so that it travels with a run's checkpoints.
    """

    def __init__(self, momentum: float = 0.98) -> None:
        super().__init__()
        self.momentum = momentum
        self.register_buffer("value", torch.tensor(float("nan")))

    @torch.no_grad()
    def update(self, mean: Tensor) -> Tensor:
        """Take in the mean of one batch, a scalar; -> the running mean."""
        self.value.copy_(torch.where(self.value.isnan(), mean, self.value.lerp(mean.float(), 1 - self.momentum)))
        return self.value
