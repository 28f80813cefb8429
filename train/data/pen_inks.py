"""Inks by the frozen sketch extractor: any of its variants, any weight of line, with missing parts."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from numpy.random import Generator
from torch import Tensor, nn

from s2i.imaging.edges.ridge_pen import draw_crests
from s2i.models.sketch_extractor import PEN, SPREAD

_THIN, _THICK = 0.7, 2.2  # weights of lines in a sample of 128; 1 is the extractor's own
_GAPS = 6  # cells along the side of the field whose hills are missing parts
_RARE = (0.8, 4.0)  # how high a hill must be, in standard deviations
_PALE = 0.6  # the least pressure of a pencil


def pen_settings(rng: Generator, variants: int, size: int) -> dict[str, Tensor]:
    """What one pen ink is drawn with; the stage has the extractor, so that it draws whole batches.

    size: side of the sample: in a larger one lines may be as thin, and as much thicker as it is larger. variant
    (V,): a blend of two neighbouring variants. pen (3,): weight of the lines, height from which hills are missing
    parts, pressure. gaps (1,6,6): the field of hills.
    """
    variant = torch.zeros(variants)
    first, blend = int(rng.integers(max(1, variants - 1))), rng.random()
    variant[first] = 1 - blend
    variant[min(first + 1, variants - 1)] += blend
    weight = math.exp(rng.uniform(math.log(_THIN), math.log(_THICK * max(0.5, size / 128))))
    pressure = rng.uniform(_PALE, 1.0) if rng.random() < 0.5 else 1.0
    gaps = torch.from_numpy(rng.standard_normal((1, _GAPS, _GAPS))).float()
    return {"variant": variant, "pen": torch.tensor([weight, rng.uniform(*_RARE), pressure]), "gaps": gaps}


@torch.no_grad()
def pen_field(extractor: nn.Module, image: Tensor, variant: Tensor) -> Tensor:
    """image (B,3,S,S) in [-1,1], variant (B,V) -> logits (B,1,S,S) of where lines run, float32."""
    return extractor.logits(image, variant).float()


@torch.no_grad()
def pen_ink(logits: Tensor, pen: Tensor, gaps: Tensor) -> Tensor:
    """`pen_field` (B,1,S,S), pen (B,3), gaps (B,1,6,6) -> ink (B,1,S,S) in [0,1]."""
    weight, rare, pressure = pen.unbind(1)
    ink = draw_crests(F.logsigmoid(logits), PEN * weight, spread=SPREAD).float()
    hills = F.interpolate(gaps, size=logits.shape[-2:], mode="bicubic")
    return ink * (hills <= rare.view(-1, 1, 1, 1)) * pressure.view(-1, 1, 1, 1)
