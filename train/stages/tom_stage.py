"""Stage 1, first half: TOM learns to draw from unpaired sketches, leaving snapshots on its way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from evaluation.baselines.hed import VGGTrunk
from evaluation.baselines.sketch_generator import SketchGenerator
from s2i.config import SketchGeneratorConfig
from s2i.machine.atomic_file import atomic_file

from ..critics.gram_critic import GramCritic
from ..engine.stage import Stage
from ..errors import TrainError
from ..losses import tom

if TYPE_CHECKING:
    from ..engine.run import Run


@dataclass(frozen=True)
class TomWeights:
    """The [weights] table; 0 turns a term off. feature, gram, adversarial: the paper's. indecision: against grey wash.
    lead: towards the cached inks of the same picture, so that strokes lie on contours, single and thin."""

    feature: float = 1.5
    gram: float = 1.0
    adversarial: float = 0.3
    indecision: float = 4.0
    lead: float = 0.25


@dataclass(frozen=True)
class TomSchedule:
    """The [schedule] table. tom_from: pictures that only the lead teaches. snapshot_images: between snapshots.
    layers: pools whose Gram matrices are compared, 1 = pool1 (the paper: 2, 3, 4; 4 needs the deeper trunk)."""

    tom_from: int = 900
    snapshot_images: int = 80
    layers: tuple[int, ...] = (1, 2, 3)


class TomStage(Stage):
    """Networks: `generator` and `critic`. trunk: a frozen VGG with as many blocks as `schedule.layers` names.

    snapshots: the folder for the generator's states along the run; they are the different ways to draw.
    """

    name = "tom"
    held_out: Tensor | None = None  # photos (N,3,S,S) for previews

    def __init__(
        self,
        config: SketchGeneratorConfig,
        trunk: VGGTrunk,
        weights: TomWeights | None = None,
        schedule: TomSchedule | None = None,
        learning_rate: float = 5e-4,
        snapshots: Path | None = None,
    ) -> None:
        self.trunk, self.snapshots = trunk, snapshots
        self.weights, self.schedule = weights or TomWeights(), schedule or TomSchedule()
        if len(trunk.blocks) < max(3, *self.schedule.layers):
            raise TrainError(f"the loss net has {len(trunk.blocks)} blocks, [schedule] layers name "
                             f"{max(self.schedule.layers)}: choose shallower layers")
        self.networks = {"generator": SketchGenerator(config), "critic": GramCritic(len(self.schedule.layers))}
        self.optimizers = {
            "generator": torch.optim.Adam(self.networks["generator"].parameters(), learning_rate, betas=(0.5, 0.99)),
            "critic": torch.optim.Adam(self.networks["critic"].parameters(), 2e-4, betas=(0.5, 0.99)),
        }

    def step(self, batch: dict[str, Tensor], run: Run) -> dict[str, Tensor]:
        w, terms = self.weights, {}
        with torch.no_grad():
            seen = self.trunk.pools(batch["image"])
        ink = run.networks["generator"](seen[:3]).float()
        playing = run.samples_seen >= self.schedule.tom_from
        lead = w.lead if playing else 1.0
        if w.lead and batch["lines"].any():
            terms["lead"] = lead * tom.lead_loss(ink, batch["lines"])
        if playing or not terms:
            style, critic_step = self._style_terms(seen, ink, batch["sketch"], run)
            terms |= style
        run.backward(sum(terms.values()))
        run.update("generator")
        if playing:
            terms["critic"] = critic_step()
            self._snapshot(run)
        return {name: value.detach() for name, value in terms.items()}

    def _style_terms(self, seen: Sequence[Tensor], ink: Tensor, sketch: Tensor, run: Run) -> tuple[dict, Any]:
        """The paper's objectives on the features of what was drawn; and a function that teaches the critic."""
        w, layers, critic = self.weights, self.schedule.layers, run.networks["critic"]
        with torch.no_grad():
            real = self.trunk.pools(paper(sketch))
            real_grams = [tom.gram(real[i - 1]) for i in layers]
            scales = [g.square().mean() for g in real_grams]
            target = tom.adain(seen[2], *tom.moments(real[2]))
            real_map = tom.gram_map([g / s.sqrt() for g, s in zip(real_grams, scales, strict=True)])
        drawn = self.trunk.pools(paper(ink))
        grams = [tom.gram(drawn[i - 1]) for i in layers]
        fake_map = tom.gram_map([g / s.sqrt() for g, s in zip(grams, scales, strict=True)])
        terms = {
            "feature": w.feature * tom.feature_loss(drawn[2], target),
            "gram": w.gram * tom.gram_loss(grams, real_grams, scales),
            "indecision": w.indecision * tom.indecision(ink),
        }
        if w.adversarial:
            critic.requires_grad_(False)
            terms["adversarial"] = -w.adversarial * critic(fake_map).mean()
            critic.requires_grad_(True)

        def teach_critic() -> Tensor:
            loss = tom.hinge_critic(critic(real_map), critic(fake_map.detach()))
            run.backward(loss)
            run.update("critic")
            return loss

        return {k: v for k, v in terms.items() if getattr(w, k)}, teach_critic

    def _snapshot(self, run: Run) -> None:
        """Save the generator each time another `snapshot_images` have been seen."""
        period, seen = self.schedule.snapshot_images, len(run.batch["image"]) * run.accelerator.num_processes
        if self.snapshots is None or not period or not run.accelerator.is_main_process:
            return
        if (run.samples_seen + seen) // period == run.samples_seen // period:
            return
        from safetensors.torch import save_file

        self.snapshots.mkdir(parents=True, exist_ok=True)
        path = self.snapshots / f"{run.samples_seen + seen:010d}.safetensors"
        state = {k: v.detach().float().cpu().contiguous() for k, v in run.networks["generator"].state_dict().items()}
        with atomic_file(path) as temporary:
            save_file(state, temporary)

    def preview(self, run: Run) -> Tensor | None:
        if self.held_out is None:
            return None
        photos = self.held_out.to(run.device)
        ink = run.networks["generator"](self.trunk.pools(photos)[:3]).float()
        return torch.cat([torch.cat(list(row), 2) for row in (photos.cpu(), paper(ink).cpu())], 1)

    def provenance(self) -> dict[str, Any]:
        return {**super().provenance(), "weights": asdict(self.weights), "schedule": asdict(self.schedule)}


def paper(ink: Tensor) -> Tensor:
    """ink (B,1,H,W) in [0,1] -> black on white (B,3,H,W) in [-1,1], for a feature net."""
    return (1 - 2 * ink).expand(-1, 3, -1, -1)
