"""The only place that knows layouts and ranges: ours, ComfyUI's, uint8.

Inside s2i: `image` (B,3,H,W) float in [-1,1]; `ink` (B,1,H,W) float in [0,1], 1 = ink, 0 = paper, so that zero padding
is blank paper. ComfyUI: (B,H,W,C) in [0,1], black lines on white paper.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ...errors import S2IError
from .checks import check_image

if TYPE_CHECKING:
    import numpy as np


def over_white(colour: Tensor, alpha: Tensor | None) -> Tensor:
    """Colour (B,3,H,W) in [0,1] laid over white paper by its alpha."""
    return colour if alpha is None else colour * alpha + (1 - alpha)


def image_to_uint8(image: Tensor) -> np.ndarray:
    """(3,H,W) or (1,C,H,W) in [-1,1] -> (H,W,C) uint8."""
    image = image[0] if image.ndim == 4 else image
    return ((image.float() * 0.5 + 0.5).clamp(0, 1) * 255).round().byte().permute(1, 2, 0).contiguous().cpu().numpy()


def uint8_to_image(array: np.ndarray) -> Tensor:
    """(H,W,3) uint8 -> (1,3,H,W) in [-1,1]."""
    return torch.from_numpy(array.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1


def comfy_to_image(x: Tensor, name: str = "image") -> tuple[Tensor, Tensor | None]:
    """ComfyUI (B,H,W,C) in [0,1] with 1, 3 or 4 channels -> image over white paper, alpha (B,1,H,W) or None."""
    if not isinstance(x, Tensor) or x.ndim != 4 or x.shape[-1] not in (1, 3, 4):
        found = tuple(x.shape) if isinstance(x, Tensor) else type(x).__name__
        raise S2IError(f"{name} must have the shape (batch, height, width, 1, 3 or 4), found {found}")
    x = x.float().permute(0, 3, 1, 2)
    alpha = x[:, 3:4].clamp(0, 1) if x.shape[1] == 4 else None
    colour = x.expand(-1, 3, -1, -1) if x.shape[1] == 1 else x[:, :3]
    image = over_white(colour, alpha) * 2 - 1
    check_image(image, name)
    return image.clamp(-1, 1), alpha


def image_to_comfy(image: Tensor) -> Tensor:
    """image (B,3,H,W) in [-1,1] -> (B,H,W,3) in [0,1], float32."""
    return (image.float() * 0.5 + 0.5).clamp(0, 1).permute(0, 2, 3, 1).contiguous()


def ink_to_comfy(ink: Tensor) -> Tensor:
    """ink (B,1,H,W) -> (B,H,W,3) in [0,1], black lines on white paper."""
    return (1 - ink.float()).clamp(0, 1).permute(0, 2, 3, 1).expand(-1, -1, -1, 3).contiguous()
