"""Hand drawings as training pairs: a person's strokes, filled with the colours of a painting.

No painting comes with the sparse, wild lines that people draw, and a model that has only met an extractor's lines
turns people's into fog. So the paint comes to the drawing: the regions that the strokes enclose are filled with
patches of one painting, the figure with a patch that stands out from the one behind it, lit from the upper left. The
reference is another part of that painting: nothing is paired by hand.
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


def _stand_out(figure: np.ndarray, ground: np.ndarray, least: float = 0.45) -> float:
    """The brightness to add to a figure so that it differs from the ground by `least` (in [-1,1] units); colours are
    uint8 means (3,)."""
    gap = float(figure.mean() - ground.mean()) / 127.5
    missing = max(0.0, least - float(np.abs(figure - ground).mean()) / 127.5)
    return missing if gap >= 0 or float(figure.mean()) / 127.5 - 1 - missing < -0.9 else -missing


def paint_drawing(rng: Generator, drawing: HandDrawing, painting: np.ndarray, size: int) -> tuple[Tensor, Tensor]:
    """-> (target (3,size,size) in [-1,1], ink (1,size,size) in [0,1]).

    Of several patches the one nearest the painting's mean colour becomes the ground; the figure takes the one
    farthest from the ground, details the second farthest. Where the two are still close, the figure is moved away.
    """
    ink, regions = _place(rng, drawing, size)
    patches = _patches(rng, painting, size, 10)
    means = np.stack([p.reshape(-1, 3).mean(0) for p in patches])
    overall = painting.reshape(-1, 3).mean(0)
    ground = int(np.abs(means - overall).sum(1).argmin())
    order = np.abs(means - means[ground]).sum(1).argsort()
    figure, detail = int(order[-1]), int(order[-2])
    target = augment.to_image(patches[ground])
    stand_out = _stand_out(means[figure], means[ground])
    for region in range(1, int(regions.max()) + 1):
        inside = torch.from_numpy((regions == region).astype(np.float32))[None]
        # Half a pixel of softness: brushes do not cut.
        inside = F.avg_pool2d(F.pad(inside[None], (1, 1, 1, 1), "replicate"), 3, 1)[0]
        source = figure if region == 1 or (regions == region).mean() > 0.05 else detail
        target = target + (augment.to_image(patches[source]) + stand_out - target) * inside
    light = torch.from_numpy(_lighting(regions))[None]
    target = (target * 0.5 + 0.5) * light * (1 - 0.6 * ink) * 2 - 1
    return target.clamp(-1, 1), ink
