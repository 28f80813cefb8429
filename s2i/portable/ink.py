"""Drawings as ink, and lines over a painting; the twins of `ink`, `drawing_ink` and `lines` in `imaging.ink`."""

from __future__ import annotations

import numpy as np

from ..errors import S2IError
from .pools import mean_pool
from .sizes import resize_area

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_FAINTEST, _LIGHT = 0.08, 0.35


def layer_to_ink(colour: np.ndarray, alpha: np.ndarray | None, polarity: str = "auto") -> np.ndarray:
    """colour (1,3,H,W), alpha (1,1,H,W) or None, in [0,1] -> ink (1,1,H,W) in [0,1]. Raises `S2IError` for a blank."""
    over_white = colour if alpha is None else colour * alpha + (1 - alpha)
    over_black = colour if alpha is None else colour * alpha
    if max(np.ptp(_grey(over_white)), np.ptp(_grey(over_black))) < _FAINTEST:
        raise S2IError("has no lines: it is one flat tone, or all transparent")
    if alpha is not None and polarity == "auto" and (alpha > 0.5).mean() < 0.5:
        light = _grey(over_white).min() > 1 - _LIGHT  # white ink is drawn to be seen on something else
        polarity = "light_lines" if light else "dark_lines"
    return _to_ink(_grey(over_black if polarity == "light_lines" and alpha is not None else over_white), polarity)


def _grey(colour: np.ndarray) -> np.ndarray:
    return np.einsum("bchw,c->bhw", colour, _LUMA)[:, None].clip(0, 1)


def _to_ink(grey: np.ndarray, polarity: str) -> np.ndarray:
    flat = grey.ravel()[:: max(1, grey.size // (1 << 18))]
    # The lower of the two middle values: torch's median.
    dark = np.partition(flat, (flat.size - 1) // 2)[(flat.size - 1) // 2] < 0.5
    if polarity == "light_lines" or (polarity == "auto" and dark):
        grey, flat = 1 - grey, 1 - flat
    paper = max(float(np.quantile(flat, 0.8)), 0.25)
    reach = max(paper - float(flat.min()), 0.35)
    return ((paper - 0.05 * reach - grey) / (0.85 * reach)).clip(0, 1).astype(np.float32)


def resize_ink(ink: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Ink (1,1,H,W) at another size, thin lines strengthened by one gain of 1 to 4."""
    if ink.shape[-2:] == tuple(size):
        return ink
    ink = resize_area(ink, size).clip(0, 1)
    typical = np.square(ink).sum(dtype=np.float64) / max(ink.sum(dtype=np.float64), 1e-6)
    return (ink * np.float32(np.clip(0.7 / max(typical, 1e-6), 1, 4))).clip(0, 1)


def lay_lines(image: np.ndarray, ink: np.ndarray, opacity: float) -> np.ndarray:
    """image (1,3,H,W) in [-1,1], ink (1,1,H,W), opacity 0..1: lines in the picture's own darkest tone, darkened."""
    if not 0 <= opacity <= 1:
        raise S2IError(f"line_opacity must be 0..1, found {opacity}")
    if not opacity:
        return image
    return image + (_shadow(image) - image) * ink * np.float32(opacity)


def _shadow(image: np.ndarray, cells: int = 48) -> np.ndarray:
    """(1,3,1,1): the mean colour of the darkest twentieth, at 45 % of its brightness."""
    small = mean_pool(image, (cells, cells)).reshape(3, -1)
    darkest = np.argsort(small.mean(0), kind="stable")[: small.shape[1] // 20]
    return ((small[:, darkest].mean(1) + 1) * 0.45 - 1).reshape(1, 3, 1, 1).astype(np.float32)
