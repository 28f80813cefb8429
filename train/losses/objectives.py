"""What a finished picture is judged by, in both stages that make pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from . import terms as losses

FeaturePair = tuple[list[Tensor], list[Tensor]]


class PictureWeights(Protocol):
    reconstruction: float
    perceptual: float
    contrast: float
    palette: float
    texture: float
    foreign_statistics: float
    foreign_palette: float


class PictureObjectives:
    """Weighted terms for an output with a known target, and for one whose reference is a stranger.

    features(output, target) -> the backbone's maps of both, gradients through the first only. A weight of 0 skips the
    term's computation.
    """

    def __init__(self, weights: PictureWeights, features: Callable[[Tensor, Tensor], FeaturePair]) -> None:
        self.weights, self.features = weights, features
        directions = F.normalize(torch.randn(32, 3, generator=torch.Generator().manual_seed(0)), dim=1)
        self.directions = torch.cat([torch.eye(3), directions])

    def own(self, output: Tensor, image: Tensor, bare: Tensor | None = None) -> dict[str, Tensor]:
        """The reference came from the target's own picture: the target is the answer.

        bare: the output without its strokes, where it has them: no pixel can be asked for the target's, which lie
        elsewhere, but what is under them can.
        """
        w, terms = self.weights, {}
        bare = output if bare is None else bare
        if w.reconstruction:
            terms["reconstruction"] = w.reconstruction * losses.reconstruction(bare, image)
        if w.contrast:
            terms["contrast"] = w.contrast * losses.local_contrast(output, image)
        if w.palette:
            terms["palette"] = w.palette * self._palette(output, image)
        if w.perceptual or w.texture:
            features = self.features(output, image)
        if w.perceptual:
            terms["perceptual"] = w.perceptual * losses.perceptual(
                *(features if bare is output else self.features(bare, image))
            )
        if w.texture:
            terms["texture"] = w.texture * losses.gram(*features)
        return terms

    def foreign(self, output: Tensor, reference: Tensor) -> dict[str, Tensor]:
        """There is no answer, only a look: the reference's colours and feature statistics."""
        w, terms = self.weights, {}
        if w.foreign_palette:
            terms["foreign_palette"] = w.foreign_palette * self._palette(output, reference)
        if w.foreign_statistics:
            statistics = losses.feature_statistics(*self.features(output, reference))
            terms["statistics"] = w.foreign_statistics * statistics
        return terms

    def _palette(self, output: Tensor, reference: Tensor) -> Tensor:
        return losses.palette_distance(output, reference, self.directions.to(output.device))


def is_foreign(step: int, share: float) -> bool:
    """Whether this step uses foreign references: evenly spread, decided by the number, so alike on every process."""
    return int((step + 1) * share) > int(step * share)
