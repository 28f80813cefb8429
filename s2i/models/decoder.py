"""Content and style in, the draft out."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..config import ModelConfig
from ..imaging.palette import COLOUR_CHANNELS, paint
from ..layers.attention import StyleAttention
from ..layers.dmi import ContentConcatenation, DualMaskInjection
from ..layers.head import PixelHead
from ..layers.init import zero_biases
from ..layers.modulation import StyleModulation
from ..layers.residual import SHEET_EDGE, ResidualBlock


class DecoderLevel(nn.Module):
    """One resolution: inject content, apply style, think."""

    def __init__(self, config: ModelConfig, level: int) -> None:
        super().__init__()
        width, rank = config.widths[level], len(config.widths) - 1 - level  # rank 0 is the coarsest
        inject = DualMaskInjection if config.dmi else ContentConcatenation
        has_content = level >= len(config.widths) - config.content_levels
        self.route = config.style_routes[rank]
        self.inject = inject(width, width) if has_content else None
        self.join = nn.Conv2d(width, width, 1) if has_content else None
        self.modulate = StyleModulation(width, config.style_dims[self.route], config.modulation)
        self.attend = StyleAttention(width, config.token_dim) if rank < config.attention_levels else None
        depth = config.decoder_depths[level]
        self.blocks = nn.Sequential(*[ResidualBlock(width, edge=SHEET_EDGE) for _ in range(depth)])

    def forward(self, x: Tensor, content: Tensor | None, vectors: Sequence[Tensor], tokens: Tensor) -> Tensor:
        if self.inject is not None:
            # The mask says where style goes; the sum says what is there (the paper joins content at each level too).
            x = self.inject(x, content) + self.join(content)
        x = self.modulate(x, vectors[self.route])
        if self.attend is not None:
            x = self.attend(x, tokens)
        return self.blocks(x)


class Decoder(nn.Module):
    """content (finest first), ink (B,1,H,W), vectors, tokens, palette -> draft (B,3,H,W).

    With a palette the last layer paints standardised colours which the reference's own mean and spread turn into
    RGB: a foreign palette fits from the first iteration on, and what is left to learn is what goes where. The result
    may leave [-1,1] slightly; the pipeline clamps. Without one (the paper) a tanh ends it.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        widths = config.widths
        self.has_palette = config.palette
        self.enter = nn.Conv2d(widths[-1], widths[-1], 1)
        self.levels = nn.ModuleList(DecoderLevel(config, i) for i in reversed(range(len(widths))))
        self.ups = nn.ModuleList(
            nn.Conv2d(widths[i], widths[i - 1], 3, padding=1, padding_mode=SHEET_EDGE)
            for i in reversed(range(1, len(widths)))
        )
        colours = COLOUR_CHANNELS if config.palette else 3
        self.head = PixelHead(widths[0], 1, config.stem, out_channels=colours, edge=SHEET_EDGE)
        zero_biases(self)

    def forward(
        self, content: Sequence[Tensor], ink: Tensor, vectors: Sequence[Tensor], tokens: Tensor, palette: Tensor
    ) -> Tensor:
        available = list(content)
        x = self.enter(available[-1])
        for i, level in enumerate(self.levels):
            x = level(x, available.pop() if available else None, vectors, tokens)
            if i < len(self.ups):
                x = self.ups[i](F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False))
        colour = self.head(x, ink)
        return paint(palette, colour) if self.has_palette else torch.tanh(colour)
