"""The paper's own terms: triplets, momentum mutual-information minimisation, and a discriminator trained from pixels.

They stay as weights, so that its configuration is a row of the ablation table. Source: Liu, Zhu, Song & Elgammal,
"Self-supervised sketch-to-image synthesis", AAAI 2021, sec. 3; the adversary is R3GAN's (Huang et al. 2024).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from s2i.config import ModelConfig

from ..critics.identity import RollingIdentity
from ..critics.paper_discriminator import PaperDiscriminator
from ..data.pen_inks import pen_field, pen_ink
from ..frozen_nets.frozen import frozen
from ..losses import codes, relativistic
from .painter_network import PainterNetwork, Painting
from .painter_scene import Scene
from .painter_settings import PainterSchedule, PainterWeights

if TYPE_CHECKING:
    from ..engine.run import Run


class PaperTerms:
    """networks: `identity` and `critic`, as far as a weight needs them. pictures: how many there are to tell apart."""

    def __init__(self, config: ModelConfig, weights: PainterWeights, schedule: PainterSchedule, pictures: int) -> None:
        self.weights, self.schedule, self.pictures = weights, schedule, pictures
        self.inputs = config.discriminator.inputs
        self.networks: dict[str, nn.Module] = {}
        if weights.classifies:
            classes = min(schedule.classes, pictures)
            self.networks["identity"] = RollingIdentity(
                config.style_dim, config.widths[-1], classes, schedule.class_period)
        if weights.relativistic:
            self.networks["critic"] = PaperDiscriminator(config.discriminator)

    # -- what the painter lowers --------------------------------------------------------------------------------------

    def code_terms(
        self, painting: Painting, scene: Scene, batch: dict[str, Tensor], near: Tensor, extractor: nn.Module, run: Run
    ) -> dict[str, Tensor]:
        """near (B,D): style vectors of the targets."""
        w, terms, index = self.weights, {}, batch["index"]
        own, painted = scene.own, scene.painted
        negative = different_partner(index)
        if w.content_triplet:
            other = self._other_content(run.networks["generator"], batch, painted, extractor)
            anchor = [c[painted] for c in painting.content]
            far = [c[negative][painted] for c in painting.content]
            terms["content_triplet"] = w.content_triplet * codes.content_triplet(anchor, other, far)
        if w.style_triplet:
            triplet = ([painting.vector[own]], [near[own]], [near[negative][own]])
            terms["style_triplet"] = w.style_triplet * codes.style_triplet(*triplet)
        if w.instance:
            identity = run.networks["identity"]
            logits, labels = identity.of_style(painting.vector[own], frozen=True), self._labels(index[own], run)
            terms["instance"] = w.instance * codes.instance_classification(logits, labels)
        if w.mutual_information:
            logits = run.networks["identity"].of_content(painting.content[-1][painted], frozen=True)
            terms["mutual_information"] = w.mutual_information * codes.mutual_information(logits)
        return terms

    def fooled(self, fake: Tensor, real: Tensor, ink: Tensor, run: Run) -> Tensor:
        """fake, real (B,3,S,S) in [-1,1], the same picture; ink (B,1,S,S)."""
        critic = run.networks["critic"]
        with frozen(critic):
            with torch.no_grad():
                real_score = critic(self._seen(real, ink))
            return relativistic.relativistic_generator(real_score, critic(self._seen(fake, ink)))

    # -- what the judges lower ----------------------------------------------------------------------------------------

    def teach_classifier(self, painting: Painting, scene: Scene, index: Tensor, run: Run) -> Tensor:
        """Both heads, on detached features: they are judges, and the encoders answer to them in `code_terms`."""
        identity = run.networks["identity"]
        if identity.roll(run.samples_seen):
            run.forget("identity")
        own, painted = scene.own, scene.painted
        style = identity.of_style(painting.vector[own].detach(), frozen=False)
        content = identity.of_content(painting.content[-1][painted].detach(), frozen=False)
        loss = codes.instance_classification(style, self._labels(index[own], run))
        loss = loss + codes.instance_classification(content, self._labels(index[painted], run))
        run.backward(loss)
        run.update("identity")
        return loss

    def teach_critic(self, fake: Tensor, real: Tensor, ink: Tensor, run: Run) -> dict[str, Tensor]:
        """With lazy R1 and R2, every `penalty_every` steps."""
        critic, fake, real = run.networks["critic"], self._seen(fake.detach(), ink), self._seen(real, ink)
        terms = {"critic": relativistic.relativistic_discriminator(critic(real), critic(fake))}
        every = self.schedule.penalty_every
        if run.step % every == 0:
            for name, weight, inputs in (("r1", self.weights.r1, real), ("r2", self.weights.r2, fake)):
                if weight:
                    terms[name] = weight * every / 2 * relativistic.gradient_penalty(critic, inputs)
        run.backward(sum(terms.values()))
        run.update("critic")
        return terms

    # -- inside -------------------------------------------------------------------------------------------------------

    def _seen(self, image: Tensor, ink: Tensor) -> Tensor:
        return torch.cat([image.clamp(-1, 1), ink], 1) if self.inputs == 4 else image.clamp(-1, 1)

    def _labels(self, index: Tensor, run: Run) -> Tensor:
        return run.networks["identity"].labels(index, self.pictures)

    @staticmethod
    def _other_content(
        generator: PainterNetwork, batch: dict[str, Tensor], painted: Tensor, extractor: nn.Module
    ) -> list[Tensor]:
        """Content features of the same pictures, drawn as their neighbours in the batch were."""
        variant, pen, gaps = (batch[name][painted].roll(1, 0) for name in ("variant", "pen", "gaps"))
        with torch.autocast(variant.device.type, enabled=False):
            ink = pen_ink(pen_field(extractor, batch["image"][painted], variant), pen, gaps)
        return generator.content_encoder(ink, generator.facts(ink))


def different_partner(index: Tensor) -> Tensor:
    """For each sample the nearest later one (cyclically) of another picture: a true derangement of pictures. (B,)."""
    same = index[:, None] == index[None, :]
    order = torch.arange(len(index), device=index.device)
    distance = (order[None, :] - order[:, None]) % len(index)
    return torch.where(same, len(index) + distance, distance).argmin(1)
