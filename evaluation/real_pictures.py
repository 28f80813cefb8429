"""The real pictures of a test set, as every painter is compared with them: measured once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .judges.features import Features, judge_features
from .judges.thin_resnet50 import ThinResNet50
from .metrics.colour import mean_chroma
from .metrics.edges import ink_lines, pen_reach, picture_edges
from .metrics.figure_ground import figure_ground_contrast
from .metrics.hues import count_colours
from .metrics.intervals import Interval
from .metrics.kid import FeatureSet, kid_between_books
from .testsets.rendering import TestSet


@dataclass(frozen=True)
class Real:
    """features: of all N pictures. The rest is of the D inked ones, by the picture's number: edges and lines (S,S)
    bool, reach (S,S), contrast, colours and chroma."""

    testset: TestSet
    judge: ThinResNet50
    features: Features
    edges: dict[int, np.ndarray]
    lines: dict[int, np.ndarray]
    reach: dict[int, np.ndarray]
    contrast: dict[int, float]
    colours: dict[int, int]
    chroma: dict[int, float]

    @staticmethod
    def of(testset: TestSet, judge: ThinResNet50) -> Real:
        inked = {int(i): (testset.pictures[i], ink) for i, ink in zip(testset.drawn, testset.inks, strict=True)}
        return Real(
            testset,
            judge,
            judge_features(judge, testset.pictures),
            {i: picture_edges(p) for i, (p, _) in inked.items()},
            {i: ink_lines(k) for i, (_, k) in inked.items()},
            {i: pen_reach(k) for i, (_, k) in inked.items()},
            {i: figure_ground_contrast(p, k) for i, (p, k) in inked.items()},
            {i: count_colours(p) for i, (p, _) in inked.items()},
            {i: mean_chroma(p) for i, (p, _) in inked.items()},
        )

    def standardised(self, pooled: np.ndarray) -> np.ndarray:
        """(K,D), each channel in units of its spread among the real pictures, or the few largest would decide alone."""
        own = self.features.pooled
        return (pooled - own.mean(0)) / (own.std(0) + 1e-3)

    def kid(self, pooled: np.ndarray, *owners: np.ndarray) -> Interval:
        """Outputs (K,D), and the books (K,) that each comes from, against the real pictures of other books."""
        outputs = FeatureSet(self.standardised(pooled), np.stack(owners, 1))
        pictures = FeatureSet(self.standardised(self.features.pooled), self.testset.books[:, None])
        return kid_between_books(outputs, pictures)

    def floor(self) -> Interval:
        """The KID of the inked real pictures themselves."""
        drawn = self.testset.drawn
        return self.kid(self.features.pooled[drawn], self.testset.books[drawn])
