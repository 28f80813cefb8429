"""Content and style in, the draft out."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..config import ATTENTION_HEADS, ModelConfig
from ..imaging.pixels.luminance import luminance
from ..layers.dmi import ContentConcatenation, DualMaskInjection
from ..layers.modulation import StyleModulation
from ..layers.residual import painting_block
from ..layers.style_attention import StyleAttention

_BLOCKS = 5  # of 2x2 pixels, each way


class DecoderLevel(nn.Module):
    """One resolution: inject content, apply style, add noise, ask the reference, think."""

    def __init__(self, config: ModelConfig, width: int, depth: int, content_width: int, attends: bool) -> None:
        super().__init__()
        inject = DualMaskInjection if config.dmi else ContentConcatenation
        self.inject = inject(width, content_width) if content_width else None
        self.modulate = StyleModulation(width, config.style_dim, config.modulation, std=0.0, eps=1e-6)
        self.noise_gain = nn.Parameter(torch.zeros(width, 1, 1)) if config.noise else None
        self.attend = StyleAttention(width, config.token_dim, ATTENTION_HEADS) if attends else None
        self.blocks = nn.Sequential(*[painting_block(width) for _ in range(depth)])

    def forward(
        self,
        x: Tensor,
        content: Tensor | None,
        vector: Tensor,
        tokens: Tensor | None,
        log_weights: Tensor | None,
        noise: Tensor | None,
    ) -> Tensor:
        if self.inject is not None:
            x = self.inject(x, content)
        x = self.modulate(x, vector)
        if self.noise_gain is not None and noise is not None:
            x = x + self.noise_gain * noise.to(x.dtype)
        if self.attend is not None:
            x = self.attend(x, tokens, log_weights)
        return self.blocks(x)


class Decoder(nn.Module):
    """content (finest first), ink (B,1,H,W), vectors (B,L,style_dim), tokens (B,T,token_dim), token weights (B,T),
    palette mean (B,3) and root (B,3,3), noise -> draft (B,3,H,W).

    L = `config.decoder_levels`: a vector a level, coarsest first. noise: for each of them (B,1,h,w) or None, standard
    normal, at the sizes that `noise_shapes` gives. The last layer paints standardised colours, which the reference's
    mean and the root of its colour covariance turn into RGB: any palette fits from the first iteration on, and what
    is left to learn is what goes where. The result may leave [-1,1] slightly; the pipeline clamps. A config without
    palette (the paper's) ends in a tanh.

    A stem of 4 has one more level, at half of the picture's size, which sees the ink's pixels again: lines are drawn
    there. A shuffle of 2x2 pixels ends it, without the weave that a shuffle makes.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        widths, count = config.widths, len(config.widths)
        self.stem, self.has_palette = config.stem, config.palette
        self.enter = nn.Conv2d(widths[-1], widths[-1], 1)
        self.levels = nn.ModuleList(
            DecoderLevel(
                config,
                widths[i],
                config.decoder_depths[i],
                widths[i] if count - 1 - i < config.content_levels else 0,
                count - 1 - i < config.attention_levels,
            )
            for i in reversed(range(count))
        )
        self.ups = nn.ModuleList(nn.Conv2d(widths[i], widths[i - 1], 3, padding=1) for i in reversed(range(1, count)))
        last = widths[0]
        if self.stem == 4:
            last = config.detail_width
            self.detail_up = nn.Conv2d(widths[0], last, 3, padding=1)
            self.detail_ink = nn.Conv2d(4, last, 3, padding=1)
            self.detail = DecoderLevel(config, last, config.detail_depth, last, attends=False)
        self.head = nn.Conv2d(last, 12, 3, padding=1)

    def forward(
        self,
        content: Sequence[Tensor],
        ink: Tensor,
        vectors: Tensor,
        tokens: Tensor | None = None,
        token_weights: Tensor | None = None,
        palette: tuple[Tensor, Tensor] | None = None,
        noise: Sequence[Tensor] | None = None,
    ) -> Tensor:
        noise = noise or [None] * vectors.shape[1]
        log_weights = None if token_weights is None else token_weights.float().clamp_min(1e-30).log()
        x = self.enter(content[-1])
        for i, level in enumerate(self.levels):
            x = level(x, content[-1 - i], vectors[:, i], tokens, log_weights, noise[i])
            if i < len(self.ups):
                x = self.ups[i](_twice(x))
        if self.stem == 4:
            x = self.detail_up(_twice(x))
            lines = self.detail_ink(F.pixel_unshuffle(ink, 2).to(x.dtype))
            x = self.detail(x, lines, vectors[:, -1], tokens, log_weights, noise[-1]) + lines
        colour = F.pixel_shuffle(without_weave(self.head(F.silu(x))), 2)
        if not self.has_palette:
            return torch.tanh(colour)
        mean, root = palette
        colour = torch.einsum("bij,bjhw->bihw", root.float(), colour.float())
        return soft_colour(mean.float()[:, :, None, None] + colour)


def _twice(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


def without_weave(places: Tensor) -> Tensor:
    """What goes into a shuffle of 2x2 pixels, (B,12,h,w), less what its four places differ by from block to block.

    A shuffle has weights of its own for each place, and paints a pattern of two pixels over flat areas: its diagonal
    had a hundred times the power of a picture's, and a twill once enlarged. A pattern that stays for `_BLOCKS` blocks
    in the direction in which it changes is taken out; an edge or a grain between places stays.
    """
    a, b, c, d = places.unflatten(1, (3, 4)).unbind(2)
    across = F.avg_pool2d(a - b + c - d, (1, _BLOCKS), 1, (0, _BLOCKS // 2), count_include_pad=False) / 4
    down = F.avg_pool2d(a + b - c - d, (_BLOCKS, 1), 1, (_BLOCKS // 2, 0), count_include_pad=False) / 4
    diagonal = F.avg_pool2d(a - b - c + d, _BLOCKS, 1, _BLOCKS // 2, count_include_pad=False) / 4
    weave = (across + down + diagonal, down - across - diagonal, across - down - diagonal, diagonal - across - down)
    return places - torch.stack(weave, 2).flatten(1, 2)


def soft_colour(image: Tensor) -> Tensor:
    """(B,3,H,W) -> the same, with its luminance and with colour that changes over two pixels at least.

    As pictures are: eyes and JPEG leave colour half the resolution of light, and a painter that is free to give each
    pixel a hue of its own makes a coloured grain of it. H and W are even.
    """
    light = 2 * luminance(image) - 1
    return light + _twice(F.avg_pool2d(image - light, 2))


def noise_shapes(config: ModelConfig, size: tuple[int, int]) -> list[tuple[int, int]]:
    """The noise maps' (h,w) for a padded draft of `size`, coarsest first."""
    strides = [config.stem * 2**i for i in reversed(range(len(config.widths)))] + [2] * (config.stem == 4)
    return [(size[0] // s, size[1] // s) for s in strides]
