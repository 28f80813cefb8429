"""A drawing's lines are there in its painting, thin and dark, wherever there is light for it."""

from __future__ import annotations

from torch import Tensor

from s2i.imaging.pixels.gaussian import gaussian_blur
from s2i.imaging.pixels.luminance import luminance

_LINE, _PAPER = 0.5, 0.25  # of ink
_NEIGHBOURS = 3.0  # sigma in pixels
_FEWEST = 0.15  # share of a line's neighbourhood that is paper: with less it lies inside a solid black


def line_presence(output: Tensor, ink: Tensor, wanted: float) -> Tensor:
    """What lines lack of being darker than the paper's painting beside them, averaged over their pixels; a scalar.

    output (B,3,H,W) in [-1,1]; ink (B,1,H,W) in [0,1]; wanted: how much darker, as a share of how light it is beside
    the line: on white by so much of the range, on black by nothing. Every pixel of a line answers for itself: a term
    that looks for an edge near each one is served by a row of dots.
    """
    light, paper = luminance(output.float()), (ink < _PAPER).float()
    share = gaussian_blur(paper, _NEIGHBOURS, truncate=2.0)
    beside = gaussian_blur(light * paper, _NEIGHBOURS, truncate=2.0) / share.clamp_min(1e-3)
    lines = ((ink > _LINE) & (share > _FEWEST)).float()
    lack = (wanted * beside.detach() - (beside - light)).clamp_min(0)
    return (lack * lines).sum() / lines.sum().clamp_min(1)
