"""One training sample of the refiner: crops of a picture at its own detail, and a drawing to paint in its style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.random import Generator
from PIL import Image
from torch import Tensor

from s2i.imaging.ink.ink import resize_ink

from ..errors import TrainError
from .colour_jitter import ColourJitter
from .painter_samples import random_crop, to_image
from .pen_inks import pen_settings
from .pictures import Record
from .unpaired_drawings import UnpairedDrawings
from .xdog_inks import XDoGInk, xdog_ink

_WIDER = 3.0  # lines of a picture's detail are up to so many times as wide as those of a whole picture shrunk


@dataclass(frozen=True)
class RefinerSamples:
    """The [samples] table.

    size: side of a crop of the output. crops: of each picture, and of its draft. draft: side of the draft, in pixels.
    scale: of a picture, 1 being its own resolution: what is enlarged has no detail to learn from, so at most 1.
    drawings: share of the drafts painted from an artist's drawing; the others from another picture's XDoG ink. xdog:
    share of the crops' inks that are XDoG; the rest are the extractor's. show_ink: how often the discriminator sees
    the ink. jitter: of colours, 0..1.
    """

    size: int = 128
    crops: int = 4
    draft: int = 256
    scale: tuple[float, float] = (0.65, 1.0)
    drawings: float = 0.6
    xdog: float = 0.5
    show_ink: float = 0.7
    jitter: float = 0.5

    def __post_init__(self) -> None:
        if self.size % 16 or self.size > 2 * self.draft:
            raise TrainError("[samples] size must be a multiple of 16 and at most twice draft")


class RefinerSampleMaker:
    """make(dataset, i, rng) -> the sample, a pure function of its arguments.

    Result, S = size, C = crops, D = draft: image (C,3,S,S) in [-1,1], crops of one picture; xdog (C,1,S,S) their inks,
    blank where `extracted` (C,) is 1: there the stage's extractor draws with variant (C,V), pen (C,3), gaps (C,1,6,6);
    reference (3,D,D): a square of the same picture, shrunk; drawing (1,4D,4D): the ink that a draft is painted from;
    shown (C,), 1 where a discriminator sees the ink; places (C,2) in [0,1), where the draft's crops lie.
    """

    def __init__(self, config: RefinerSamples, variants: int, drawings: UnpairedDrawings | None = None) -> None:
        self.config, self.variants, self.drawings = config, variants, drawings
        if config.drawings and not drawings:
            raise TrainError("[samples] drawings is above 0: give a folder of drawings, or set it to 0")

    def __call__(self, dataset: Sequence[Record], i: int, rng: Generator) -> dict[str, Tensor]:
        config = self.config
        picture, jitter = dataset[int(rng.integers(len(dataset)))].image, ColourJitter(rng, config.jitter)
        scale = rng.uniform(*config.scale)
        image = [to_image(jitter(detail_crop(rng, picture, config.size, scale))) for _ in range(config.crops)]
        extracted = rng.random(config.crops) >= config.xdog
        inks = [self._ink(rng, crop, skip) for crop, skip in zip(image, extracted, strict=True)]
        pens = [pen_settings(rng, self.variants, config.size) for _ in range(config.crops)]
        return {
            "image": torch.stack(image),
            "xdog": torch.stack(inks),
            "extracted": torch.from_numpy(extracted).float(),
            **{name: torch.stack([pen[name] for pen in pens]) for name in pens[0]},
            "reference": to_image(jitter(random_crop(rng, picture, (0.8, 1.0), config.draft))),
            "drawing": self._drawing(rng, dataset),
            "shown": torch.from_numpy(rng.random(config.crops) < config.show_ink).float(),
            "places": torch.from_numpy(rng.random((config.crops, 2))).float(),
        }

    @staticmethod
    def _ink(rng: Generator, crop: Tensor, extracted: bool) -> Tensor:
        if extracted:
            return torch.zeros_like(crop[:1])
        ink = XDoGInk.draw(rng, crop.shape[-1])
        return xdog_ink(crop[None], replace(ink, sigma=ink.sigma * rng.uniform(1, _WIDER)))[0]

    def _drawing(self, rng: Generator, dataset: Sequence[Record]) -> Tensor:
        config, size = self.config, 4 * self.config.draft
        if rng.random() < config.drawings:
            return self.drawings.crop(rng, size)
        other = random_crop(rng, dataset[int(rng.integers(len(dataset)))].image, (0.7, 1.0), 2 * config.draft)
        return resize_ink(xdog_ink(to_image(other)[None], XDoGInk.draw(rng, 2 * config.draft)), (size, size))[0]


def detail_crop(rng: Generator, picture: np.ndarray, size: int, scale: float) -> np.ndarray:
    """A random square of (H,W,3) uint8 at `scale` of its resolution -> (size,size,3) float32 in [0,1], mirrored half
    of the time. A picture too small for it is taken at the scale at which it just reaches."""
    height, width = picture.shape[:2]
    side = min(size / scale, height, width)
    left, top = int(rng.uniform(0, width - side)), int(rng.uniform(0, height - side))  # half a pixel's shift would blur
    part = Image.fromarray(np.ascontiguousarray(picture[top : int(top + side) + 1, left : int(left + side) + 1]))
    box = (0, 0, min(side, part.width), min(side, part.height))
    small = np.asarray(part.resize((size, size), Image.Resampling.BICUBIC, box=box)).astype(np.float32) / 255
    return small[:, ::-1] if rng.random() < 0.5 else small
