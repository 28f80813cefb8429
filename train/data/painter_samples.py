"""One training sample of the painter: target, reference, ink, colour hints."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import torch
from numpy.random import Generator
from PIL import Image
from torch import Tensor

from ..errors import TrainError
from .colour_dabs import colour_dabs
from .colour_jitter import ColourJitter
from .pen_inks import pen_settings
from .pictures import Record
from .unpaired_drawings import UnpairedDrawings
from .xdog_inks import XDoGInk, xdog_ink


class Role(IntEnum):
    """What a sample teaches.

    OWN: the reference comes from the target's own picture: there is an answer. UNPAIRED: it is another picture's: the
    target gives the edges, the reference the look. DRAWING: an artist's drawing takes the ink's place: only the look
    and what makes a drawing survive are known, and the target merely stands for real pictures.
    """

    OWN = 0
    UNPAIRED = 1
    DRAWING = 2


@dataclass(frozen=True)
class Place:
    """What is fixed of the samples with a place in the order: side, range of crops, role, and whether the ink of a
    picture is XDoG."""

    size: int
    scale: tuple[float, float]
    role: Role
    xdog: bool


@dataclass(frozen=True)
class PainterSamples:
    """The [samples] table. Shares hold exactly in every block of consecutive samples.

    size: side of a sample. scale, reference_scale: side of a crop, as a share of the picture's short side. block: a
    batch over all processes should be a multiple of it. large_size, large_block, large_scale: the same of every
    second batch, where large_size is not 0: composition is learned cheaply from small samples, texture is not.
    unpaired: share of references that are another picture's. drawings: share of those whose ink is an artist's
    drawing. doodles: share of the drawings that are quick sketches. xdog: share of the pictures' inks that are
    XDoG; the rest are the extractor's. show_ink, show_drawing: how often the discriminator sees the ink.
    layout_kept: share of own references that are the target itself (half of them in shuffled tiles), not another
    part of its picture. jitter: of colours, 0..1. hints: whether there are colour dabs.
    """

    size: int = 128
    scale: tuple[float, float] = (0.4, 1.0)
    reference_scale: tuple[float, float] = (0.5, 1.0)
    block: int = 16
    large_size: int = 0
    large_block: int = 8
    large_scale: tuple[float, float] = (0.66, 1.0)  # enlarged pictures have no texture to learn from
    unpaired: float = 0.5
    drawings: float = 0.5
    doodles: float = 0.4
    xdog: float = 0.4
    show_ink: float = 0.7
    show_drawing: float = 0.5
    layout_kept: float = 0.5
    jitter: float = 1.0
    hints: bool = True

    @property
    def blocks(self) -> tuple[int, ...]:
        """Sizes of consecutive batches over all processes; () where all are alike."""
        return (self.block, self.large_block) if self.large_size else ()

    def places(self) -> list[Place]:
        """Of the samples of a block, or of a block and a large one, in turn."""
        places = [Place(self.size, self.scale, *role) for role in self.roles(self.block)]
        if self.large_size:
            places += [Place(self.large_size, self.large_scale, *role) for role in self.roles(self.large_block)]
        return places

    def roles(self, block: int) -> list[tuple[Role, bool]]:
        """Of each sample of a block: its role, and whether a picture's ink is XDoG."""
        unpaired = int(block * self.unpaired)
        drawings = int(unpaired * self.drawings)
        if drawings == block:
            raise TrainError("[samples] leaves no sample with a picture's own ink: lower unpaired or drawings")
        counts = {Role.OWN: block - unpaired, Role.UNPAIRED: unpaired - drawings, Role.DRAWING: drawings}
        return [(role, role == Role.DRAWING or k < int(count * self.xdog))
                for role, count in counts.items() for k in range(count)]


class PainterSampleMaker:
    """make(dataset, i, rng) -> the sample, a pure function of its arguments.

    variants: of the extractor that the stage draws with. Result, S = size: image, reference (3,S,S) in [-1,1]; ink
    (1,S,S), what is painted from, and partner_ink (1,S,S), what a discriminator sees with the real picture, both in
    [0,1] and blank where `extracted` is 1: there the stage's extractor draws `image`, with variant (V,), pen (3,), gaps
    (1,6,6); hints (4,S,S), colour and coverage; shown, 1 where a discriminator sees the ink; role; index, the picture's
    number.
    """

    def __init__(self, config: PainterSamples, variants: int, drawings: UnpairedDrawings | None = None) -> None:
        self.config, self.variants, self.drawings = config, variants, drawings
        self._places = config.places()
        if not drawings and any(place.role == Role.DRAWING for place in self._places):
            raise TrainError("[samples] drawings is above 0: give a folder of drawings, or set it to 0")

    def __call__(self, dataset: Sequence[Record], i: int, rng: Generator) -> dict[str, Tensor]:
        config = self.config
        place = self._places[i % len(self._places)]
        role, size = place.role, place.size
        index = int(rng.integers(len(dataset)))
        picture, jitter = dataset[index].image, ColourJitter(rng, config.jitter)
        target = random_crop(rng, picture, place.scale, size)
        if role == Role.OWN:
            reference = jitter(_mirror(rng, self._own_reference(rng, picture, target)))
        else:
            reference = self._other_reference(rng, dataset, index, place)
        image = to_image(jitter(_mirror(rng, target)))
        partner = xdog_ink(image[None], XDoGInk.draw(rng, size))[0] if place.xdog else torch.zeros_like(image[:1])
        ink = self.drawings.crop(rng, size) if role == Role.DRAWING else partner
        dabs = colour_dabs(rng, image) if config.hints and role == Role.OWN else image.new_zeros(4, *image.shape[1:])
        show = config.show_drawing if role == Role.DRAWING else config.show_ink
        return {
            "image": image,
            "reference": to_image(reference),
            "ink": ink,
            "partner_ink": partner,
            "hints": dabs,
            "extracted": torch.tensor(float(not place.xdog)),
            **pen_settings(rng, self.variants, size),
            "shown": torch.tensor(float(rng.random() < show)),
            "role": torch.tensor(int(role)),
            "index": torch.tensor(index),
        }

    def _own_reference(self, rng: Generator, picture: np.ndarray, target: np.ndarray) -> np.ndarray:
        if rng.random() >= self.config.layout_kept:
            return random_crop(rng, picture, self.config.reference_scale, target.shape[0])
        return shuffled_tiles(rng, target, int(rng.choice((2, 4)))) if rng.random() < 0.5 else target

    def _other_reference(self, rng: Generator, dataset: Sequence[Record], index: int, place: Place) -> np.ndarray:
        other = (index + 1 + int(rng.integers(max(1, len(dataset) - 1)))) % len(dataset)
        crop = random_crop(rng, dataset[other].image, place.scale, place.size)
        return ColourJitter(rng, self.config.jitter)(_mirror(rng, crop))


def random_crop(rng: Generator, picture: np.ndarray, scale: tuple[float, float], size: int) -> np.ndarray:
    """A random square of (H,W,3) uint8 -> (size,size,3) float32 in [0,1]; its side is log-uniform in `scale` times the
    picture's short side."""
    height, width = picture.shape[:2]
    side = min(height, width) * math.exp(rng.uniform(*(math.log(s) for s in scale)))
    left, top = rng.uniform(0, width - side), rng.uniform(0, height - side)
    x, y = int(left), int(top)  # only what the square covers is handed over: a picture may be large
    part = Image.fromarray(np.ascontiguousarray(picture[y : int(top + side) + 1, x : int(left + side) + 1]))
    box = (left - x, top - y, min(left - x + side, part.width), min(top - y + side, part.height))
    small = part.resize((size, size), Image.Resampling.BILINEAR, box=box, reducing_gap=2.0)
    return np.asarray(small).astype(np.float32) / 255


def shuffled_tiles(rng: Generator, image: np.ndarray, count: int) -> np.ndarray:
    """Cut (S,S,3) into count x count tiles and shuffle them: appearance stays, layout goes. count divides S."""
    side = image.shape[0] // count
    tiles = image.reshape(count, side, count, side, 3).swapaxes(1, 2).reshape(-1, side, side, 3)
    tiles = tiles[rng.permutation(len(tiles))].reshape(count, count, side, side, 3)
    return tiles.swapaxes(1, 2).reshape(image.shape)


def _mirror(rng: Generator, image: np.ndarray) -> np.ndarray:
    return image[:, ::-1] if rng.random() < 0.5 else image


def to_image(image: np.ndarray) -> Tensor:
    """(H,W,3) in [0,1] -> (3,H,W) in [-1,1]."""
    return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1), np.float32)) * 2 - 1
