"""A reference's own brushwork: small patches of its paint without their forms, laid side by side over a new picture.

A network this small paints every surface with the same grain. The strokes of a painting are there to be had: patches
are sampled from the reference and quilted (Efros & Freeman 2001; here overlapping windows instead of cuts). Where a
patch lands is decided by the seed and by the colour that it is to lie on, never by where it came from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

_TONES, _KEPT = 16, 4  # so many tones of a reference give so many patches each
PATCHES = _TONES * _KEPT
CELLS = 16  # along the short side; a patch spans two, an eighth of it
LEAST_SIDE = 24  # pixels of a patch: in fewer there is no telling strokes from forms
_FORMS = 4  # a patch's side over that of the cells whose means are no brushwork: larger forms are the reference's own
_CALM = 0.25  # share of a tone's patches to choose from: those with the least of a form in them
_STEPS = 6  # units from one place where a patch may be cut to the next
_CHOICES = 4  # patches that are tried on each place


def measure_brushwork(image: Tensor, mask: Tensor, side: int) -> Tensor:
    """image (B,3,H,W) in [-1,1], mask (B,1,H,W) in [0,1] -> patches (B,PATCHES,3,side,side), from dark to light,
    but for neighbours.

    A patch is its mean colour and the strokes around it. The calmest of each tone are kept: an edge of the reference is
    no brushwork, and would turn up in every picture. side: of a patch, in the image's own pixels; neither H nor W may
    be smaller.
    """
    unit = _unit(side)
    small = F.avg_pool2d(image, unit)  # for all that only looks for places
    forms = F.avg_pool2d(small, max(1, side // _FORMS // unit), ceil_mode=True, count_include_pad=False)
    covered = F.adaptive_avg_pool2d(mask, small.shape[-2:])
    chosen, across = _choose(*_survey(small - _enlarged(forms, small), small, covered, side // unit))
    # One wait for a GPU, not one for every patch.
    places = [[(_STEPS * unit * (k // across), _STEPS * unit * (k % across)) for k in row] for row in chosen.tolist()]
    patches, formed = (
        torch.stack([_cut(x, row, side) for x, row in zip(picture, places, strict=True)])
        for picture in (image, _enlarged(forms, image))
    )
    return patches.sub_(formed).add_(formed.mean((3, 4), keepdim=True))


def _enlarged(picture: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(picture, like.shape[-2:], mode="bilinear", align_corners=False)


def _unit(side: int) -> int:
    return max(1, side // LEAST_SIDE)


def _survey(strokes: Tensor, picture: Tensor, mask: Tensor, window: int) -> tuple[Tensor, Tensor, Tensor]:
    """(B,1,h,w) each, for every place where a patch may be cut: how much of a form is in it, how light it is, and how
    much of it the mask covers. window: a patch's side, in pixels of these."""
    largest = F.avg_pool2d(strokes, 2, 1).abs().amax(1, keepdim=True)
    tone, covered = (F.avg_pool2d(x, window, _STEPS) for x in (picture.mean(1, keepdim=True), mask))
    return F.max_pool2d(largest, window - 1, _STEPS), tone, covered


def _choose(unrest: Tensor, tone: Tensor, covered: Tensor) -> tuple[Tensor, int]:
    """(B,PATCHES) of the places, and how many there are in a row: of each tone the calmest. Over the whole picture
    the calmest would all be sky."""
    across, (unrest, tone, covered) = unrest.shape[-1], (x.flatten(1) for x in (unrest, tone, covered))
    usable = covered >= covered.amax(1, keepdim=True).clamp_max(0.9)
    order = tone.masked_fill(~usable, float("inf")).argsort(1)
    share = torch.linspace(0, 1, _TONES * max(_KEPT, order.shape[1] // _TONES), device=order.device)
    ranks = (share * (usable.sum(1, keepdim=True) - 1)).round().long()
    groups = order.gather(1, ranks).unflatten(1, (_TONES, -1))
    calm = unrest.gather(1, groups.flatten(1)).view_as(groups).argsort(2)
    kept = torch.linspace(0, max(_KEPT - 1, _CALM * calm.shape[2] - 1), _KEPT).round().long().to(order.device)
    return groups.gather(2, calm[..., kept]).flatten(1), across


def _cut(picture: Tensor, corners: Sequence[tuple[int, int]], side: int) -> Tensor:
    return torch.stack([picture[:, y : y + side, x : x + side] for y, x in corners])


def _take(patches: Tensor, which: Tensor) -> Tensor:
    """(B,N,...) and (B,K) -> (B,K,...)."""
    return patches[torch.arange(len(patches), device=patches.device)[:, None], which]


def lay_brushwork(
    patches: Tensor, picture: Tensor, size: tuple[int, int], seeds: Sequence[int], cells: int = CELLS
) -> Tensor:
    """patches (B,N,3,P,P), picture (B,3,h,w) that they are to lie on -> strokes around zero (B,3,*size).

    The places are the same at every size: shares of the picture, not pixels. Each takes, of a few patches that its
    seed draws, the one whose colour is nearest to the picture there. cells: along the short side; a patch spans two.
    """
    half = max(2, min(round(min(size) / cells), patches.shape[-1] // 2))
    scale = cells * half / min(size)
    h, w = (max(cells * half, round(s * scale)) for s in size)
    rows, columns = math.ceil(h / half) + 1, math.ceil(w / half) + 1
    tones = patches.mean((3, 4))
    strokes = F.adaptive_avg_pool2d((patches - tones[..., None, None]).flatten(0, 1), 2 * half)
    strokes = (strokes * _window(2 * half, strokes)).unflatten(0, patches.shape[:2])
    wanted = F.adaptive_avg_pool2d(picture, (rows, columns)).flatten(2).transpose(1, 2)
    drawn, mirrored = (x.to(tones.device) for x in _draw(seeds, rows * columns, patches.shape[1]))
    which = _nearest(drawn, tones, wanted) + mirrored * patches.shape[1]
    laid = _quilt(torch.cat([strokes, strokes.flip(-1)], 1), which.unflatten(1, (rows, columns)))
    laid = laid[..., half : half + h, half : half + w]
    return F.interpolate(laid, size, mode="bilinear", align_corners=False) if (h, w) != tuple(size) else laid


def _quilt(strokes: Tensor, which: Tensor) -> Tensor:
    """strokes (B,N,3,P,P), which (B,R,C) -> their sum (B,3,(R+1)P/2,(C+1)P/2), each half a patch from the next."""
    side, (rows, columns) = strokes.shape[-1], which.shape[1:]
    half = side // 2
    laid = strokes.new_zeros(len(strokes), 3, (rows + 1) * half, (columns + 1) * half)
    # Every other patch of every other row: four layers of tiles, none of which overlap.
    for y, x in ((0, 0), (0, 1), (1, 0), (1, 1)):
        tiles = which[:, y::2, x::2]
        r, c = tiles.shape[1:]
        layer = _take(strokes, tiles.flatten(1)).unflatten(1, (r, c)).permute(0, 3, 1, 4, 2, 5)
        area = laid[:, :, y * half : y * half + r * side, x * half : x * half + c * side]
        area.unflatten(3, (c, side)).unflatten(2, (r, side)).add_(layer)
    return laid


def _draw(seeds: Sequence[int], places: int, count: int) -> tuple[Tensor, Tensor]:
    """For each place, (B,places,choices) which patches it may choose from, and (B,places) whether mirrored."""
    drawn, mirrored = [], []
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed % 2**63)
        drawn.append(torch.randint(count, (places, _CHOICES), generator=generator))
        mirrored.append(torch.rand(places, generator=generator) < 0.5)
    return torch.stack(drawn), torch.stack(mirrored)


def _nearest(drawn: Tensor, tones: Tensor, wanted: Tensor) -> Tensor:
    distance = (_take(tones, drawn.flatten(1)).unflatten(1, drawn.shape[1:]) - wanted[:, :, None]).square().sum(-1)
    return drawn.gather(2, distance.argmin(2, keepdim=True))[..., 0]


def _window(side: int, like: Tensor) -> Tensor:
    """(side,side): the squares of overlapping windows sum to one, so that strokes keep their strength."""
    ramp = torch.sin(math.pi * (torch.arange(side, device=like.device, dtype=like.dtype) + 0.5) / side)
    return ramp[:, None] * ramp
