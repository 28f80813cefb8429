"""What a finished picture is compared with, pixel by pixel."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor


def reconstruction(output: Tensor, target: Tensor, cells: Sequence[int]) -> Tensor:
    """Mean squared error of the pictures averaged over cells of each size, in pixels; a scalar, the mean over sizes.

    output, target: (B,3,H,W) in [-1,1]. Squared, not absolute: while a region may be light or dark, an absolute error's
    best answer is a constant median that has no gradient to leave it by (measured: it learns nothing in the time in
    which this separates figure from ground). Coarse cells weigh a region's tone, which texture would otherwise drown;
    single pixels are left to the features, which forgive a brushstroke its place.
    """
    terms = [F.mse_loss(F.avg_pool2d(output, cell), F.avg_pool2d(target, cell)) for cell in cells]
    return torch.stack(terms).mean()


def out_of_range(output: Tensor) -> Tensor:
    """Mean of what lies outside [-1,1]: the decoder has no squashing at its end. (B,3,H,W) -> a scalar."""
    return (output.abs() - 1).clamp_min(0).mean()
