"""What the painter stage trains, as one module."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from s2i.config import ModelConfig
from s2i.imaging.hints.hints import hint_cells
from s2i.imaging.palettes.reference_palette import colour_moments
from s2i.imaging.regions.region_facts import region_facts
from s2i.models.content_encoder import ContentEncoder
from s2i.models.decoder import Decoder, noise_shapes
from s2i.models.style_encoder import StyleEncoder


@dataclass(frozen=True)
class Painting:
    """draft (B,3,H,W) in about [-1,1]; content: the ink's features, finest first; vector (B,D): the style."""

    draft: Tensor
    content: list[Tensor]
    vector: Tensor


class PainterNetwork(nn.Module):
    """Ink and reference -> draft. `content_encoder`, `style_encoder` and `decoder` are a bundle's components.

    ink (B,1,H,W) in [0,1]; reference (B,3,H,W) in [-1,1]; facts: the ink's `region_facts`; hints (B,4,H,W) or None;
    view: the frozen trunk's maps of the reference, where the model has a trunk; noise (B,N): `noise_size` standard
    normal numbers a picture, or None for none.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.content_encoder = ContentEncoder(config)
        self.style_encoder = StyleEncoder(config)
        self.decoder = Decoder(config)

    def forward(
        self,
        ink: Tensor,
        reference: Tensor,
        facts: Tensor | None = None,
        hints: Tensor | None = None,
        view: Sequence[Tensor] | None = None,
        noise: Tensor | None = None,
    ) -> Painting:
        vector, tokens, _ = self.style_encoder(reference, None, view)
        content = self.content_encoder(ink, facts, None if hints is None else self._cells(hints))
        vectors = vector[:, None].expand(-1, self.config.decoder_levels, -1)
        palette = colour_moments(reference) if self.config.palette else None
        maps = None if noise is None else self._noise_maps(noise, ink)
        return Painting(self.decoder(content, ink, vectors, tokens, None, palette, maps), content, vector)

    def facts(self, ink: Tensor) -> Tensor | None:
        """What the content encoder is told of a drawing besides its pixels; without gradient, float32."""
        if not self.config.region_facts:
            return None
        with torch.no_grad(), torch.autocast(ink.device.type, enabled=False):
            return region_facts(ink.float(), self.config.stem)

    def noise_size(self, size: Sequence[int]) -> int:
        """How many random numbers a draft of (h,w) takes; 0 where the model has no noise."""
        return sum(h * w for h, w in noise_shapes(self.config, tuple(size))) if self.config.noise else 0

    def _cells(self, hints: Tensor) -> Tensor:
        return hint_cells(hints, tuple(side // self.config.stem for side in hints.shape[-2:]))

    def _noise_maps(self, noise: Tensor, ink: Tensor) -> list[Tensor] | None:
        shapes = noise_shapes(self.config, tuple(ink.shape[-2:]))
        parts = noise.split([h * w for h, w in shapes], 1)
        return [part.view(-1, 1, *shape) for part, shape in zip(parts, shapes, strict=True)]
