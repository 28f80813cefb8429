"""What a refiner run is configured with: the [weights], [schedule] and [optimizer] tables."""

from __future__ import annotations

from dataclasses import dataclass

from .painter_settings import PainterOptimizers


@dataclass(frozen=True)
class RefinerWeights:
    """The weight of every objective; 0 turns one off and its computation with it.

    The first group has an answer, the picture that was made smaller; the second is for drafts that the painter painted,
    of which only the look is known.
    """

    pixels: float = 3.0  # absolute error of pixels; of means over two by two, twice as much
    features: float = 0.5
    out_of_range: float = 1.0

    feature_statistics: float = 0.0
    stay: float = 2.0  # with the draft, when shrunk
    weave: float = 0.2
    lines: float = 1.0  # an artist's lines are there, and dark
    line_darkness: float = 0.5

    adversarial: float = 0.0  # a refiner that was shown few crops stamps marks that please a discriminator
    adversarial_draft: float = 1.0  # how many times that where there is no answer
    detail: float = 1.0  # the share that the discriminator of pixels has in it


@dataclass(frozen=True)
class RefinerSchedule:
    """adversarial_from, adversarial_ramp: in pictures, of the refiner's adversarial term; the discriminators learn from
    the first. second_from: from then on, second_step is the share of batches in which a draft is the averaged refiner's
    own doubling, so that steps can be repeated. augment: strength of the shared DiffAugment."""

    adversarial_from: int = 400
    adversarial_ramp: int = 400
    second_from: int = 1_000
    second_step: float = 0.4
    augment: float = 1.0

    def adversarial_share(self, pictures: int) -> float:
        """How much of the adversarial weight counts after this many pictures, 0..1."""
        return min(1.0, max(0.0, (pictures - self.adversarial_from) / max(1, self.adversarial_ramp)))


RefinerOptimizers = PainterOptimizers
