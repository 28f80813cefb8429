"""Which of a reference's colours goes where in a drawing: decided by the two alone, so that it can be learned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from s2i.layers.palette import mean_colour, measure_palette, named_colours

MAIN_SHARE = 0.4  # of the largest region's area: as large a part of the figure is painted like it
LEAN = 0.35  # how far a figure's top and bottom go towards its parts' colours
SPECK_SHARE = 0.006  # of the sheet: eyes, buttons, windows


@dataclass(frozen=True)
class Scheme:
    """Colours, (3,) each, in [-1,1] or a little outside.

    sky and floor: the ground's colour at the sheet's top and bottom. figure: of the largest region. upper, lower: of
    the figure's parts above and below its middle. speck: of the smallest parts. light, shade: what lit and shaded
    sides tend to. line: darker than all.
    """

    sky: Tensor
    floor: Tensor
    figure: Tensor
    upper: Tensor
    lower: Tensor
    speck: Tensor
    light: Tensor
    shade: Tensor
    line: Tensor


def colour_scheme(reference: Tensor, least: float = 0.6) -> Scheme:
    """reference (3,H,W) in [-1,1], sides a multiple of 16 -> the ground in its commonest colour, the figure in what
    stands out.

    least: the smallest RGB distance between figure and ground. A reference of one colour lends its brightness.
    """
    palette = measure_palette(reference[None], torch.ones_like(reference[None, :1]))
    mean = mean_colour(palette)[0]
    named = {name: colour[0] for name, colour in named_colours(palette).items()}
    ground, light, dark = named["common"], named["light"], named["dark"]
    away = named["accent"] - ground
    if away.norm() < 0.02:
        away = torch.full((3,), 0.3) * (1.0 if mean.mean() < 0.1 else -1.0)
    figure = ground + away * max(1.0, least / float(away.norm()))
    return Scheme(
        sky=ground + 0.35 * (light - ground) + 0.15 * (named["third"] - mean),
        floor=ground + 0.3 * (dark - ground) + 0.15 * (named["second"] - mean),
        figure=figure,
        upper=_distinct(named["second"], figure, light),
        lower=_distinct(named["third"], figure, dark),
        speck=dark if (dark - figure).norm() > (light - figure).norm() else light,
        light=light + 0.1,
        shade=dark - 0.15,
        line=dark - 0.4,
    )


def _distinct(colour: Tensor, other: Tensor, fallback: Tensor, least: float = 0.2) -> Tensor:
    return colour if (colour - other).norm() > least else 0.5 * (other + fallback)


def lay_out(regions: np.ndarray, scheme: Scheme) -> list[tuple[np.ndarray, Tensor]]:
    """regions (S,S) int, 0 = ground, 1 = the largest enclosed one -> each region's mask and its colour (3,S,1)."""
    rows = np.arange(len(regions))[:, None]
    masks = {k: regions == k for k in range(1, int(regions.max()) + 1)}
    masks = {k: m for k, m in masks.items() if m.any()}
    if not masks:
        return []
    areas = {k: int(m.sum()) for k, m in masks.items()}
    largest = max(areas.values())
    main = [k for k in masks if areas[k] >= MAIN_SHARE * largest]
    middle = sum(float((m * rows).sum()) for m in masks.values()) / sum(areas.values())
    body = _body_colour(np.flatnonzero(np.any([masks[k] for k in main], axis=(0, 2))), len(regions), scheme)
    parts = []
    for k, mask in masks.items():
        if k in main:
            parts.append((mask, body))
            continue
        colour = scheme.upper if float((mask * rows).sum()) / areas[k] < middle else scheme.lower
        if areas[k] < SPECK_SHARE * regions.size:
            colour = scheme.speck
        parts.append((mask, colour[:, None, None].expand(3, len(regions), 1)))
    return parts


def _body_colour(rows: np.ndarray, size: int, scheme: Scheme) -> Tensor:
    """(3,size,1): the figure's colour, leaning to its parts' colours towards its top and bottom row."""
    height = (torch.arange(size) - float(rows[0])) / max(1.0, float(rows[-1] - rows[0]))
    above, below = ((1 - 2 * height).clamp(0, 1), (2 * height - 1).clamp(0, 1))
    figure, upper, lower = (c[:, None] for c in (scheme.figure, scheme.upper, scheme.lower))
    return (figure + LEAN * (above * (upper - figure) + below * (lower - figure)))[..., None]


def ground_colour(size: int, scheme: Scheme) -> Tensor:
    """(3,size,1): from sky to floor."""
    height = torch.linspace(0, 1, size)[:, None]
    return scheme.sky[:, None, None] * (1 - height) + scheme.floor[:, None, None] * height
