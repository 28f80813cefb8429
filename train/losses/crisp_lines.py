"""Lines as crisp as a real picture's."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from s2i.imaging.gaussian import gaussian_blur

_FINE, _COARSE = 0.6, 1.2  # sigmas in pixels: half an octave finer than what survives enlarging by two
_SOLID, _WINDOW = 0.6, 9  # where more than this share of a window is ink there is a black area, not a line
_FEWEST = 60  # pixels of line that say something about crispness


def line_crispness(image: Tensor, ink: Tensor, spread: Tensor) -> tuple[Tensor, Tensor]:
    """The strongest fine edge within a pixel of each line, in units of the picture's spread: (B,); and (B,), 1 where
    there are enough lines to tell.

    image (B,3,H,W) in [-1,1]; ink (B,1,H,W) in [0,1]; spread (B,).
    """
    image = image.float()
    fine, coarse = (gaussian_blur(image, sigma, truncate=3.0) for sigma in (_FINE, _COARSE))
    edge = F.max_pool2d((fine - coarse).abs().sum(1, keepdim=True), 3, 1, 1)
    lines = (ink > 0.5).float() * (F.avg_pool2d(ink, _WINDOW, 1, _WINDOW // 2) < _SOLID)
    count = lines.sum((1, 2, 3))
    return (edge * lines).sum((1, 2, 3)) / count.clamp_min(1) / spread, (count > _FEWEST).float()


def missing_crispness(crispness: Tensor, counts: Tensor, usual: Tensor) -> Tensor:
    """What lines fall short of real ones, averaged over pictures; a scalar. usual: of real pictures, a scalar."""
    return ((usual - crispness).clamp_min(0) * counts).mean()
