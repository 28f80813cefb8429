"""Hand drawings as training pairs: a person's strokes, filled with the colours of a painting.

No painting comes with the sparse, wild lines that people draw, and a model that has only met an extractor's lines
turns people's into fog. So the paint comes to the drawing: the regions that the strokes enclose are filled with the
colours of a reference as `scheme` lays them out, with the brushwork of the same painting, lit from the upper left.
Nothing is paired by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.random import Generator
from PIL import Image
from torch import Tensor

from . import augment
from .scheme import Scheme, colour_scheme, ground_colour, lay_out

_SIDE = 256  # drawings are kept at this size
_CLOSINGS = (1, 2, 4, 7)  # pixels at that size by which gaps between strokes are closed, tried in turn
_LEAST_AREA = 60  # pixels at that size: less is no region
_MOST = 24  # regions of one drawing


@dataclass(frozen=True)
class HandDrawing:
    """ink: (S,S) uint8, 255 = ink. regions: (S,S) uint8, 0 = background, 1 = the largest enclosed region, 2 = ..."""

    ink: np.ndarray
    regions: np.ndarray


def read_drawing(path: Path) -> HandDrawing | None:
    """A clean scan, dark on white; None where the strokes enclose too little to be filled."""
    with Image.open(path) as picture:
        scan = picture.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BICUBIC)
    ink = 255 - np.asarray(scan)
    regions = enclosed_regions(ink > 96)
    return None if regions is None else HandDrawing(ink, regions)


def enclosed_regions(lines: np.ndarray) -> np.ndarray | None:
    """(S,S) bool -> (S,S) uint8 of regions, largest first, background 0; None if under 6 % is enclosed.

    Small gaps are closed first; every stroke pixel then joins the region nearest to it.
    """
    from scipy import ndimage

    scale = len(lines) / _SIDE
    for radius in sorted({max(1, round(r * scale)) for r in _CLOSINGS}):
        closed = np.pad(ndimage.binary_dilation(lines, iterations=radius), 1)
        labels, _ = ndimage.label(~closed)
        labels = np.where(labels == labels[0, 0], -1, labels)[1:-1, 1:-1]
        areas = {k: int((labels == k).sum()) for k in np.unique(labels) if k > 0}
        kept = sorted((k for k, area in areas.items() if area >= _LEAST_AREA * scale**2), key=lambda k: -areas[k])
        kept = kept[:_MOST]
        if sum(areas[k] for k in kept) < 0.06 * lines.size:
            continue
        seeds = np.zeros(lines.shape, np.int64)
        seeds[labels == -1] = 1
        for rank, k in enumerate(kept):
            seeds[labels == k] = rank + 2
        rows, columns = ndimage.distance_transform_edt(seeds == 0, return_distances=False, return_indices=True)
        return (seeds[rows, columns] - 1).astype(np.uint8)
    return None


def load_drawings(folder: Path) -> list[HandDrawing]:
    """Every picture below the folder that encloses something, in name order."""
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".png", ".jpg", ".jpeg"))
    drawings = (read_drawing(path) for path in paths)
    return [d for d in drawings if d is not None]


def _place(rng: Generator, drawing: HandDrawing, size: int) -> tuple[Tensor, np.ndarray]:
    """A random zoom of the drawing: ink (1,size,size) in [0,1], regions (size,size)."""
    box = augment.random_box(rng, _SIDE, _SIDE, (0.55, 1.0))
    flip = slice(None, None, -1 if rng.random() < 0.5 else 1)
    ink = torch.from_numpy(augment.crop(drawing.ink, box, size)[:, flip].astype(np.float32))[None] / 255
    top, left, side = box
    part = Image.fromarray(np.ascontiguousarray(drawing.regions[top : top + side, left : left + side]))
    return (ink * 1.6).clamp(0, 1), np.asarray(part.resize((size, size), Image.Resampling.NEAREST))[:, flip]


def ground_parts(lines: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """(S,S) bool, (S,S) int -> (S,S) int: the parts that lines cut the ground into, numbered from 0; a figure's places
    and a line's belong to the nearest. Parts under a 100th of the sheet count as their neighbours'."""
    from scipy import ndimage

    labels, count = ndimage.label(~ndimage.binary_dilation(lines) & (regions == 0))
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    kept = areas >= 0.01 * lines.size
    kept[0] = False
    if not kept.any():
        return np.zeros(lines.shape, np.int64)
    seeds = np.where(kept, np.cumsum(kept), 0)[labels]
    rows, columns = ndimage.distance_transform_edt(seeds == 0, return_distances=False, return_indices=True)
    return seeds[rows, columns] - 1


def _relief(regions: np.ndarray) -> np.ndarray:
    """(S,S) float32 in [-1,1], how lit each place is: each region swells like a cushion, lit from the upper left."""
    from scipy import ndimage

    edges = np.zeros(regions.shape, bool)
    edges[1:] |= regions[1:] != regions[:-1]
    edges[:, 1:] |= regions[:, 1:] != regions[:, :-1]
    distance = ndimage.distance_transform_edt(~edges)
    reach = 0.14 * len(regions)
    height = np.sqrt(np.clip(distance / reach, 0, 1)) * reach * 0.5
    height = ndimage.gaussian_filter(height, 0.012 * len(regions))
    dy, dx = np.gradient(height)
    light = 1.2 * (dx + dy) / np.sqrt(1 + dx * dx + dy * dy)
    return np.where(regions == 0, 0, np.clip(light, -1, 1)).astype(np.float32)


def _cast_shadow(regions: np.ndarray) -> np.ndarray:
    """(S,S) float32 in [0,1]: the figure's shadow on the ground, to its lower right."""
    from scipy import ndimage

    size = len(regions)
    figure = np.pad((regions > 0).astype(np.float32), ((size // 20, 0), (size // 26, 0)))[:size, :size]
    return ndimage.gaussian_filter(figure, size / 40) * (regions == 0)


def paint_regions(ink: Tensor, regions: np.ndarray, scheme: Scheme, textures: Sequence[Tensor]) -> Tensor:
    """ink (1,S,S) in [0,1], regions (S,S) int -> picture (3,S,S) in [-1,1].

    textures: brushwork around zero, (3,S,S) each; the first is the ground's, the others go round the regions.
    Light and shade move a colour towards the reference's own light and dark, as painters mix them, not to grey.
    """
    target = ground_colour(ground_parts(ink[0].numpy() > 0.3, regions), scheme) + textures[0]
    for i, (mask, colour) in enumerate(lay_out(regions, scheme)):
        inside = torch.from_numpy(mask.astype(np.float32))[None]
        # Half a pixel of softness: brushes do not cut.
        inside = F.avg_pool2d(F.pad(inside[None], (1, 1, 1, 1), "replicate"), 3, 1)[0]
        target = target + (colour + textures[1 + i % (len(textures) - 1)] - target) * inside
    relief = torch.from_numpy(_relief(regions))[None]
    target = _towards(target, scheme.light, 0.5 * relief.clamp(0, 1))
    shade = 0.6 * relief.neg().clamp(0, 1) + 0.5 * torch.from_numpy(_cast_shadow(regions))[None]
    return _towards(_towards(target, scheme.shade, shade), scheme.line, 0.8 * ink).clamp(-1, 1)


def _towards(picture: Tensor, colour: Tensor, amount: Tensor) -> Tensor:
    return picture + (colour[:, None, None] - picture) * amount


def paint_drawing(
    rng: Generator, drawing: HandDrawing, patches: Callable[[], Tensor], reference: Tensor, size: int
) -> tuple[Tensor, Tensor]:
    """-> (target (3,size,size) in [-1,1], ink (1,size,size) in [0,1], already varied as `augment.vary_ink` does).

    The target's lines are the varied ink's own: lines a pixel away from the drawing's teach blurred ones. Tones come
    from the reference's colour scheme, brushwork from `patches`, which gives another part (3,size,size) of the same
    painting at each call. Patches with their own colours were tried first: what they are cannot be told from the
    reference (of a target's variance even its regions' true means explain less than half), and nothing was learned.
    """
    ink, regions = _place(rng, drawing, size)
    ink = augment.vary_ink(rng, ink)
    textures = [brushwork(patches()) for _ in range(3)]
    return paint_regions(ink, regions, colour_scheme(reference), textures), ink


def repaint(image: Tensor, ink: Tensor, lines: Tensor, reference: Tensor) -> Tensor | None:
    """A painting in the scheme's colours: image (3,S,S), the ink drawn from it and that ink varied (1,S,S) -> (3,S,S).

    Regions are what its ink encloses, brushwork is its own, in place. None where the ink neither encloses anything
    nor cuts the sheet in two. Dense lines with fills, which hand drawings lack, and whose answer the reference decides,
    which paintings lack.
    """
    drawn = ink[0].numpy() > 0.4
    regions = enclosed_regions(drawn)
    if regions is None:
        regions = np.zeros(drawn.shape, np.uint8)
        if not ground_parts(drawn, regions).any():
            return None
    return paint_regions(lines, regions, colour_scheme(reference), [brushwork(image)] * 2)


def brushwork(image: Tensor) -> Tensor:
    """(3,S,S) -> (3,S,S) around zero: a painting's strokes without its colour, and without large forms."""
    size = image.shape[-1]
    small = F.adaptive_avg_pool2d(image[None], max(2, size // 10))
    return 0.9 * (image - F.interpolate(small, (size, size), mode="bilinear", align_corners=False)[0])
