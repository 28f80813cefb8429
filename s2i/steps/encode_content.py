"""Ink and hints -> content, at the draft's size."""

from __future__ import annotations

import torch
from torch import Tensor

from ..codes.content import ContentCode
from ..config import ModelConfig
from ..imaging.hints.hints import hint_cells, resize_hints
from ..imaging.ink.ink import resize_ink
from ..imaging.pixels.padding import pad_to_multiple
from ..imaging.regions.region_facts import region_facts
from ..models.content_encoder import ContentEncoder
from .placed import placed


def encode_content(
    encoder: ContentEncoder, config: ModelConfig, ink: Tensor, size: tuple[int, int], hints: Tensor | None
) -> ContentCode:
    """ink (B,1,H,W) in [0,1], hints (B,4,H,W) or None -> content at `size`, the draft's (h,w)."""
    device = next(encoder.parameters()).device
    padded, _ = pad_to_multiple(resize_ink(ink.to(device, torch.float32), size), config.multiple)
    facts = region_facts(padded, config.stem) if config.region_facts else None
    cells = None
    if hints is not None:
        hints = resize_hints(hints.to(padded), size)
        fitted, _ = pad_to_multiple(hints, config.multiple)
        cells = hint_cells(fitted, tuple(n // config.stem for n in padded.shape[-2:]))
    lines = placed(padded, encoder)
    return ContentCode(tuple(encoder(lines, facts, cells)), lines, size, tuple(ink.shape[-2:]), hints)
