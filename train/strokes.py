"""Hand drawings as training pairs: a person's strokes, filled with the colours of a painting.

No painting comes with the sparse, wild lines that people draw, and a model that has only met an extractor's lines
turns people's into fog. So the paint comes to the drawing: the regions that the strokes enclose are filled with
tones of a reference, the figure in its accent and the ground away from it, with the brushwork of the same painting, lit
from the upper left. Nothing is paired by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.random import Generator
from PIL import Image
from torch import Tensor

from s2i.layers.palette import measure_palette

from . import augment

_SIDE = 256  # drawings are kept at this size
_CLOSINGS = (1, 2, 4, 7)  # pixels by which gaps between strokes are closed, tried in turn


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

    for radius in _CLOSINGS:
        closed = np.pad(ndimage.binary_dilation(lines, iterations=radius), 1)
        labels, _ = ndimage.label(~closed)
        labels = np.where(labels == labels[0, 0], -1, labels)[1:-1, 1:-1]
        areas = {k: int((labels == k).sum()) for k in np.unique(labels) if k > 0}
        kept = sorted((k for k, area in areas.items() if area >= 60), key=lambda k: -areas[k])[:12]
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


def _patches(rng: Generator, image: np.ndarray, size: int, count: int) -> list[np.ndarray]:
    height, width = image.shape[:2]
    boxes = [augment.random_box(rng, height, width, (0.15, 0.45)) for _ in range(count)]
    return [augment.crop(image, box, size) for box in boxes]


def _lighting(regions: np.ndarray) -> np.ndarray:
    """(S,S) float32 factor around 1: each region swells like a cushion, lit from the upper left."""
    from scipy import ndimage

    edges = np.zeros(regions.shape, bool)
    edges[1:] |= regions[1:] != regions[:-1]
    edges[:, 1:] |= regions[:, 1:] != regions[:, :-1]
    distance = ndimage.distance_transform_edt(~edges)
    reach = 0.14 * len(regions)
    height = np.sqrt(np.clip(distance / reach, 0, 1)) * reach * 0.5
    height = ndimage.gaussian_filter(height, 0.012 * len(regions))
    dy, dx = np.gradient(height)
    light = 1 - 0.55 * (dx + dy) / np.sqrt(1 + dx * dx + dy * dy)
    return np.where(regions == 0, 1, np.clip(light, 0.5, 1.45)).astype(np.float32)


@dataclass(frozen=True)
class Scheme:
    """Which colour goes where, (3,) each in [-1,1]: decided by the reference alone, so that it can be learned."""

    ground: Tensor
    figure: Tensor
    detail: Tensor


def colour_scheme(reference: Tensor, least: float = 0.5) -> Scheme:
    """reference (3,H,W) in [-1,1] -> ground a little away from the reference's accent, figure in it, details between.

    least: the figure's smallest distance from the mean. A reference without an accent lends its brightness instead.
    """
    palette = measure_palette(reference[None], torch.ones_like(reference[None, :1]))[0]
    mean, root, accent = palette[:3], palette[3:12].view(3, 3), palette[12:]
    if accent.norm() < 0.02:
        accent = root @ torch.ones(3) * (1.0 if mean.mean() < 0.1 else -1.0)
    accent = accent * max(1.0, least / float(accent.norm().clamp_min(1e-3)))
    return Scheme(mean - 0.35 * accent, mean + accent, mean + 0.35 * accent)


def paint_drawing(
    rng: Generator, drawing: HandDrawing, painting: np.ndarray, reference: Tensor, size: int
) -> tuple[Tensor, Tensor]:
    """-> (target (3,size,size) in [-1,1], ink (1,size,size) in [0,1]).

    Tones come from the reference's colour scheme, texture from patches of the painting. Patches with their own colours
    were tried first: what they are cannot be told from the reference (of a target's variance even its regions' true
    means explain less than half), and nothing was learned from them.
    """
    ink, regions = _place(rng, drawing, size)
    scheme = colour_scheme(reference)
    textures = [_texture(patch) for patch in _patches(rng, painting, size, 3)]
    target = scheme.ground[:, None, None] + textures[0]
    for region in range(1, int(regions.max()) + 1):
        inside = torch.from_numpy((regions == region).astype(np.float32))[None]
        # Half a pixel of softness: brushes do not cut.
        inside = F.avg_pool2d(F.pad(inside[None], (1, 1, 1, 1), "replicate"), 3, 1)[0]
        main = region == 1 or (regions == region).mean() > 0.04
        tone = scheme.figure if main else scheme.detail
        target = target + (tone[:, None, None] + textures[1 if main else 2] - target) * inside
    light = torch.from_numpy(_lighting(regions))[None]
    target = (target.clamp(-1, 1) * 0.5 + 0.5) * light * (1 - 0.6 * ink) * 2 - 1
    return target.clamp(-1, 1), ink


def _texture(patch: np.ndarray) -> Tensor:
    """uint8 (S,S,3) -> (3,S,S) around zero: brushwork without its colour, and without large forms."""
    x = augment.to_image(patch)[None]
    size = x.shape[-1]
    small = F.adaptive_avg_pool2d(x, max(2, size // 16))
    return 0.9 * (x - F.interpolate(small, (size, size), mode="bilinear", align_corners=False))[0]
