"""One refiner step in bands of rows, so that memory does not grow with a picture's height."""

from __future__ import annotations

import torch
from torch import Tensor

from ..models.refiner import Refiner

_PIXELS = 1 << 22  # of a step's output, over the batch, that are painted at once
_HALO = 192  # rows on either side: farther than a step sees


def in_bands(
    refiner: Refiner, draft: Tensor, ink: Tensor, vector: Tensor, noise: Tensor, strength: float
) -> Tensor:
    """`Refiner.forward`, whose arguments these are: the same picture, band by band where it is a large one.

    Bands start on whole areas of the refiner's, and each is painted with the rows around it, so no seam is possible.
    """
    height, area = ink.shape[-2], refiner.area
    rows = max(4 * _HALO, _PIXELS // (len(ink) * ink.shape[-1])) // area * area
    if rows >= height:
        return refiner(draft, ink, vector, noise, strength)
    halo = -(-_HALO // area) * area
    parts = []
    for top in range(0, height, rows):
        first, bottom = max(top - halo, 0), min(top + rows, height)
        last = min(bottom + halo, height)
        part = refiner(
            draft[:, :, first // 2 : last // 2],
            ink[:, :, first:last],
            vector,
            noise[:, :, first // 4 : -(-last // 4)],
            strength,
        )
        parts.append(part[:, :, top - first : bottom - first])
    return torch.cat(parts, 2)
