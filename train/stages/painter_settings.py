"""What a painter run is configured with: the [weights] and [schedule] tables."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn
from torch.optim import AdamW, Optimizer


@dataclass(frozen=True)
class PainterWeights:
    """The weight of every objective; 0 turns one off and its computation with it.

    The first group has an answer (the picture's own reference), the second only a look (another picture's), the third
    asks that a drawing survives, the fourth comes from the paper.
    """

    pixels: float = 2.0  # mean squared error of pictures averaged over cells of 2 and 8 pixels
    features: float = 1.0
    palette: float = 3.0
    bands: float = 2.0  # contrast in forms, strokes and grain
    out_of_range: float = 1.0

    feature_statistics: float = 1.0
    patches: float = 0.0  # distribution of small patches, an experiment
    cooccurrence: float = 0.0  # a critic of patches beside the reference's, an experiment
    weave: float = 0.0  # periods of a few pixels, an experiment
    edges: float = 4.0

    lines: float = 0.25
    areas: float = 0.3
    ground_variety: float = 0.3  # drawings after one reference do not stand before one ground
    solids: float = 0.5  # an artist's solid blacks stay calm
    contrast: float = 0.4
    line_darkness: float = 0.8
    sketch_cycle: float = 0.05
    sketch_cycle_drawing: float = 0.2  # the same for artists' drawings

    adversarial: float = 0.18
    adversarial_drawing: float = 1.0  # the share of it that artists' drawings get
    detail: float = 1.0  # the share of it that the discriminator of pixels has
    mismatch: float = 0.7  # a real picture with another picture's ink is a fake

    content_triplet: float = 0.0
    style_triplet: float = 0.0
    instance: float = 0.0
    mutual_information: float = 0.0
    relativistic: float = 0.0  # the paper's kind of discriminator, trained from pixels, beside the projected one
    r1: float = 0.2
    r2: float = 0.2

    @property
    def classifies(self) -> bool:
        """Whether anything reads a picture's identity out of its codes."""
        return bool(self.instance or self.mutual_information)


@dataclass(frozen=True)
class PainterSchedule:
    """When things begin, in pictures, and how often costly terms are computed, in steps.

    adversarial_from, adversarial_ramp: of the painter's adversarial term. adversarial_lead: by how much the
    discriminator's own training begins earlier. augment: strength of the shared DiffAugment. The rest is for the
    paper's terms: penalties and codes every so many steps, the classifier's classes and how many pictures they stay.
    """

    adversarial_from: int = 8_000
    adversarial_ramp: int = 4_000
    adversarial_lead: int = 2_000
    augment: float = 1.0
    penalty_every: int = 8
    codes_every: int = 8
    classes: int = 64
    class_period: int = 6_400

    def adversarial_share(self, pictures: int) -> float:
        """How much of the adversarial weight counts after this many pictures, 0..1."""
        grown = (pictures - self.adversarial_from) / max(1, self.adversarial_ramp)
        return min(1.0, max(0.0, grown))

    def discriminator_learns(self, pictures: int) -> bool:
        return pictures >= self.adversarial_from - self.adversarial_lead


@dataclass(frozen=True)
class PainterOptimizers:
    """The [optimizer] table: AdamW for the painter, and one for each network that judges it."""

    learning_rate: float = 3e-4
    betas: tuple[float, float] = (0.5, 0.99)
    weight_decay: float = 1e-4
    judge_learning_rate: float = 2e-4
    judge_betas: tuple[float, float] = (0.0, 0.99)
    judge_weight_decay: float = 1e-2

    def build(self, networks: dict[str, nn.Module]) -> dict[str, Optimizer]:
        """One optimiser for each network, over the parameters that are not frozen."""
        painter = (self.learning_rate, self.betas, 1e-8, self.weight_decay)
        judge = (self.judge_learning_rate, self.judge_betas, 1e-8, self.judge_weight_decay)
        return {
            name: AdamW([p for p in net.parameters() if p.requires_grad], *(painter if name == "generator" else judge))
            for name, net in networks.items()
        }
