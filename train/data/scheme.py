"""Which of a reference's colours goes where in a drawing: decided by the two alone, so that it can be learned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from s2i.imaging.palette import mean_colour, measure_palette, named_colours

VIVID = 1.5  # named colours are means of patches: as much farther from the reference's mean its single strokes reach
LARGE = 0.03  # of the sheet: regions of the figure's own colour
LEAN = 0.35  # how far a figure's top and bottom go towards its parts' colours
PART_LEAN = 0.9  # the same for its regions as wholes, by how far from the sheet's middle they lie
POCKET = 0.08  # of the sheet: as small a part of the ground is coloured like a part of the figure, but less
SPECK = 0.003  # of the sheet: eyes, buttons, windows


@dataclass(frozen=True)
class Scheme:
    """Colours, (3,) each, in [-1,1] or a little outside.

    sky and floor: the ground's colour at the sheet's top and bottom; far: of a part of it that lies low. figure: of its
    large regions. upper, highlight, lower, hollow: of its smaller ones, in turn; highlight and hollow are also those
    of high and of lateral parts of the ground. speck: of the smallest. light, shade: what lit and shaded sides tend to.
    line: darker than all.
    """

    sky: Tensor
    floor: Tensor
    far: Tensor
    figure: Tensor
    upper: Tensor
    lower: Tensor
    highlight: Tensor
    hollow: Tensor
    speck: Tensor
    light: Tensor
    shade: Tensor
    line: Tensor


def colour_scheme(reference: Tensor, least: float = 1.0) -> Scheme:
    """reference (3,H,W) in [-1,1], sides a multiple of 16 -> the ground in its commonest colour, the figure in what
    stands out.

    least: the smallest RGB distance between figure and ground. A reference of one colour lends its brightness.
    """
    palette = measure_palette(reference[None], torch.ones_like(reference[None, :1]))
    mean = mean_colour(palette)[0]
    named = {name: mean + VIVID * (colour[0] - mean) for name, colour in named_colours(palette).items()}
    ground, light, dark = named["common"], named["light"], named["dark"]
    away = named["accent"] - ground
    if away.norm() < 0.02:
        away = torch.full((3,), 0.3) * (1.0 if mean.mean() < 0.1 else -1.0)
    figure = ground + away * max(1.0, least / float(away.norm()))
    return Scheme(
        sky=ground + 0.15 * (light - ground) + 0.3 * (named["second"] - mean),
        floor=ground + 0.2 * (dark - ground) + 0.3 * (named["third"] - mean),
        figure=figure,
        far=_distinct(0.6 * named["third"] + 0.4 * ground, ground, dark),
        upper=_distinct(named["second"], figure, light),
        lower=_distinct(named["third"], figure, dark),
        highlight=_distinct(light, ground, named["second"]),
        hollow=_distinct(dark, ground, named["third"]),
        speck=dark if (dark - figure).norm() > (light - figure).norm() else light,
        light=light + 0.1,
        shade=dark - 0.15,
        line=dark - 0.4,
    )


def _distinct(colour: Tensor, other: Tensor, fallback: Tensor, least: float = 0.2) -> Tensor:
    return colour if (colour - other).norm() > least else 0.5 * (other + fallback)


def lay_out(regions: np.ndarray, scheme: Scheme) -> list[tuple[np.ndarray, Tensor]]:
    """regions (S,S) int, 0 = ground, 1 = the largest enclosed one -> each region's mask and its colour (3,S,1).

    Large regions are the figure, and lean to its parts' colours the higher or lower they lie. Smaller ones go through
    the reference's colours as their middles go down the sheet, alike on its left and its right. A person would decide
    otherwise; but what decides here, a region's place and size, is what the content encoder is told of it.
    """
    size = len(regions)
    masks = {k: regions == k for k in range(1, int(regions.max()) + 1)}
    masks = {k: m for k, m in masks.items() if m.any()}
    places = {k: _place(m) for k, m in masks.items()}
    large = [k for k, (_, _, share) in places.items() if share >= LARGE]
    large = large or [max(places, key=lambda k: places[k][2])] if places else []
    body = _body_colour(_rows(masks[k] for k in large), size, scheme) if large else None
    parts = []
    for k, mask in masks.items():
        x, y, share = places[k]
        if k in large:
            colour = body + min(1.0, abs(y) * PART_LEAN) * (_part(scheme, x, y)[:, None, None] - body)
        else:
            colour = (scheme.speck if share < SPECK else _part(scheme, x, y))[:, None, None]
        parts.append((mask, colour.expand(3, size, 1)))
    return parts


def _place(mask: np.ndarray) -> tuple[float, float, float]:
    """(S,S) bool -> x and y of its middle in [-1,1], and its share of the sheet."""
    rows, columns = np.nonzero(mask)
    half = (len(mask) - 1) / 2
    return float(columns.mean() / half - 1), float(rows.mean() / half - 1), len(rows) / mask.size


def _part(scheme: Scheme, x: float, y: float) -> Tensor:
    """(3,): the colour of a part whose middle is there. Four colours in turn, each held for most of its turn."""
    turn = (1.5 * y + 0.7 * abs(x)) % 1 * 4
    colours = (scheme.upper, scheme.highlight, scheme.lower, scheme.hollow)
    here, step = int(turn) % 4, turn - int(turn)
    return colours[here] + max(0.0, 3 * step - 2) * (colours[(here + 1) % 4] - colours[here])


def _rows(masks: Iterable[np.ndarray]) -> np.ndarray:
    """The rows that any of the masks (S,S) reaches."""
    return np.flatnonzero(np.any(list(masks), axis=(0, 2)))


def _body_colour(rows: np.ndarray, size: int, scheme: Scheme) -> Tensor:
    """(3,size,1): the figure's colour, leaning to its parts' colours towards its top and bottom row."""
    height = (torch.arange(size) - float(rows[0])) / max(1.0, float(rows[-1] - rows[0]))
    above, below = ((1 - 2 * height).clamp(0, 1), (2 * height - 1).clamp(0, 1))
    figure, upper, lower = (c[:, None] for c in (scheme.figure, scheme.upper, scheme.lower))
    return (figure + LEAN * (above * (upper - figure) + below * (lower - figure)))[..., None]


def ground_colour(parts: np.ndarray, scheme: Scheme) -> Tensor:
    """parts (S,S) int, the number of each place's part of the ground -> (3,S,S).

    Within a part from sky to floor. A part as a whole is lighter the higher its middle lies, nearer to the lower
    parts' colour the lower, and darker at the sides, as painters frame a view; a ground of one part is none of these.
    """
    size = len(parts)
    axis = torch.linspace(-1, 1, size)
    ground = scheme.sky[:, None, None] * (1 - axis[:, None]) / 2 + scheme.floor[:, None, None] * (1 + axis[:, None]) / 2
    ground = ground.expand(3, size, size).clone()
    numbers = torch.from_numpy(parts.astype(np.int64))
    count = torch.bincount(numbers.flatten()).clamp_min(1)

    def middles(places: Tensor) -> Tensor:
        """(S,S) places -> each pixel's part's mean place."""
        total = torch.bincount(numbers.flatten(), places.flatten(), len(count))
        return (total / count)[numbers].float()

    y, x = middles(axis[:, None].expand(size, size)), middles(axis[None].expand(size, size))
    for colour, amount in (
        (scheme.highlight, 0.9 * _ramp(-y, 0.1, 0.4)),
        (scheme.far, 0.9 * _ramp(y, 0.1, 0.4)),
        (scheme.hollow, 0.7 * _ramp(x.abs(), 0.3, 0.6)),
    ):
        ground = ground + (colour[:, None, None] - ground) * amount
    for k in torch.nonzero(count < POCKET * parts.size)[:, 0].tolist():
        mask = numbers == k
        if mask.any():
            here = float(x[mask][0]), float(y[mask][0])
            ground = torch.where(mask, 0.4 * ground + 0.6 * _part(scheme, *here)[:, None, None], ground)
    return ground


def _ramp(value: Tensor, start: float, end: float) -> Tensor:
    return ((value - start) / (end - start)).clamp(0, 1)
