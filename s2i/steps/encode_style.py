"""Reference -> style: its palette by arithmetic, its vector and tokens by the encoder."""

from __future__ import annotations

import torch
from torch import Tensor

from ..codes.style import StyleCode
from ..config import ModelConfig
from ..errors import S2IError
from ..imaging.palettes.reference_palette import colour_moments
from ..imaging.pixels.sizes import resize_area
from ..models.sketch_to_image import SketchToImageModel
from .placed import placed


def encode_style(module: SketchToImageModel, config: ModelConfig, image: Tensor, mask: Tensor | None) -> StyleCode:
    """image (B,3,H,W) in [-1,1], mask (B,1,H,W) in [0,1] with 1 = use this part, or None -> style."""
    image = image.to(next(module.parameters()).device, torch.float32)
    size = _encoder_size(image, config)
    mask = None if mask is None else resize_area(mask.to(image), size)
    image = resize_area(image, size)
    palette = colour_moments(image, mask)
    if mask is not None:  # what is left out looks like the average of the rest: no network sees past the mask
        image = torch.lerp(palette[0][:, :, None, None], image, mask)
    image = placed(image, module)
    trunk = None if config.trunk is None else module.perceptual_trunk(image)
    vector, tokens, weights = module.style_encoder(image, mask, trunk)
    if tokens is not None:
        tokens = tokens.half().float()  # half floats: what a style file keeps
        weights = tokens.new_ones(tokens.shape[:2]) if weights is None else weights.float()
    vectors = vector.float()[:, None].expand(-1, config.decoder_levels, -1)
    return StyleCode(vectors, tokens, weights, *(palette if config.palette else (None, None)))


def _encoder_size(image: Tensor, config: ModelConfig) -> tuple[int, int]:
    """To whole cells by a slightly different aspect, not by padding: style has no places to distort."""
    h, w = image.shape[-2:]
    shrink = min(1.0, config.style_size / (h * w) ** 0.5)
    multiple = config.style_multiple
    return tuple(max(2 * multiple, round(n * shrink / multiple) * multiple) for n in (h, w))


def check_mask(mask: Tensor, image: Tensor) -> Tensor:
    """A reference's mask as float32 (1 or B,1,H,W) at the reference's size. Raises `S2IError` where it does not fit or
    leaves nothing."""
    if mask.ndim != 4 or mask.shape[1] != 1 or len(mask) not in (1, len(image)):
        raise S2IError(
            f"the mask's shape {tuple(mask.shape)} does not fit the reference's {tuple(image.shape)}: "
            "it must be (batch, 1, height, width)"
        )
    mask = mask.to(image.device, torch.float32).clamp(0, 1)
    if mask.shape[-2:] != image.shape[-2:]:
        mask = resize_area(mask, tuple(image.shape[-2:]))
    if not (mask.flatten(1).amax(1) > 0).all():
        raise S2IError("the reference's mask is empty: paint the part of the reference whose style is wanted")
    return mask
