"""Content and style -> draft."""

from __future__ import annotations

from torch import Tensor

from ..codes.content import ContentCode
from ..codes.style import StyleCode
from ..config import ModelConfig
from ..imaging.hints.hint_spread import obey_hints
from ..imaging.pixels.padding import crop_to
from ..models.decoder import Decoder, noise_shapes
from .placed import placed_noise


def decode(
    decoder: Decoder, config: ModelConfig, content: ContentCode, style: StyleCode, seed: int, same_seed: bool
) -> Tensor:
    """Both of one batch B, on the decoder's device -> draft (B,3,h,w) float32 in [-1,1] at the content's size."""
    dtype, noise = content.ink.dtype, None
    if config.noise:
        shapes = [(1, *size) for size in noise_shapes(config, tuple(content.ink.shape[-2:]))]
        noise = placed_noise(decoder, shapes, content.batch, seed, same_seed, stream=0)
    draft = decoder(
        content.levels,
        content.ink,
        style.vectors.to(dtype),
        None if style.tokens is None else style.tokens.to(dtype),
        style.token_weights,
        (style.palette_mean, style.palette_root),
        noise,
    )
    draft = crop_to(draft, content.size).float().clamp(-1, 1)
    return draft if content.hints is None else obey_hints(draft, crop_to(content.ink, content.size), content.hints)
