"""One training sample: target, ink, its own reference, and a stranger's picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from . import augment
from .pictures import Record
from .strokes import HandDrawing, paint_drawing, repaint


@dataclass(frozen=True)
class SampleConfig:
    """How pictures become training samples; the [samples] table of a configuration."""

    size: int = 128
    scale: tuple[float, float] = (0.34, 1.0)  # side of a crop, as a share of the picture's short side
    jitter: float = 1.0
    hand_drawn: float = 0.25  # share of samples that are people's strokes filled with paint
    repainted: float = 0.0  # share of the others whose enclosed regions are filled likewise
    bright_share: float = 0.5  # share of samples from the brightest and most chromatic third
    shuffle: float = 0.5  # share of own references that are patch-shuffled or warped, not a crop from elsewhere


def liveliness(image: np.ndarray) -> float:
    """How bright and colourful a picture is; dark oils would otherwise fill the batches. uint8 (H,W,3)."""
    x = image[::8, ::8].reshape(-1, 3).astype(np.float32) / 255
    return float(x.mean() + 2 * (x.max(1) - x.min(1)).mean())


class SampleMaker:
    """make(dataset, i, rng) -> the sample, a pure function of its arguments.

    dataset: records with random access. drawings: people's sketches for `paint_drawing`; none, and the share is 0.
    Result: image, reference, foreign (3,S,S) in [-1,1]; ink, other_ink (1,S,S) in [0,1]: the drawing and the same
    drawing with another look; index, foreign_index (the pictures' numbers), painted (1 = real picture).
    """

    def __init__(self, config: SampleConfig, dataset: Sequence[Record], drawings: Sequence[HandDrawing] = ()) -> None:
        self.config, self.drawings = config, drawings
        scores = [liveliness(dataset[i].image) for i in range(len(dataset))]
        self.lively = np.argsort(scores)[::-1][: max(1, len(scores) // 3)]

    def _pick(self, rng: Generator, count: int) -> int:
        if rng.random() < self.config.bright_share:
            return int(rng.choice(self.lively))
        return int(rng.integers(count))

    def __call__(self, dataset: Sequence[Record], i: int, rng: Generator) -> dict[str, Tensor]:
        config = self.config
        index = self._pick(rng, len(dataset))
        foreign_index = self._pick(rng, len(dataset))
        if foreign_index == index:
            foreign_index = (index + 1) % len(dataset)
        record = dataset[index]
        jitter = augment.ColourJitter(rng, config.jitter)
        painted = not self.drawings or rng.random() >= config.hand_drawn
        if painted:
            image, drawn, box = self._from_picture(rng, record)
            reference, image = jitter(self._reference(rng, record, image, box)), jitter(image)
            ink = augment.vary_ink(rng, drawn)
            if rng.random() < config.repainted and (filled := repaint(image, drawn, ink, reference)) is not None:
                image, painted = filled, False
        else:
            drawing = self.drawings[int(rng.integers(len(self.drawings)))]
            reference = jitter(augment.to_image(self._crop(rng, record.image, (0.6, 1.0))))
            patches = lambda: jitter(augment.to_image(self._crop(rng, record.image, (0.15, 0.45))))  # noqa: E731
            image, ink = paint_drawing(rng, drawing, patches, reference, config.size)
        foreign = augment.to_image(self._crop(rng, dataset[foreign_index].image, (0.5, 1.0)))
        foreign_jitter = augment.ColourJitter(rng, config.jitter * 0.5)
        return {
            "image": image,
            "reference": reference,
            "foreign": foreign_jitter(foreign),
            "ink": ink,
            "other_ink": augment.erase(rng, augment.wobble(rng, augment.change_weight(rng, ink), 1.5), 3),
            "index": torch.tensor(index),
            "foreign_index": torch.tensor(foreign_index),
            "painted": torch.tensor(float(painted)),
        }

    def _crop(self, rng: Generator, image: np.ndarray, scale: tuple[float, float]) -> np.ndarray:
        return augment.crop(image, augment.random_box(rng, *image.shape[:2], scale), self.config.size)

    def _from_picture(self, rng: Generator, record: Record) -> tuple[Tensor, Tensor, tuple[int, int, int]]:
        box = augment.random_box(rng, *record.image.shape[:2], self.config.scale)
        look = record.inks[int(rng.integers(len(record.inks)))]
        image = augment.to_image(augment.crop(record.image, box, self.config.size))
        ink = torch.from_numpy(augment.crop(look, box, self.config.size).astype(np.float32))[None] / 255
        ink = (ink * max(1.0, min(2.0, box[2] / self.config.size))).clamp(0, 1)  # shrinking must not fade the lines
        if rng.random() < 0.5:
            image, ink = image.flip(2), ink.flip(2)
        return image, ink, box

    def _reference(self, rng: Generator, record: Record, image: Tensor, box: tuple[int, int, int]) -> Tensor:
        """Another part of the same picture where there is one, else the target with its layout destroyed."""
        if rng.random() >= self.config.shuffle:
            for _ in range(8):
                other = augment.random_box(rng, *record.image.shape[:2], (0.3, 0.8))
                if augment.overlap(box, other) < 0.1:
                    return augment.to_image(augment.crop(record.image, other, self.config.size))
        warped = augment.random_affine(rng, image)
        return augment.patch_shuffle(rng, warped) if rng.random() < 0.6 else warped
