"""Samples of the first stage: photos beside unpaired sketches for TOM, photos with taught lines for the extractor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.random import Generator
from PIL import Image, ImageFilter
from torch import Tensor

from s2i.imaging.files.open_picture import open_picture
from s2i.models.sketch_extractor import SPREAD

from ..errors import TrainError
from . import augment
from .pictures import PICTURES, Record

_SOLID = 250  # ink at least this dark is the middle of a line
_SCAN_SIDE = 256
_LEAST_INK = 0.012  # a crop of a sketch with less is nearly blank and teaches nothing
_WINDOW = 0.3  # share of the sketches, by their ink, that one moment of a sweep draws from


@dataclass(frozen=True)
class SketcherSamples:
    """The [samples] table. size: side of a crop. scale: side before resizing, as a share of the picture's short side
    (photos) or of the scan (sketches). pen: width in pixels of the lines that lead TOM. sweep: the pictures (first,
    last) over which TOM is asked for ever denser drawings; () asks for all densities all the time."""

    size: int = 160
    scale: tuple[float, float] = (0.25, 0.75)
    sketch_scale: tuple[float, float] = (0.55, 1.0)
    jitter: float = 0.5
    pen: float = 2.2
    sweep: tuple[int, ...] = ()


def load_scans(folder: str | Path) -> list[np.ndarray]:
    """Hand sketches, dark on white, nested -> (S,S) uint8 each, 255 = ink. Raises `TrainError` where there are none.

    Lines are thickened by a pixel on each side: hairlines turn grey where a crop is shrunk, and TOM would learn grey.
    """
    scans = []
    for path in sorted(p for p in Path(folder).rglob("*") if p.suffix.lower() in PICTURES and p.is_file()):
        try:
            with open_picture(path) as picture:
                grey = picture.convert("L").resize((_SCAN_SIDE, _SCAN_SIDE), Image.Resampling.BICUBIC)
                grey = grey.filter(ImageFilter.MinFilter(3))
        except (OSError, SyntaxError):
            continue
        scans.append(255 - np.asarray(grey))
    if not scans:
        raise TrainError(f"{folder} holds no sketches: TOM needs a folder of real ones (--drawings)")
    return scans


def distance_to_lines(ink: np.ndarray, box: tuple[int, int, int], size: int) -> np.ndarray:
    """Distance from each pixel of a crop to the middle of the nearest line, in the crop's own pixels, (size,size).

    ink: (H,W) uint8. Distances survive resizing, lines one pixel wide do not: so they are what is resized.
    """
    from scipy import ndimage

    top, left, side = box
    lines = np.asarray(ink[top : top + side, left : left + side]) >= _SOLID
    if not lines.any():
        return np.full((size, size), 99.0, np.float32)
    distance = ndimage.distance_transform_edt(~lines).astype(np.float32)
    resized = Image.fromarray(distance).resize((size, size), Image.Resampling.BILINEAR)
    return np.asarray(resized) * (size / side)


class TomSampleMaker:
    """make(dataset, i, rng) -> image (3,S,S) in [-1,1], lines (1,S,S) in [0,1] that may lead (zeros where the data set
    has no inks), sketch (1,S,S) in [0,1]: a crop of some real one, unpaired.

    With a sweep, sample i is drawn from those sketches, and led by that variant, which are as dense among their kind as
    i is far through the sweep. The paper's snapshots differ because its losses never settle; a short run's differ only
    where what is asked for does.
    """

    def __init__(self, config: SketcherSamples, scans: Sequence[np.ndarray]) -> None:
        if config.sweep and (len(config.sweep) != 2 or config.sweep[0] >= config.sweep[1]):
            raise TrainError(f"sweep in [samples] must be two numbers of pictures, rising, not {list(config.sweep)}")
        self.config = config
        self.scans = sorted(scans, key=lambda scan: int((scan > 127).sum())) if config.sweep else scans

    def progress(self, i: int) -> float | None:
        """How far sample i is through the sweep, 0 to 1; None before it, and where there is none."""
        if not self.config.sweep or i < self.config.sweep[0]:
            return None
        first, last = self.config.sweep
        return min(1.0, (i - first) / (last - first))

    def __call__(self, dataset: Sequence[Record], i: int, rng: Generator) -> dict[str, Tensor]:
        config, record = self.config, dataset[int(rng.integers(len(dataset)))]
        box = augment.random_box(rng, *record.image.shape[:2], config.scale)
        image, lines = augment.to_image(augment.crop(record.image, box, config.size)), np.zeros(0)
        progress = self.progress(i)
        if len(record.inks):
            variant = record.inks[_near(progress, len(record.inks), 1, rng)]
            lines = np.clip(config.pen / 2 + 0.5 - distance_to_lines(variant, box, config.size), 0, 1)
        drawn = torch.from_numpy(lines.astype(np.float32)).reshape(-1, *image.shape[1:])
        if not len(drawn):
            drawn = torch.zeros(1, *image.shape[1:])
        if rng.random() < 0.5:
            image, drawn = image.flip(2), drawn.flip(2)
        return {"image": image, "lines": drawn, "sketch": self._sketch(progress, rng)}

    def _sketch(self, progress: float | None, rng: Generator) -> Tensor:
        window = max(1, round(_WINDOW * len(self.scans)))
        for _ in range(20):
            scan = self.scans[_near(progress, len(self.scans), window, rng)]
            box = augment.random_box(rng, *scan.shape, self.config.sketch_scale)
            part = augment.crop(scan, box, self.config.size)
            if (part > 127).mean() > _LEAST_INK:
                break
        return torch.from_numpy(part.astype(np.float32))[None] / 255


def _near(progress: float | None, count: int, window: int, rng: Generator) -> int:
    """One of `count` things in order: any, or one of the `window` neighbours that are `progress` of the way along."""
    if progress is None:
        return int(rng.integers(count))
    return round(progress * (count - window)) + int(rng.integers(window))


class ExtractorSampleMaker:
    """make(dataset, i, rng) -> image (3,S,S) in [-1,1], field (1,S,S) in [0,1], variant (V,) one-hot.

    field: exp(-d² / (2 SPREAD²)), d the distance to the line that teacher `variant` drew there.
    """

    def __init__(self, config: SketcherSamples, variants: int) -> None:
        self.config, self.variants = config, variants

    def __call__(self, dataset: Sequence[Record], i: int, rng: Generator) -> dict[str, Tensor]:
        config, record = self.config, dataset[int(rng.integers(len(dataset)))]
        if len(record.inks) != self.variants:
            raise TrainError(f"picture {record.key[:16]} has {len(record.inks)} inks, the extractor {self.variants} "
                             "variants: write the cache anew with train sketches, or change [extractor] variants")
        variant = int(rng.integers(self.variants))
        box = augment.random_box(rng, *record.image.shape[:2], config.scale)
        image = augment.to_image(augment.crop(record.image, box, config.size))
        distance = torch.from_numpy(distance_to_lines(record.inks[variant], box, config.size).copy())[None]
        field = torch.exp(-distance.square() / (2 * SPREAD**2))
        if rng.random() < 0.5:
            image, field = image.flip(2), field.flip(2)
        image = augment.ColourJitter(rng, config.jitter)(image)
        if rng.random() < 0.15:
            image = image.mean(0, keepdim=True).expand(3, -1, -1)
        code = torch.zeros(self.variants)
        code[variant] = 1
        return {"image": image.clamp(-1, 1).contiguous(), "field": field, "variant": code}
