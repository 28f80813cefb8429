"""A style for each part of a picture."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..errors import S2IError
from ..imaging.pixels.sizes import resize_area
from .style import StyleCode, require_one_model


@dataclass(frozen=True, eq=False)
class RegionalStyle:
    """Several styles, each with the part of the picture it paints.

    codes: one `StyleCode` per region, each of batch 1 or B. masks: (1 or B,1,H,W) in [0,1], any size; they are
    normalised to sum to one, and where none reaches, the first style paints.
    """

    codes: tuple[StyleCode, ...]
    masks: tuple[Tensor, ...]

    def __post_init__(self) -> None:
        if not self.codes or len(self.codes) != len(self.masks):
            raise S2IError(f"{len(self.codes)} styles and {len(self.masks)} masks: give one mask per style")
        require_one_model(self.codes)
        for mask in self.masks:
            if mask.ndim != 4 or mask.shape[1] != 1:
                shape = tuple(mask.shape)
                raise S2IError(f"a region's mask must have the shape (batch, 1, height, width), found {shape}")

    @property
    def batch(self) -> int:
        return max(*(c.batch for c in self.codes), *(len(m) for m in self.masks))

    def to(self, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> RegionalStyle:
        codes = tuple(c.to(device, dtype) for c in self.codes)
        return RegionalStyle(codes, tuple(m.to(device=device, dtype=dtype) for m in self.masks))

    def weights(self, size: tuple[int, int]) -> list[Tensor]:
        """Each region's share of each pixel at this size: (1 or B,1,h,w), summing to one."""
        masks = [resize_area(m.clamp(0, 1), size) for m in self.masks]
        masks[0] = masks[0] + (1 - sum(masks)).clamp_min(0)
        total = sum(masks)
        return [m / total for m in masks]


Style = StyleCode | RegionalStyle
