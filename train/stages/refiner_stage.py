"""The refiner's training step.

Half of what it refines are real pictures made smaller, for which there is an answer; half are drafts by the frozen
painter, for which discriminators say what paintings look like from near by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2i.bundle import Bundle
from s2i.config import ModelConfig
from s2i.models.refiner import LATENT, Refiner, only_detail

from ..critics import projected_adversary as adversary
from ..critics.detail_discriminator import DetailDiscriminator
from ..critics.joint_augment import joint_augment
from ..data.degradation import Degradation
from ..engine.stage import Stage
from ..frozen_nets.frozen import frozen
from ..losses.feature_reconstruction import feature_reconstruction
from ..losses.feature_statistics import feature_statistics
from ..losses.line_darkness import UsualDarkness, excess_darkness, line_darkness
from ..losses.line_presence import line_presence
from ..losses.pictures import out_of_range
from ..losses.survival import colour_spread
from ..losses.weave import weave
from .painter_network import PainterNetwork
from .refiner_scene import Drafts, RefinerScene, draw_scene, paint_drafts
from .refiner_settings import RefinerOptimizers, RefinerSchedule, RefinerWeights

if TYPE_CHECKING:
    from ..engine.run import Run

_VIEWS = slice(0, 4)  # the trunk's maps at strides 2 to 16: the coarsest sees composition, which is the draft's
_STATISTICS = slice(0, 3)
_LINE = 0.3  # how much darker than the paper beside it a drawing's line is
# A residual has no mean over an area. What a line takes from it can come back as a little everywhere or as one far-off
# pixel; absolute errors like the pixel better, so that those beyond what is usual cost their square.
_FAR_OFF = 20.0
_ERROR, _DETAIL = 0.1, 0.2  # from an answer; from a draft, which has no detail yet

Views = Sequence[Tensor]


class RefinerStage(Stage):
    """Networks: `generator` (averaged), the refiner; `discriminator` and `detail`; running means of real lines.

    painter: frozen, makes the drafts. extractor: frozen, draws inks. trunk: frozen; its maps of a picture, fine to
    coarse with these channels, serve the losses on features and the discriminator.
    """

    name = "refiner"
    averaged = ("generator",)
    facts: dict[str, Any] | None = None  # the painter's own record

    def __init__(
        self,
        config: ModelConfig,
        painter: PainterNetwork,
        extractor: nn.Module,
        trunk: nn.Module,
        trunk_channels: Sequence[int],
        weights: RefinerWeights | None = None,
        schedule: RefinerSchedule | None = None,
        optimizers: RefinerOptimizers | None = None,
        degradation: Degradation | None = None,
    ) -> None:
        self.config, self.painter, self.extractor, self.trunk = config, painter.eval(), extractor, trunk
        self.weights, self.schedule = weights or RefinerWeights(), schedule or RefinerSchedule()
        self.degradation = degradation or Degradation()
        self.networks: dict[str, nn.Module] = {"generator": Refiner(config.refiner)}
        if self.weights.adversarial:
            self.networks["discriminator"] = adversary.ProjectedDiscriminator(trunk_channels[_VIEWS])
            self.networks["detail"] = DetailDiscriminator()
        self.optimizers = (optimizers or RefinerOptimizers()).build(self.networks)
        self.networks["usual_darkness"] = UsualDarkness()

    # -- one step -----------------------------------------------------------------------------------------------------

    def step(self, batch: dict[str, Tensor], run: Run) -> dict[str, Tensor]:
        w, share = self.weights, self.schedule.adversarial_share(run.samples_seen)
        painter_noise, noise = self._noise(batch, run)
        drafts = paint_drafts(batch, self.painter, self.trunk, painter_noise)
        drafts = self._doubled(drafts, batch["drawing"], run)
        scene = draw_scene(batch, drafts, self.extractor, self.degradation, run.generator)
        count = len(scene.image)
        output = run.networks["generator"](scene.draft, scene.ink, scene.style, noise).float()
        enlarged = F.interpolate(scene.draft, scale_factor=2, mode="bicubic")
        answer = self._answer(scene.image, enlarged[:count])
        partner_ink, shown = (torch.cat([x, x]) for x in (scene.partner_ink, scene.shown))
        (fake, real), (ink, partner_ink) = joint_augment(
            [output, torch.cat([answer, scene.image])], [scene.ink * shown, partner_ink * shown], run.generator,
            self.schedule.augment)
        fake_views = self.trunk(fake)[_VIEWS]
        with torch.no_grad():
            real_views = self.trunk(real)[_VIEWS]

        terms = self._paired_terms(output[:count], answer, fake_views, real_views)
        terms |= self._draft_terms(output[count:], enlarged[count:], scene, fake_views, real_views, run)
        if w.out_of_range:
            terms["range"] = w.out_of_range * out_of_range(output)
        if w.adversarial and share:
            weight = output.new_ones(2 * count)
            weight[count:] = w.adversarial_draft
            terms["adversarial"] = w.adversarial * share * self._fooled(fake, fake_views, ink, weight, run)
        run.backward(sum(terms.values()))
        run.update("generator")
        if w.adversarial:
            pair = (fake.detach(), [view.detach() for view in fake_views], ink), (real, real_views, partner_ink)
            terms |= self._discriminator_step(*pair, run)
        return {name: value.detach() for name, value in terms.items()}

    def _noise(self, batch: dict[str, Tensor], run: Run) -> tuple[Tensor | None, Tensor]:
        """The painter's noise (B,N) or None, and the refiner's (2N,C,S/4,S/4): each sample's own."""
        crops, size = batch["image"].shape[1], batch["image"].shape[-1] // LATENT
        shape = (2 * crops, self.config.refiner.noise, size, size)
        first = self.painter.noise_size(batch["reference"].shape[-2:])
        numbers = run.noise(batch["sample"], (first + torch.Size(shape).numel(),))
        of_crops = numbers[:, first:].reshape(-1, 2, crops, *shape[1:]).transpose(0, 1).flatten(0, 2)
        return numbers[:, :first] if first else None, of_crops

    @torch.no_grad()
    def _doubled(self, drafts: Drafts, drawing: Tensor, run: Run) -> Drafts:
        """In a share of the batches the averaged refiner's own doubling, the next step's draft; else as they are."""
        s = self.schedule
        second = torch.rand((), generator=run.generator) < s.second_step
        if run.samples_seen < s.second_from or not second:
            return drafts
        height, width = drafts.ink.shape[-2:]
        cells = (len(drawing), self.config.refiner.noise, -(-height // LATENT), -(-width // LATENT))
        noise = torch.randn(cells, generator=run.generator).to(drawing.device)
        image = run.ema["generator"](drafts.image, drafts.ink, drafts.style, noise).float().clamp(-1, 1)
        return Drafts(image, drawing, drafts.style)

    # -- what is known of a picture -----------------------------------------------------------------------------------

    def _answer(self, image: Tensor, enlarged: Tensor) -> Tensor:
        """A picture and the enlarged draft that was made of it, (N,3,S,S) each -> the picture's detail on the draft's
        colours, which is all that a refiner can give.

        Asked for colours, too, it pays for each shift with one far-off pixel an area: dots on a grid of areas.
        """
        return enlarged + only_detail(image - enlarged, self.config.refiner.area)

    def _paired_terms(self, output: Tensor, answer: Tensor, fake: Views, real: Views) -> dict[str, Tensor]:
        w, terms, count = self.weights, {}, len(output)
        if w.pixels:
            terms["pixels"] = w.pixels * (
                F.l1_loss(output, answer) + 2 * F.l1_loss(F.avg_pool2d(output, 2), F.avg_pool2d(answer, 2))
                + _far_off(output, answer, _ERROR))
        if w.features:
            pair = ([view[:count] for view in views] for views in (fake, real))
            terms["features"] = w.features * feature_reconstruction(*pair)
        return terms

    def _draft_terms(
        self, output: Tensor, enlarged: Tensor, scene: RefinerScene, fake: Views, real: Views, run: Run
    ) -> dict[str, Tensor]:
        w, terms, count = self.weights, {}, len(output)
        draft, ink = scene.draft[count:], scene.ink[count:]
        spread = colour_spread(scene.image)
        if w.stay:
            terms["stay"] = w.stay * (0.5 * F.l1_loss(F.avg_pool2d(output, 2), draft)
                                      + 2 * F.l1_loss(F.avg_pool2d(output, 8), F.avg_pool2d(draft, 4))
                                      + _far_off(output, enlarged, _DETAIL))
        if w.weave:
            terms["weave"] = w.weave * weave(output)
        if w.lines:
            terms["lines"] = w.lines * line_presence(output, ink, _LINE)
        if w.feature_statistics:
            pair = ([_joined(view[count:], scene.crops) for view in views[_STATISTICS]] for views in (fake, real))
            terms["statistics"] = w.feature_statistics * feature_statistics(*pair)
        if w.line_darkness:
            real_lines = line_darkness(scene.image, scene.partner_ink, spread)
            usual = run.networks["usual_darkness"].update(run.mean(real_lines.mean()))
            allowed = torch.maximum(line_darkness(enlarged, ink, spread), usual)
            terms["darkness"] = w.line_darkness * excess_darkness(line_darkness(output, ink, spread), allowed)
        return terms

    # -- the game -----------------------------------------------------------------------------------------------------

    def _fooled(self, fake: Tensor, views: Views, ink: Tensor, weight: Tensor, run: Run) -> Tensor:
        discriminator, detail = run.networks["discriminator"], run.networks["detail"]
        with frozen(discriminator), frozen(detail):
            through_trunk = adversary.hinge_generator(discriminator(views, ink), weight)
            return through_trunk + self.weights.detail * adversary.hinge_generator([detail(fake, ink)], weight)

    def _discriminator_step(
        self, fake: tuple[Tensor, Views, Tensor], real: tuple[Tensor, Views, Tensor], run: Run
    ) -> dict[str, Tensor]:
        discriminator, detail = run.networks["discriminator"], run.networks["detail"]
        scores = [[*discriminator(views, ink), detail(image, ink)] for image, views, ink in (fake, real)]
        loss = adversary.hinge_discriminator(*scores)
        run.backward(loss)
        for name in ("discriminator", "detail"):
            run.update(name, clip=False)
        return {"discriminator": loss, "accuracy": adversary.accuracy(*scores)}

    # -- what a run leaves --------------------------------------------------------------------------------------------

    def states_in(self, bundle: Bundle) -> dict[str, dict[str, Tensor]]:
        return {"generator": {name: value.float() for name, value in bundle.components["refiner"].items()}}

    def provenance(self) -> dict[str, Any]:
        return {**super().provenance(), "loss_net": "efficientnet-lite0", "weights": asdict(self.weights),
                "painter": self.facts or {}}


def _far_off(output: Tensor, near: Tensor, usual: float) -> Tensor:
    """What pixels are farther away than usual, squared; a scalar."""
    return _FAR_OFF * ((output - near).abs() - usual).clamp_min(0).square().mean()


def _joined(features: Tensor, crops: int) -> Tensor:
    """(N,C,h,w) -> (N/crops,C,crops*h,w): statistics over all crops of a picture are steadier than of each."""
    return features.unflatten(0, (-1, crops)).transpose(1, 2).flatten(2, 3)
