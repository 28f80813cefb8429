"""A reference's texture as statistics of a frozen trunk's features."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def feature_statistics(output: Sequence[Tensor], reference: Sequence[Tensor]) -> Tensor:
    """Distance of the channels' means and of their deviations, relative to their mean magnitude; a scalar.

    output, reference: maps (B,C,h,w), one per layer. Both statistics of a layer are added, layers are averaged. Source:
    Huang & Belongie, "Arbitrary style transfer in real-time with adaptive instance normalization", 2017, eq. 13, with
    absolute errors.
    """
    terms = []
    for a, b in zip(output, reference, strict=True):
        a, b = a.float(), b.float()
        terms.append(_relative(a.mean((2, 3)), b.mean((2, 3))) + _relative(a.std((2, 3)), b.std((2, 3))))
    return torch.stack(terms).mean()


def _relative(value: Tensor, wanted: Tensor) -> Tensor:
    return (value - wanted).abs().mean() / (wanted.abs().mean() + 1e-6)
