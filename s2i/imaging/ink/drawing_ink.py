"""A drawing on paper or on a transparent layer as ink, and what is said where there is none."""

from __future__ import annotations

import torch
from torch import Tensor

from ...errors import S2IError
from ..pixels.layouts import comfy_to_image, over_white
from .ink import to_ink

_LUMA = (0.299, 0.587, 0.114)
_FAINTEST = 0.08  # of the way from black to white: less contrast than the tone of clean paper has
_LIGHT = 0.35  # a layer whose darkest mark is lighter than this, seen on white, was drawn in light ink


class NoInkError(S2IError):
    """The drawing is blank. Painting it would give a picture of nothing, and nobody would know why."""


def layer_to_ink(colour: Tensor, alpha: Tensor | None, polarity: str = "auto") -> Tensor:
    """colour (B,3,H,W) and alpha (B,1,H,W) in [0,1] -> ink (B,1,H,W).

    What is transparent is paper, whatever colour hides there. "auto" takes a layer that is mostly transparent for dark
    lines, or for light ones where nothing on it is dark: white ink is drawn to be seen on something else.
    """
    if alpha is None:
        return to_ink(colour * 2 - 1, polarity)
    on_white, on_black = over_white(colour, alpha), colour * alpha
    if polarity == "auto":
        one_by_one = zip(on_white.split(1), on_black.split(1), alpha.split(1), strict=True)
        return torch.cat([_one_layer(*layer) for layer in one_by_one])
    return to_ink((on_black if polarity == "light_lines" else on_white) * 2 - 1, polarity)


def _one_layer(on_white: Tensor, on_black: Tensor, alpha: Tensor) -> Tensor:
    if (alpha > 0.5).float().mean() >= 0.5:  # a sheet of paper with its corners cut off
        return to_ink(on_white * 2 - 1, "auto")
    if _luma(on_white).amin() > 1 - _LIGHT:
        return to_ink(on_black * 2 - 1, "light_lines")
    return to_ink(on_white * 2 - 1, "dark_lines")


def comfy_to_ink(x: Tensor, polarity: str = "auto", name: str = "sketch", mask: Tensor | None = None) -> Tensor:
    """ComfyUI image of a drawing (B,H,W,C), and what Load Image says of its transparency -> ink (B,1,H,W).

    mask: (1 or B,1,H,W), 1 = transparent, which is how Load Image gives the alpha that it takes off the picture.
    """
    colour, alpha = _layer(x, name, mask)
    return layer_to_ink(colour, alpha, polarity)


def check_lines(x: Tensor, name: str = "sketch", mask: Tensor | None = None) -> None:
    """Raise `NoInkError` if not one picture of the batch holds a line; a blank frame among others is a frame."""
    for i in range(len(x)):
        colour, alpha = _layer(x[i : i + 1], name, mask if mask is None or len(mask) == 1 else mask[i : i + 1])
        if has_lines(colour, alpha):
            return
    hint = "" if mask is not None else "; if its background is transparent, connect Load Image's mask to sketch_mask"
    raise NoInkError(f"the {name} has no lines: it is one flat tone{hint}")


def has_lines(colour: Tensor, alpha: Tensor | None) -> bool:
    """Whether anything stands out, on white or on black. colour (B,3,H,W), alpha (B,1,H,W) in [0,1]."""
    seen = [colour] if alpha is None else [over_white(colour, alpha), colour * alpha]
    return any(bool(_luma(s).amax() - _luma(s).amin() > _FAINTEST) for s in seen)


def _layer(x: Tensor, name: str, mask: Tensor | None) -> tuple[Tensor, Tensor | None]:
    image, alpha = comfy_to_image(x, name)
    if mask is not None and bool((mask > 0).any()):
        cover = 1 - mask.to(image.device, image.dtype).clamp(0, 1).expand(len(image), -1, -1, -1)
        alpha = cover if alpha is None else alpha * cover
    colour = x[..., :3].float().permute(0, 3, 1, 2).expand(-1, 3, -1, -1).clamp(0, 1)
    return colour, alpha


def _luma(x: Tensor) -> Tensor:
    return (x * x.new_tensor(_LUMA)[None, :, None, None]).sum(1, keepdim=True)
