"""What is painted for an evaluation: which drawing after which reference, by whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from s2i.imaging.layouts import image_to_uint8
from s2i.pipeline import SketchToImage

from .testsets import EvaluationSet

# (ink (B,1,H,W), reference (B,3,H,W)) -> (B,3,H,W) in [-1,1]
Painter = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Trials:
    """Trial k paints drawing ink[k] after picture reference[k]; (K,) int each."""

    ink: np.ndarray
    reference: np.ndarray

    def __len__(self) -> int:
        return len(self.ink)

    @property
    def own(self) -> np.ndarray:
        """(K,) bool: whether the reference is the picture that the drawing was made from."""
        return self.ink == self.reference


def plan_trials(groups: Sequence[str], foreign: int) -> Trials:
    """Every drawing after its own picture, and after `foreign` pictures by others, each serving about equally often."""
    count = len(groups)
    pairs = [(i, i) for i in range(count)]
    shifts = [max(1, round(count * (k + 1) / (foreign + 1))) for k in range(foreign)] if count > 1 else []
    for shift in shifts:
        for i in range(count):
            others = [(i + shift + step) % count for step in range(count)]
            pairs.append((i, next((j for j in others if groups[j] != groups[i]), (i + 1) % count)))
    return Trials(np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs]))


def paint_trials(paint: Painter, testset: EvaluationSet, trials: Trials, batch: int = 4) -> list[np.ndarray]:
    """The outputs of all trials, (H,W,3) uint8 each, as they would be saved."""
    outputs = []
    for start in range(0, len(trials), batch):
        which = slice(start, start + batch)
        ink = torch.from_numpy(testset.inks[trials.ink[which]])[:, None]
        reference = torch.from_numpy(testset.pictures[trials.reference[which]]).permute(0, 3, 1, 2).float() / 127.5 - 1
        images = paint(ink, reference.contiguous())
        outputs += [image_to_uint8(image) for image in images]
    return outputs


def model_painter(model: SketchToImage, strength: float = 1.0) -> Painter:
    """The whole chain; strength 0 leaves the refiner out."""
    return lambda ink, reference: model(ink, reference, strength=strength)


def real_outputs(testset: EvaluationSet, trials: Trials) -> list[np.ndarray]:
    """The real pictures of the drawings, whatever the reference: what content measures should come near, and what
    style measures are where the reference is ignored."""
    return [testset.pictures[i] for i in trials.ink]
