"""A finished draft in its reference's own balance of colours."""

from __future__ import annotations

import torch
from torch import Tensor

from .palette import mean_colour, moments, named_colours, on_axes, root_of_covariance

_STRETCH = (0.7, 3.5)  # the least and the most by which a colour axis is stretched
_LIGHTS = 0.2  # RGB in [-1,1]: how far beyond the reference's lights a matched colour may go
_CHROMA = 0.4  # of the share of the sheet that lines take, and its colour with it: the paint beside them gives it back
_RANGE = 0.7  # where a matched colour begins to slow down towards the end of the range


def match_palette(image: Tensor, palette: Tensor, mask: Tensor) -> Tensor:
    """image (B,3,H,W), palette (B,30), mask (B,1,H,W) in [0,1] -> the image; where the mask is 1 it has the palette's
    mean and, within limits, its spread.

    What a network is unsure of it paints in the mean of all that could be, so its colours vary less than those it was
    shown. The linear map that moves one Gaussian to another with the least effort (Pitie & Kokaram 2007) undoes that
    along each axis of colour: a picture cannot be made of the wrong hues by it, nor flatness be blown up into noise.
    What the mask leaves out is lines, dark and grey; the more of them there are, the more chromatic is the paint.
    """
    mean, root = moments(image.float(), mask.float().clamp_min(1e-4))  # a sheet all of ink has a mean too
    wanted = root_of_covariance(palette).float()
    between = on_axes(root @ wanted @ wanted @ root, lambda values: values.clamp_min(0).sqrt())
    inverse = torch.linalg.inv(root)
    change = inverse @ between @ inverse
    change = on_axes((change + change.transpose(1, 2)) / 2, lambda values: values.clamp(*_STRETCH))
    moved = torch.einsum("bij,bjhw->bihw", change, image.float() - mean[:, :, None, None])
    moved = moved + mean_colour(palette)[:, :, None, None].float()
    lightest = named_colours(palette.float())["light"].mean(1)[:, None, None, None]
    brightness = moved.mean(1, keepdim=True)
    given_back = 1 + _CHROMA * (1 - mask.float().mean((1, 2, 3), keepdim=True))
    moved = _shoulder(brightness, lightest, _LIGHTS) + given_back * (moved - brightness)
    return (moved.sign() * _shoulder(moved.abs(), _RANGE, 1 - _RANGE)).to(image.dtype)


def _shoulder(x: Tensor, start: Tensor | float, room: float) -> Tensor:
    """x up to `start`, then ever more slowly towards start + room, as film does it: lights keep their modelling where a
    clamp would burn them out."""
    return torch.where(x > start, start + room * torch.tanh((x - start) / room), x)
