"""A reference's colours as a mean, a spread and a few named colours, and painting in that colour space."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

COLOURS = ("accent", "second", "third", "light", "dark", "common")
PALETTE_SIZE = 12 + 3 * len(COLOURS)  # of RGB in [-1,1]: mean (3), root of the covariance (3x3), the named colours
COLOUR_CHANNELS = 3 + len(COLOURS)  # what is painted with: the axes of the spread, and a share of each named colour
_FLOOR = 0.04  # a flat reference still leaves room for light and shade
_CELLS = (8, 16)  # pixels: a named colour is that of a patch, not of a speck; about a 16th of the picture's side
_DIRECTIONS = 64  # in which the colours that stand out are looked for
_APART = 0.4  # largest cosine between two colours that stand out
_RIDGE = 0.06  # RGB deviation below which whitening stops enlarging differences
_FAR = 0.3  # whitened distance from the mean at which the common colour has a direction of its own
_NEAR = 0.15  # RGB distance at which two patches still count as the same colour


def measure_palette(image: Tensor, mask: Tensor) -> Tensor:
    """image (B,3,H,W) in [-1,1], mask (B,1,H,W) in [0,1], sides a multiple of 16 -> (B,30), float32.

    The first two moments are all that linear colour transfer needs (Pitie & Kokaram 2007). Their square root, not
    the covariance, is stored: it is what the decoder multiplies by, and it interpolates well. The named colours, as
    offsets from the mean, say what no symmetric statistic can: "common" is the one that most patches have;
    "accent", "second" and "third" stand out, each in another direction of the colour space once it is whitened; "light"
    and "dark" lie at the ends of brightness.
    """
    image, mask = image.float(), mask.float()
    mean, root = moments(image, mask)
    cells, shares = _patches(image, mask)
    offset = cells - mean[..., None]
    common = _commonest(offset, shares)
    accents = _standing_out(offset, shares, root, common)
    return torch.cat([mean, root.flatten(1), *accents, *_ends_of_brightness(offset, shares), common], 1)


def moments(image: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (B,3) and root of the covariance (B,3,3) of an image's colours under a mask, float32 both."""
    pixels, weight = image.flatten(2), mask.flatten(2)
    weight = weight / weight.sum(-1, keepdim=True).clamp_min(1e-6)
    mean = (pixels * weight).sum(-1)
    centred = pixels - mean[..., None]
    covariance = torch.einsum("bin,bjn->bij", centred * weight, centred)
    return mean, on_axes(covariance, lambda values: values.clamp_min(_FLOOR**2).sqrt())


def on_axes(symmetric: Tensor, change: Callable[[Tensor], Tensor]) -> Tensor:
    """(B,3,3) -> (B,3,3) with the same axes and its eigenvalues changed."""
    values, vectors = torch.linalg.eigh(symmetric)
    return torch.einsum("bij,bj,bkj->bik", vectors, change(values), vectors)


def _patches(image: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Mean colours of square cells (B,3,N) and how much of each the mask covers (B,1,N)."""
    side = math.sqrt(image.shape[-2] * image.shape[-1])
    cell = min(_CELLS, key=lambda c: abs(math.log(side / (16 * c))))
    covered = F.avg_pool2d(mask, cell)
    colour = F.avg_pool2d(image * mask, cell) / covered.clamp_min(1e-6)
    return colour.flatten(2), covered.flatten(2)


def _average(offset: Tensor, weight: Tensor) -> Tensor:
    return (offset * weight).sum(-1) / weight.sum(-1).clamp_min(1e-6)


@lru_cache(maxsize=1)
def _sphere() -> Tensor:
    """(64,3) unit vectors spread evenly by the golden angle."""
    i = torch.arange(_DIRECTIONS, dtype=torch.float32) + 0.5
    z, angle = 1 - 2 * i / _DIRECTIONS, i * math.pi * (3 - math.sqrt(5))
    radius = (1 - z * z).sqrt()
    return torch.stack([radius * angle.cos(), radius * angle.sin(), z], 1)


def _standing_out(offset: Tensor, shares: Tensor, root: Tensor, common: Tensor) -> list[Tensor]:
    """The three colours farthest from the mean in whitened colour space, apart from each other and from the common one.

    The fourth power lets the farthest patches decide. A direction, not an average over all: opposite tails would
    cancel. Whitened with a ridge, so that a hint of hue in a grey picture does not outshine its lights.
    """
    directions = _sphere().to(offset.device)
    root = root + _RIDGE * torch.eye(3, device=root.device)
    whitened = torch.linalg.solve(root, offset)
    reach = torch.einsum("mi,bin->bmn", directions, whitened).clamp_min(0).pow(4) * shares
    usual = torch.linalg.solve(root, common[..., None])[..., 0]
    towards = F.normalize(usual, dim=1) @ directions.T
    score = reach.sum(-1).masked_fill((towards > _APART) & (usual.norm(dim=1, keepdim=True) > _FAR), -1)
    cosine, found = directions @ directions.T, []
    for _ in range(3):
        best = score.argmax(1)
        weight = reach.gather(1, best[:, None, None].expand(-1, 1, reach.shape[-1]))
        found.append(_average(offset, weight))
        score = score.masked_fill(cosine[best] > _APART, -1)
    return found


def _ends_of_brightness(offset: Tensor, shares: Tensor) -> list[Tensor]:
    brightness = offset.mean(1, keepdim=True)
    total = shares.sum(-1, keepdim=True).clamp_min(1e-6)
    deviation = ((brightness.square() * shares).sum(-1, keepdim=True) / total).sqrt().clamp_min(_FLOOR)
    rank = (brightness / deviation).clamp(-4, 4)
    return [_average(offset, shares * (2.5 * sign * rank).exp()) for sign in (1, -1)]


def _commonest(offset: Tensor, shares: Tensor) -> Tensor:
    points = offset.transpose(1, 2)
    alike = (-torch.cdist(points, points).square() / (2 * _NEAR**2)).exp()
    density = torch.einsum("bij,bkj->bki", alike, shares)
    return _average(offset, shares * (density / density.amax(-1, keepdim=True).clamp_min(1e-6)).pow(6))


def mean_colour(palette: Tensor) -> Tensor:
    """(B,30) -> (B,3), RGB in [-1,1]."""
    return palette[:, :3]


def named_colours(palette: Tensor) -> dict[str, Tensor]:
    """(B,30) -> the colours of `COLOURS`, each (B,3), RGB in [-1,1] or a little outside."""
    offsets = palette[:, 12:].unflatten(1, (len(COLOURS), 3))
    return {name: palette[:, :3] + offsets[:, i] for i, name in enumerate(COLOURS)}


def spread(palette: Tensor, colour: Tensor) -> Tensor:
    """Colour offsets in the palette's own axes -> RGB offsets. (B,30), (B,3,H,W) -> (B,3,H,W)."""
    root = root_of_covariance(palette).to(colour.dtype)
    return torch.einsum("bij,bjhw->bihw", root, colour)


def root_of_covariance(palette: Tensor) -> Tensor:
    """(B,30) -> (B,3,3): what standardised colours are multiplied by."""
    return palette[:, 3:12].view(-1, 3, 3)


def paint(palette: Tensor, colour: Tensor) -> Tensor:
    """Standardised colours and a share of each named colour (B,9,H,W) -> RGB around the palette's mean (B,3,H,W)."""
    mixing = torch.cat([root_of_covariance(palette), palette[:, 12:].unflatten(1, (-1, 3)).transpose(1, 2)], 2)
    mean = palette[:, :3, None, None].to(colour.dtype)
    return mean + torch.einsum("bij,bjhw->bihw", mixing.to(colour.dtype), colour)
