"""The painter's training step.

It paints a batch in which every sample has a role (`data.painter_samples.Role`), asks each for what is known about
it, and lets a projected discriminator say what paintings look like.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from s2i.bundle import Bundle
from s2i.config import ModelConfig

from ..critics import projected_adversary as adversary
from ..critics.detail_discriminator import DetailDiscriminator
from ..critics.joint_augment import joint_augment
from ..critics.patch_cooccurrence import PatchCooccurrence, random_patches
from ..engine.stage import Stage
from ..engine.trained_discriminator import trained_discriminators
from ..frozen_nets.frozen import frozen
from ..losses.band_energy import band_distance
from ..losses.edge_distance import edge_distance
from ..losses.feature_reconstruction import feature_reconstruction
from ..losses.feature_statistics import feature_statistics
from ..losses.ground_variety import ground_variety
from ..losses.line_darkness import UsualDarkness, excess_darkness, line_darkness
from ..losses.palette_distance import colour_directions, palette_distance
from ..losses.patch_distance import patch_directions, patch_distance
from ..losses.pictures import out_of_range, reconstruction
from ..losses.sketch_cycle import sketch_cycle
from ..losses.solid_texture import solid_texture
from ..losses.survival import area_distances, area_survival, colour_spread, line_survival
from ..losses.touching_areas import touching_areas
from ..losses.weave import weave
from .held_out import HeldOut
from .painter_network import PainterNetwork, Painting
from .painter_scene import Scene, draw_scene
from .painter_settings import PainterOptimizers, PainterSchedule, PainterWeights
from .paper_terms import PaperTerms

if TYPE_CHECKING:
    from ..engine.run import Run

_CELLS = (2, 8)  # pixels that pictures are averaged over before they are compared
_STATISTICS = 4  # of the trunk's maps: the coarsest knows what is shown, not how
_FARTHEST = 1.5  # spreads: no two areas must differ by more, however much they do in the picture
_DRAWING_DARKNESS = (0.1, 1.5)  # a drawing's lines may be so many times as dark as usual, and usual is at least this

Views = Sequence[Tensor]


class PainterStage(Stage):
    """Networks: `generator` (averaged), `discriminator`, `detail`, and the paper's `critic` and `identity`, each if it
    has a weight.

    extractor: a frozen sketch extractor, draws inks and closes the sketch cycle. trunk: frozen; its maps of a picture,
    fine to coarse with these channels, serve the losses on features, the discriminator, and the style encoder's view of
    the reference. pictures: how many there are to learn from.
    """

    name = "painter"
    averaged = ("generator",)
    held_out: HeldOut | None = None  # for previews

    def __init__(
        self,
        config: ModelConfig,
        extractor: nn.Module,
        trunk: nn.Module,
        trunk_channels: Sequence[int],
        pictures: int,
        weights: PainterWeights | None = None,
        schedule: PainterSchedule | None = None,
        optimizers: PainterOptimizers | None = None,
    ) -> None:
        self.config, self.extractor, self.trunk = config, extractor, trunk
        self.weights, self.schedule = weights or PainterWeights(), schedule or PainterSchedule()
        self.directions, self.patch_directions = colour_directions(), patch_directions()
        self.paper = PaperTerms(config, self.weights, self.schedule, pictures)
        self.networks: dict[str, nn.Module] = {"generator": PainterNetwork(config), **self.paper.networks}
        if self.weights.adversarial:
            self.networks["discriminator"] = adversary.ProjectedDiscriminator(trunk_channels[1:])
            if self.weights.detail:
                self.networks["detail"] = DetailDiscriminator()
        if self.weights.cooccurrence:
            self.networks["cooccurrence"] = PatchCooccurrence()
        if config.content_trunk:
            self.networks["generator"].content_encoder.trunk.load_state_dict(trunk.state_dict())
        self.optimizers = (optimizers or PainterOptimizers()).build(self.networks)
        if self.weights.line_darkness:
            self.networks["usual_darkness"] = UsualDarkness()

    # -- one step -----------------------------------------------------------------------------------------------------

    def step(self, batch: dict[str, Tensor], run: Run) -> dict[str, Tensor]:
        w, s = self.weights, self.schedule
        scene = draw_scene(batch, self.extractor, in_pairs=w.ground_variety > 0)
        with torch.no_grad():
            reference_views = self.trunk(scene.reference)
        painting = self._paint(run.networks["generator"], scene, reference_views, batch["sample"], run)
        (fake, real), (ink, partner_ink) = joint_augment(
            [painting.draft, scene.image], [scene.ink * scene.shown, scene.partner_ink * scene.shown],
            run.generator, s.augment)
        fake_views = self.trunk(fake)
        with torch.no_grad():
            real_views = self.trunk(real)

        terms = self._picture_terms(painting.draft, scene) | self._survival_terms(painting.draft, scene, run)
        terms |= self._feature_terms(fake_views, real_views, reference_views, scene)
        share, codes = s.adversarial_share(run.samples_seen), run.step % s.codes_every == 0
        if w.adversarial and share:
            terms["adversarial"] = w.adversarial * share * self._fooled(fake, fake_views, ink, scene, run)
        if w.cooccurrence and share:
            terms["texture"] = w.cooccurrence * share * self._alike(painting.draft, scene.reference, run)
        if w.relativistic and share:
            terms["relativistic"] = w.relativistic * share * self.paper.fooled(fake, real, partner_ink, run)
        if codes:
            near = self._style_of(run.networks["generator"], real, real_views) if w.style_triplet else None
            terms |= self.paper.code_terms(painting, scene, batch, near, self.extractor, run)
        run.backward(sum(terms.values()))
        run.update("generator")

        learns = s.discriminator_learns(run.samples_seen)
        if w.adversarial and learns:
            terms |= self._discriminator_step(fake_views, real_views, ink, partner_ink, scene, run)
            if w.detail:
                terms["detail"] = self._detail_step(fake.detach(), real, ink, partner_ink, run)
        if w.cooccurrence and learns:
            terms["cooccurrence"] = self._cooccurrence_step(painting.draft.detach(), scene.reference, run)
        if w.relativistic and learns:
            terms |= self.paper.teach_critic(fake, real, partner_ink, run)
        if codes and w.classifies:
            terms["classifier"] = self.paper.teach_classifier(painting, scene, batch["index"], run)
        return {name: value.detach() for name, value in terms.items()}

    def _paint(self, generator: PainterNetwork, scene: Scene, views: Views, numbers: Tensor, run: Run) -> Painting:
        facts, size = generator.facts(scene.ink), generator.noise_size(scene.ink.shape[-2:])
        noise = run.noise(numbers, (size,)) if size else None
        return generator(scene.ink, scene.reference, facts, scene.hints, views, noise)

    @staticmethod
    def _style_of(generator: PainterNetwork, image: Tensor, views: Views) -> Tensor:
        return generator.style_encoder(image, None, views)[0]

    # -- what is known of a painting ----------------------------------------------------------------------------------

    def _picture_terms(self, draft: Tensor, scene: Scene) -> dict[str, Tensor]:
        w, terms = self.weights, {}
        own, unpaired = scene.own, scene.unpaired
        if w.pixels and len(own):
            terms["pixels"] = w.pixels * reconstruction(draft[own], scene.image[own], _CELLS)
        answer = scene.reference.index_copy(0, own, scene.image[own])
        if w.bands:
            terms["bands"] = w.bands * band_distance(draft, answer)
        if w.palette:
            terms["palette"] = w.palette * palette_distance(draft, answer, self.directions.to(draft.device))
        if w.patches:
            terms["patches"] = w.patches * patch_distance(draft, answer, self.patch_directions.to(draft.device))
        if w.weave:
            terms["weave"] = w.weave * weave(draft)
        if w.out_of_range:
            terms["range"] = w.out_of_range * out_of_range(draft)
        if w.edges and len(unpaired):
            terms["edges"] = w.edges * edge_distance(draft[unpaired], scene.image[unpaired])
        if w.sketch_cycle or w.sketch_cycle_drawing:
            weight = torch.lerp(*draft.new_tensor([w.sketch_cycle, w.sketch_cycle_drawing]), scene.is_drawing)
            terms["cycle"] = sketch_cycle(self.extractor.logits(draft, scene.variant), scene.field, weight)
        return terms

    def _survival_terms(self, draft: Tensor, scene: Scene, run: Run) -> dict[str, Tensor]:
        w, terms = self.weights, {}
        drawing, painted = scene.drawing, scene.painted
        spread, real_spread = colour_spread(scene.reference), colour_spread(scene.image)
        if w.lines and len(drawing):
            terms["lines"] = w.lines * line_survival(draft[drawing], scene.ink[drawing], spread[drawing])
        if w.ground_variety and len(drawing):
            paired = drawing[: len(drawing) // 2 * 2]
            terms["variety"] = w.ground_variety * ground_variety(draft[paired], scene.ink[paired], spread[paired])
        if w.solids and len(drawing):
            terms["solids"] = w.solids * solid_texture(draft[drawing], scene.ink[drawing], spread[drawing])
        if w.areas or w.contrast:
            areas, touching = touching_areas(scene.ink)
            apart = area_distances(draft, areas, spread)
            if w.areas and len(drawing):
                terms["areas"] = w.areas * area_survival(apart[drawing], touching[drawing])
            if w.contrast:
                wanted = area_distances(scene.image, areas, real_spread).clamp(max=_FARTHEST)
                terms["contrast"] = w.contrast * area_survival(apart[painted], touching[painted], wanted[painted])
        if w.line_darkness:
            real = line_darkness(scene.image, scene.partner_ink, real_spread)
            usual = run.networks["usual_darkness"].update(run.mean(real[painted].mean()))
            least, times = _DRAWING_DARKNESS
            allowed = torch.where(scene.is_drawing > 0, usual.clamp_min(least) * times, torch.maximum(real, usual))
            terms["darkness"] = w.line_darkness * excess_darkness(line_darkness(draft, scene.ink, spread), allowed)
        return terms

    def _feature_terms(self, fake: Views, real: Views, reference: Views, scene: Scene) -> dict[str, Tensor]:
        w, own, terms = self.weights, scene.own, {}
        if w.features and len(own):
            terms["features"] = w.features * feature_reconstruction([f[own] for f in fake], [f[own] for f in real])
        if w.feature_statistics:
            answers = [r.index_copy(0, own, f[own]) for r, f in zip(reference, real, strict=True)]
            pair = fake[:_STATISTICS], answers[:_STATISTICS]
            terms["statistics"] = w.feature_statistics * feature_statistics(*pair)
        return terms

    # -- the game -----------------------------------------------------------------------------------------------------

    def _fooled(self, fake: Tensor, views: Views, ink: Tensor, scene: Scene, run: Run) -> Tensor:
        weight = torch.lerp(*ink.new_tensor([1.0, self.weights.adversarial_drawing]), scene.is_drawing)
        discriminator = run.networks["discriminator"]
        with frozen(discriminator):
            through_trunk = adversary.hinge_generator(discriminator(views[1:], ink), weight)
        if not self.weights.detail:
            return through_trunk
        detail = run.networks["detail"]
        with frozen(detail):
            return through_trunk + self.weights.detail * adversary.hinge_generator([detail(fake, ink)], weight)

    def _discriminator_step(
        self, fake_views: Views, real_views: Views, ink: Tensor, partner_ink: Tensor, scene: Scene, run: Run
    ) -> dict[str, Tensor]:
        discriminator = run.networks["discriminator"]
        with torch.no_grad():
            real_mixed = discriminator.mixing(real_views[1:])
        fake = discriminator([view.detach() for view in fake_views[1:]], ink)
        real = discriminator.score(real_mixed, partner_ink)
        terms = {"discriminator": adversary.hinge_discriminator(fake, real)}
        if self.weights.mismatch:
            both_shown = (scene.shown * scene.shown.roll(1, 0)).flatten()
            wrong = discriminator.score(real_mixed, partner_ink.roll(1, 0))
            terms["mismatch"] = self.weights.mismatch * adversary.hinge_mismatch(wrong, both_shown)
        run.backward(sum(terms.values()))
        run.update("discriminator", clip=False)
        return {**terms, "accuracy": adversary.accuracy(fake, real)}

    def _detail_step(self, fake: Tensor, real: Tensor, ink: Tensor, partner_ink: Tensor, run: Run) -> Tensor:
        detail = run.networks["detail"]
        loss = adversary.hinge_discriminator([detail(fake, ink)], [detail(real, partner_ink)])
        run.backward(loss)
        run.update("detail", clip=False)
        return loss

    def _alike(self, draft: Tensor, reference: Tensor, run: Run) -> Tensor:
        critic = run.networks["cooccurrence"]
        with frozen(critic):
            return -critic(*(random_patches(x, run.generator) for x in (draft, reference))).mean()

    def _cooccurrence_step(self, draft: Tensor, reference: Tensor, run: Run) -> Tensor:
        critic = run.networks["cooccurrence"]
        shown, real, fake = (random_patches(x, run.generator) for x in (reference, reference, draft))
        loss = adversary.hinge_discriminator([critic(fake, shown)], [critic(real, shown)])
        run.backward(loss)
        run.update("cooccurrence", clip=False)
        return loss

    # -- what a run leaves --------------------------------------------------------------------------------------------

    def preview(self, run: Run) -> Tensor | None:
        if self.held_out is None:
            return None
        return self.held_out.sheet(run.ema["generator"], self.trunk, self.extractor, run.device)

    def states_in(self, bundle: Bundle) -> dict[str, dict[str, Tensor]]:
        parts = ("content_encoder", "style_encoder", "decoder")
        painter = {f"{part}.{k}": v.float() for part in parts for k, v in bundle.components[part].items()}
        return {"generator": painter, **trained_discriminators()}

    def provenance(self) -> dict[str, Any]:
        return {**super().provenance(), "loss_net": "efficientnet-lite0", "weights": asdict(self.weights)}
