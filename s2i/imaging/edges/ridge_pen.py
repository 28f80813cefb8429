"""A pen that draws along the crests of a field: crisp lines of any weight from a soft prediction."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ..pixels.gaussian import gaussian_blur

_FLATTEST = 0.05  # least curvature of a crest, per squared width of a predicted line
_NARROW = 1.8  # in spreads: lines up to this width are drawn from the field alone, heavier ones are grown from them
_HAND, _STEADINESS, _SPECK = 3.2, 0.7, 0.01  # reach in spreads; weight of the neighbours; what a crest must outweigh


def draw_crests(
    log_field: Tensor, weight: Tensor, *, spread: float = 1.1, faint: float = 0.28, firm: float = 0.45
) -> Tensor:
    """log_field (B,1,H,W): log of a field that is 1 on lines and falls off as a Gaussian; -> ink (B,1,H,W) in [0,1].

    weight (B,): width of the pen in pixels. spread: the Gaussian's sigma in pixels. Crests below `faint` are left out
    and the pen is at full pressure from `firm` up, so that a line ends by tapering.
    """
    narrow = weight.float().clamp(max=_NARROW * spread)
    ink = draw_fine_crests(log_field, narrow, spread=spread, faint=faint, firm=firm)
    return _grow(ink, (weight.float() - narrow).view(-1, 1, 1, 1) / 2)


def draw_fine_crests(
    log_field: Tensor, weight: Tensor, *, spread: float = 1.1, faint: float = 0.28, firm: float = 0.45
) -> Tensor:
    """`draw_crests` for a pen of at most 1.8 spreads, whose lines follow from the field alone.

    The log of a Gaussian profile is a parabola, so one Newton step from any pixel lands on the crest: its distance
    to the pixel and the field's height there are exact, and the line can be drawn with anti-aliased edges at sub-pixel
    places. Source of the crest's definition: Steger, "An unbiased detector of curvilinear structures", 1998.
    """
    x = gaussian_blur(log_field.float().clamp_min(-12.0), 0.7 * spread, truncate=3.0)
    distance, height, down = _nearest_crest(x)
    crest = ((-down * spread * spread - _FLATTEST) / _FLATTEST).clamp(0, 1)
    crest = crest * ((torch.exp(x) / faint - 0.3) / 0.15).clamp(0, 1)  # a step that climbs farther has gone astray
    height = _steady(torch.exp(height.clamp(max=0.0)) * crest, (1.2 * spread - distance).clamp(0, 1) * crest, spread)
    pressure = ((height - faint) / (firm - faint)).clamp(0, 1)
    narrow = weight.float().view(-1, 1, 1, 1)
    return (pressure.sqrt() * narrow / 2 + 0.5 - distance).clamp(0, 1) * pressure.sqrt() * narrow.clamp(max=1)


def _nearest_crest(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """-> distance to the crest across it, the field on it, and the curvature across it (negative on crests)."""
    p = F.pad(x, (1, 1, 1, 1), "replicate")
    north, south, west, east = p[..., :-2, 1:-1], p[..., 2:, 1:-1], p[..., 1:-1, :-2], p[..., 1:-1, 2:]
    gx, gy = (east - west) / 2, (south - north) / 2
    xx, yy = east + west - 2 * x, south + north - 2 * x
    xy = (p[..., 2:, 2:] + p[..., :-2, :-2] - p[..., 2:, :-2] - p[..., :-2, 2:]) / 4
    middle, half_gap = (xx + yy) / 2, torch.sqrt(((xx - yy) / 2) ** 2 + xy * xy + 1e-12)
    down, other = middle - half_gap, middle + half_gap
    # Squared slope across the crest, by the projector on the eigenvector of `down`: no angles needed.
    across = ((other - xx) * gx * gx + (other - yy) * gy * gy - 2 * xy * gx * gy).clamp_min(0) / (2 * half_gap)
    curve = (-down).clamp_min(1e-4)
    return torch.sqrt(across + 1e-12) / curve, x + across / (2 * curve), down


def _steady(height: Tensor, on_crest: Tensor, spread: float) -> Tensor:
    """Heights mixed with their neighbours' along the crests: a hand does not waver where a line is faint for a few
    pixels, nor does it draw specks. `on_crest` says how much of a neighbour a pixel is."""
    sigma = _HAND * spread
    total, share = gaussian_blur(torch.cat([height * on_crest, on_crest], 1), sigma, truncate=2.5).chunk(2, 1)
    return height ** (1 - _STEADINESS) * (total / (share + _SPECK)) ** _STEADINESS


def _grow(ink: Tensor, radius: Tensor) -> Tensor:
    """Each line widened by its picture's radius (B,1,1,1) in pixels on either side, with a round pen."""
    reach = int(torch.ceil(radius.max()).item())
    if reach <= 0:
        return ink
    h, w = ink.shape[-2:]
    padded, grown = F.pad(ink, (reach,) * 4), ink
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            share = (radius + 1 - (dx * dx + dy * dy) ** 0.5).clamp(0, 1)
            if (dy or dx) and bool((share > 0).any()):
                top, left = reach + dy, reach + dx
                grown = torch.maximum(grown, padded[..., top : top + h, left : left + w] * share)
    return grown
