"""A painting, sketched again, gives its drawing."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def sketch_cycle(logits: Tensor, field: Tensor, weight: Tensor) -> Tensor:
    """Cross-entropy between the lines of the painting and those it was asked for; a scalar.

    logits (B,1,H,W): the frozen extractor's on the painting, before its sigmoid. field (B,1,H,W) in [0,1]: the same of
    the picture that the ink was drawn from, or the drawing itself where there is none. weight (B,). Keep it small: at
    1 it embosses every outline, since relief is what an extractor sees best. Source of the cycle: Liu et al., "Self-
    supervised sketch-to-image synthesis", 2021, sec. 3.
    """
    error = F.binary_cross_entropy_with_logits(logits.float(), field, reduction="none")
    return (error.mean((1, 2, 3)) * weight).mean()
