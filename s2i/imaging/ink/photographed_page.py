"""The ink of a photographed page: uneven light, a lamp's tint, a hand's shadow and a printed ruling are not drawing."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ...errors import S2IError
from ..pixels.checks import check_image
from ..pixels.sizes import resize_area
from .ink import POLARITIES

_LIGHT_SIDE = 192  # pixels of the long side at which the light is looked at: finer than any shadow's edge
_STROKE, _FILL = 7, 49  # of those pixels: wider than a stroke, wider than most solid blacks
_DARKEST_SHADOW = 0.45  # of the light around it; what is darker still is a solid black
_DIMMEST = 0.08  # of the page's brightest light: a solid black wider than _FILL is darker
_GRAIN = 4.0  # deviations of the paper's own grain that are not ink
_PALE = 0.6  # share of light that a printed ruling takes at most
_FAINTEST = 0.05  # share of light that the faintest line takes


def photographed_ink(image: Tensor, polarity: str = "auto") -> Tensor:
    """image (B,3,H,W) in [-1,1] -> ink (B,1,H,W) in [0,1], evenly lit.

    The page's light is what a closing wider than any stroke leaves, per channel, so that a lamp's tint goes with it.
    Where neutral strokes dominate, a printed ruling in colour is dropped. polarity as for `to_ink`.
    """
    check_image(image, "image")
    if polarity not in POLARITIES:
        raise S2IError(f"polarity must be one of {', '.join(POLARITIES)}; found {polarity!r}")
    shown = (image.float() * 0.5 + 0.5).clamp(0, 1)
    if polarity != "dark_lines":
        light = _light_lines(shown) if polarity == "auto" else shown.new_ones(len(shown), dtype=torch.bool)
        shown = torch.where(light[:, None, None, None], 1 - shown, shown)
    missing = 1 - (shown / page_light(shown)).clamp(0, 1)  # of the light that the paper gives back
    return _stretched(_without_ruling(missing))


def _light_lines(page: Tensor) -> Tensor:
    """(B,) bool: whether the paper lies at the dark end of the tones around it. A dim page is no blackboard."""
    small = resize_area(page.mean(1, keepdim=True), _small(page))
    light, dark = _closed(small, _FILL), -_closed(-small, _FILL)
    contrast = light - dark
    tone = torch.where(contrast > 0.1, (small - dark) / contrast.clamp_min(1e-6), torch.full_like(small, torch.nan))
    return tone.flatten(1).nanmedian(1).values < 0.5


def _small(page: Tensor) -> tuple[int, int]:
    h, w = page.shape[-2:]
    shrink = min(1.0, _LIGHT_SIDE / max(h, w))
    return max(1, round(h * shrink)), max(1, round(w * shrink))


def page_light(page: Tensor) -> Tensor:
    """page (B,3,H,W) in [0,1] -> the light on it, of the same shape, as if nothing were drawn. Never 0."""
    small = resize_area(page, _small(page))
    close = _closed(small, _STROKE)
    light = torch.maximum(close, _DARKEST_SHADOW * _closed(small, _FILL))
    brightest = small.flatten(2).quantile(0.95, dim=2)[..., None, None]
    light = torch.maximum(light, _DIMMEST * brightest)
    light = F.avg_pool2d(F.pad(light, (2, 2, 2, 2), "replicate"), 5, 1)
    return F.interpolate(light, tuple(page.shape[-2:]), mode="bilinear", align_corners=False).clamp_min(0.02)


def _closed(x: Tensor, window: int) -> Tensor:
    """Grey closing: what is dark and narrower than the window takes the tone around it."""
    reach = window // 2
    return -_grown(-_grown(x, window, reach), window, reach)


def _grown(x: Tensor, window: int, reach: int) -> Tensor:
    return F.max_pool2d(F.max_pool2d(x, (window, 1), 1, (reach, 0)), (1, window), 1, (0, reach))


def _without_ruling(missing: Tensor) -> Tensor:
    """(B,3,H,W) light missing per channel -> (B,1,H,W). Pencil and black ink take from all channels alike, a ruling in
    colour from some: what is pale and coloured goes where there are neutral strokes, and stays where there are none."""
    most, least = missing.amax(1, keepdim=True), missing.amin(1, keepdim=True)
    coloured = (most > 2 * _FAINTEST) & (least < 0.5 * most)
    neutral = ((least > 0.2) & ~coloured).flatten(1).float().mean(1) > 0.002
    strength = torch.where(coloured, most, torch.full_like(most, torch.nan)).flatten(1)
    strength = strength[:, :: max(1, strength.shape[1] >> 16)].nanquantile(0.75, dim=1).nan_to_num(0.0)
    ruled = (neutral & (strength < _PALE))[:, None, None, None]
    # What is left of the ruling in its weakest channel goes, too.
    pencil = least * ((least / most.clamp_min(1e-6) - 0.3) / 0.3).clamp(0, 1)
    return torch.where(ruled, pencil, missing.mean(1, keepdim=True))


def _stretched(missing: Tensor) -> Tensor:
    """Paper grain becomes 0 and a typical stroke 1, softly in between."""
    flat = missing.flatten(1)
    flat = flat[:, :: max(1, flat.shape[1] >> 16)].contiguous()
    paper = flat.median(1).values
    grain = (flat - paper[:, None]).abs().median(1).values * 1.4826
    low = (paper + _GRAIN * grain).clamp_min(_FAINTEST)
    inked = torch.where(flat > low[:, None], flat, torch.full_like(flat, torch.nan))
    typical = inked.nanquantile(0.75, dim=1).nan_to_num(1.0)
    high = torch.maximum(typical, low + 0.1)
    low, high = low[:, None, None, None], high[:, None, None, None]
    return ((missing - low) / (0.85 * (high - low))).clamp(0, 1)
