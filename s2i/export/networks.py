"""The four graphs of an exported model, as modules of plain tensors.

Each is what the pipeline runs between two steps that are no network: sizes, padding, noise, region facts and the colour
moments stay outside (`s2i.portable` and the page compute them), so that a graph has no loop, no random number and no
eigenvector in it. Batch 1; heights and widths are free in steps of the graph's `multiple`. `inputs` gives each graph's
inputs by name with their shapes, `outputs` the names of what comes out, `free_outputs` which of its sizes vary.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..config import ModelConfig
from ..imaging.edges.ridge_pen import draw_fine_crests
from ..imaging.hints.hints import HINT_CHANNELS
from ..imaging.regions.region_facts import FACT_CHANNELS
from ..models.refiner import LATENT
from ..models.sketch_extractor import PEN, SPREAD
from ..models.sketch_to_image import SketchToImageModel

ROWS, COLUMNS, TOKENS = "rows", "columns", "tokens"  # what may vary: cells down, cells across, style tokens
Size = int | str | tuple[int, str]


def plane(channels: int, scale: int) -> tuple[Size, ...]:
    """The shape of a picture whose sides are `scale` times the graph's rows and columns."""
    return (1, channels, (scale, ROWS), (scale, COLUMNS))


def _as_large(name: str, scale: int) -> dict[str, dict[int, str]]:
    return {name: {2: f"{scale}*{ROWS}", 3: f"{scale}*{COLUMNS}"}}


class StyleGraph(nn.Module):
    """image (1,3,H,W) in [-1,1], weight (1,1,H,W) in [0,1] -> vectors (1,L,D), tokens (1,T,C), token_weights (1,T)."""

    outputs = ("vectors", "tokens", "token_weights")

    def __init__(self, model: SketchToImageModel, config: ModelConfig) -> None:
        super().__init__()
        self.trunk, self.encoder, self.levels = model.perceptual_trunk, model.style_encoder, config.decoder_levels
        self.multiple = cells = config.style_multiple
        self.inputs = {"image": plane(3, cells), "weight": plane(1, cells)}
        self.free_outputs = {"tokens": {1: TOKENS}, "token_weights": {1: TOKENS}}

    def forward(self, image: Tensor, weight: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        vector, tokens, weights = self.encoder(image, weight, self.trunk(image))
        # Whoever runs it rounds the tokens to half floats, as the pipeline does: not every WebGPU device can.
        return vector[:, None].expand(-1, self.levels, -1), tokens, weights


class PainterGraph(nn.Module):
    """ink (1,1,H,W), facts (1,8,H/4,W/4), hints (1,4,H/4,W/4), a style, noise for each level -> image (1,3,H,W)."""

    outputs = ("image",)

    def __init__(self, model: SketchToImageModel, config: ModelConfig) -> None:
        super().__init__()
        self.encoder, self.decoder = model.content_encoder, model.decoder
        self.multiple = cells = config.multiple
        self.inputs = {
            "ink": plane(1, cells),
            "facts": plane(FACT_CHANNELS, cells // config.stem),
            "hints": plane(HINT_CHANNELS, cells // config.stem),
            "vectors": (1, config.decoder_levels, config.style_dim),
            "tokens": (1, TOKENS, config.token_dim),
            "token_weights": (1, TOKENS),
            "mean": (1, 3),
            "root": (1, 3, 3),
        }
        self.inputs |= {f"noise_{i}": plane(1, cells // stride) for i, stride in enumerate(noise_strides(config))}
        self.free_outputs = _as_large("image", cells)

    def forward(
        self,
        ink: Tensor,
        facts: Tensor,
        hints: Tensor,
        vectors: Tensor,
        tokens: Tensor,
        token_weights: Tensor,
        mean: Tensor,
        root: Tensor,
        *noise: Tensor,
    ) -> Tensor:
        content = self.encoder(ink, facts, hints)
        return self.decoder(content, ink, vectors, tokens, token_weights, (mean, root), list(noise))


class RefinerGraph(nn.Module):
    """draft (1,3,h,w), ink (1,1,2h,2w), style (1,D), noise (1,N,h/2,w/2), strength (1,) -> image (1,3,2h,2w)."""

    outputs = ("image",)

    def __init__(self, model: SketchToImageModel, config: ModelConfig) -> None:
        super().__init__()
        self.refiner = model.refiner
        self.multiple = cells = config.refiner.area
        self.inputs = {
            "draft": plane(3, cells // 2),
            "ink": plane(1, cells),
            "style": (1, config.refiner.style_dim),
            "noise": plane(config.refiner.noise, cells // LATENT),
            "strength": (1,),
        }
        self.free_outputs = _as_large("image", cells)

    def forward(self, draft: Tensor, ink: Tensor, style: Tensor, noise: Tensor, strength: Tensor) -> Tensor:
        enlarged = F.interpolate(draft, scale_factor=2, mode="bicubic")
        return enlarged + strength * self.refiner.residual(draft, ink, noise, style)


class ExtractorGraph(nn.Module):
    """image (1,3,H,W) in [-1,1], variant (1,V) -> ink (1,1,H,W) in [0,1], drawn with a pen of the usual weight."""

    outputs = ("ink",)

    def __init__(self, model: SketchToImageModel, config: ModelConfig) -> None:
        super().__init__()
        self.extractor = model.sketch_extractor
        self.multiple = self.extractor.multiple
        self.inputs = {"image": plane(3, self.multiple), "variant": (1, config.extractor.variants)}
        self.free_outputs = _as_large("ink", self.multiple)

    def forward(self, image: Tensor, variant: Tensor) -> Tensor:
        field = F.logsigmoid(self.extractor.logits(image, variant))
        return draw_fine_crests(field, torch.full((1,), PEN), spread=SPREAD)


def noise_strides(config: ModelConfig) -> list[int]:
    """Pixels of the draft for each value of the decoder's noise maps, coarsest level first."""
    return [config.stem * 2**i for i in reversed(range(len(config.widths)))] + [2] * (config.stem == 4)
