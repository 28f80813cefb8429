"""The artist's lines as they are: no extraction, no resizing, no stretching of tones."""

from __future__ import annotations

import re

import torch
from torch import Tensor

from ...errors import S2IError

_LUMA = (0.299, 0.587, 0.114)


def line_art(colour: Tensor, alpha: Tensor | None = None) -> Tensor:
    """colour (B,3,H,W) in [0,1], alpha (B,1,H,W) -> the drawing on white paper, (B,3,H,W). What is opaque keeps its
    very numbers. A drawing of light lines on dark is turned into dark ones on white."""
    if alpha is not None:
        return torch.where(alpha >= 1, colour, colour * alpha + (1 - alpha))
    grey = (colour * colour.new_tensor(_LUMA)[None, :, None, None]).sum(1)
    dark = (grey.flatten(1).median(1).values < 0.5)[:, None, None, None]
    return torch.where(dark, 1 - colour, colour)


def overlay_lines(image: Tensor, lines: Tensor, opacity: float = 1.0, colour: str = "") -> Tensor:
    """image (B,3,H,W) and lines (1 or B,3,H,W) from `line_art`, both in [0,1] -> image with the lines multiplied in.

    Exact where it matters: under white paper the image's numbers are unchanged, and full black is 0 at opacity 1.
    colour: "#rrggbb" for lines in a colour, which full ink then has exactly; empty for lines as drawn.
    """
    if not 0 <= opacity <= 1:
        raise S2IError(f"opacity must be 0..1, found {opacity}")
    if image.shape[-2:] != lines.shape[-2:]:
        raise S2IError(f"the lines' shape {tuple(lines.shape)} does not fit the picture's {tuple(image.shape)}")
    if not colour.strip():
        return image * (1 - opacity * (1 - lines))
    ink = 1 - (lines * lines.new_tensor(_LUMA)[None, :, None, None]).sum(1, keepdim=True)
    ink = torch.where(lines.amax(1, keepdim=True) <= 0, torch.ones_like(ink), ink).clamp(0, 1) * opacity
    ink = torch.where(lines.amin(1, keepdim=True) >= 1, torch.zeros_like(ink), ink)
    return image * (1 - ink) + parse_colour(colour, image) * ink


def parse_colour(text: str, like: Tensor) -> Tensor:
    """"#rrggbb" -> (1,3,1,1) in [0,1]."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text.strip()):
        raise S2IError(f"the colour {text!r} is not like #2b1d14: a # and six digits 0-9, a-f")
    return like.new_tensor([c / 255 for c in bytes.fromhex(text.strip()[1:])])[None, :, None, None]
