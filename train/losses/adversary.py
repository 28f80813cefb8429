"""The game against a discriminator, the same in both adversarial stages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor, nn

from . import terms as losses
from .differentiable_augment import differentiable_augment

if TYPE_CHECKING:
    from ..engine.run import Run


class AdversarialWeights(Protocol):
    adversarial: float
    r1: float
    r2: float


class Adversary:
    """Relativistic pairing GAN with lazy R1 and R2 and DiffAugment; the discriminator sees picture and ink together.

    inputs: 4 = picture and ink, 3 = picture only. start, ramp: in pictures. penalty_every: in steps.
    """

    def __init__(
        self,
        weights: AdversarialWeights,
        inputs: int,
        *,
        start: int,
        ramp: int,
        penalty_every: int,
        augment: float,
    ) -> None:
        self.weights, self.inputs = weights, inputs
        self.start, self.ramp, self.penalty_every, self.augment = start, ramp, penalty_every, augment

    def weight(self, pictures: int) -> float:
        """The generator term's weight after this many pictures; 0 before the game starts."""
        if not self.weights.adversarial or pictures < self.start:
            return 0.0
        return self.weights.adversarial * min(1.0, (pictures - self.start + 1) / max(1, self.ramp))

    def _pair(self, output: Tensor, image: Tensor, ink: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Augmented (fake, real): both are changed in the same way."""
        both = torch.cat([output, image]).clamp(-1, 1)
        if self.inputs == 4:
            both = torch.cat([both, torch.cat([ink, ink])], 1)
        return differentiable_augment(both, self.augment, generator).chunk(2)

    def generator_term(self, discriminator: nn.Module, output: Tensor, image: Tensor, ink: Tensor, run: Run) -> Tensor:
        fake, real = self._pair(output, image, ink, run.generator)
        discriminator.requires_grad_(False)
        with torch.no_grad():
            real_score = discriminator(real)
        loss = losses.relativistic_generator(real_score, discriminator(fake))
        discriminator.requires_grad_(True)
        return loss

    def train_discriminator(
        self, discriminator: nn.Module, output: Tensor, image: Tensor, ink: Tensor, run: Run
    ) -> dict[str, Tensor]:
        """One step of the network named "discriminator"; `output` carries no gradient."""
        fake, real = self._pair(output.detach(), image, ink, run.generator)
        terms = {"critic": losses.relativistic_discriminator(discriminator(real), discriminator(fake))}
        loss = terms["critic"]
        if run.step % self.penalty_every == 0:
            for name, weight, inputs in (("r1", self.weights.r1, real), ("r2", self.weights.r2, fake)):
                if weight:
                    terms[name] = losses.gradient_penalty(discriminator, inputs)
                    loss = loss + weight * self.penalty_every / 2 * terms[name]
        run.backward(loss)
        run.update("discriminator")
        return terms
