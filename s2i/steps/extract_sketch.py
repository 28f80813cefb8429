"""Picture -> ink, by the learned extractor."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ..errors import S2IError
from ..models.sketch_extractor import SketchExtractor
from .placed import placed


def extract_sketch(
    extractor: SketchExtractor, image: Tensor, variant: float | Sequence[float], line_weight: float, variants: int
) -> Tensor:
    """image (B,3,H,W) in [-1,1] -> ink (B,1,H,W) in [0,1]; see `SketchToImage.extract_sketch`.

    variants: how many the extractor knows. Raises `S2IError` for a variant or a weight that it does not.
    """
    codes = variant_codes(variant, variants)
    batch = max(len(image), len(codes))
    if {len(image), len(codes)} - {1, batch}:
        raise S2IError(f"{len(codes)} sketch variants for {len(image)} pictures: give one, or one per picture")
    if not 0 < line_weight <= 16:
        raise S2IError(f"line_weight must be above 0 and at most 16, found {line_weight}")
    image = placed(image, extractor).expand(batch, -1, -1, -1)
    weight = torch.full((batch,), float(line_weight)).to(image)
    return extractor(image, codes.to(image).expand(batch, -1), weight).clamp(0, 1)


def variant_codes(variant: float | Sequence[float], count: int) -> Tensor:
    """-> (V,count), summing to one: neighbouring one-hot codes blended, so that whole numbers are exact."""
    values = torch.as_tensor(variant, dtype=torch.float32).reshape(-1)
    if not len(values) or not ((values >= 0) & (values <= count - 1)).all():
        raise S2IError(f"variant must lie in 0..{count - 1}, found {variant}")
    return (1 - (values[:, None] - torch.arange(count)).abs()).clamp_min(0)
