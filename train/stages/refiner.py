"""Stage 3: the adversarial refiner. `accelerate launch -m train.stages.refiner --config FILE`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2i.cli.run_command import run_command
from s2i.config import ModelConfig
from s2i.imaging.brushwork import lay_brushwork, measure_brushwork
from s2i.models.refiner import Refiner
from s2i.pipeline import detail_of, enlarge

from ..engine.loop import train
from ..engine.loop_config import loop_parser
from ..losses.objectives import is_foreign
from .autoencoder import StyleContent, load_autoencoder
from .painting import PaintingStage, read_command

if TYPE_CHECKING:
    from ..engine.run import Run

_STROKES = 6  # cells of brushwork along the side of a crop; a whole picture has `brushwork.CELLS`


@dataclass(frozen=True)
class RefinerWeights:
    """The weight of every objective; 0 turns one off."""

    reconstruction: float = 3.0
    perceptual: float = 1.0
    palette: float = 0.5
    contrast: float = 1.0
    texture: float = 0.3  # Gram matrices: brushwork like the target's, wherever each stroke may lie
    foreign_statistics: float = 0.3
    foreign_palette: float = 1.0
    stay: float = 0.5  # a foreign reference has no target: the low frequencies stay those of the draft
    hidden_strokes: float = 0.0  # on the square of what does not show of the reference's: every other term fades them
    adversarial: float = 0.25
    r1: float = 0.2
    r2: float = 0.2


@dataclass(frozen=True)
class RefinerSchedule:
    """When things begin, in pictures; how often, in steps; and how much larger than the draft the output is."""

    adversarial_from: int = 800
    adversarial_ramp: int = 1600
    foreign_share: float = 0.34
    penalty_every: int = 8
    augment: float = 0.5
    factors: tuple[int, ...] = (1, 2, 2, 4)  # drawn evenly: output size over working size


@dataclass(frozen=True)
class Refined:
    """Pictures (B,3,H,W) in about [-1,1]: the refiner's, the same without the reference's strokes, the draft. hidden:
    a number in [0,1], how much of the strokes beside the lines does not show."""

    output: Tensor
    bare: Tensor
    base: Tensor
    hidden: Tensor


class RefinerStage(PaintingStage):
    """`PaintingStage` whose generator is the refiner. `autoencoder` is frozen and only drafts.

    Samples come at the output's size; the draft is made at 1/factor of it, as the pipeline does.
    """

    name = "refiner"
    facts: dict[str, Any] | None = None  # the auto-encoder's own record

    def __init__(
        self,
        config: ModelConfig,
        autoencoder: StyleContent,
        backbone: nn.Module | None,
        weights: RefinerWeights | None = None,
        schedule: RefinerSchedule | None = None,
        learning_rate: float = 4e-4,
    ) -> None:
        weights, schedule = weights or RefinerWeights(), schedule or RefinerSchedule()
        networks: dict[str, nn.Module] = {"generator": Refiner(config)}
        super().__init__(config, backbone, weights, schedule, networks, learning_rate, momentum=0.0)
        self.autoencoder = autoencoder.eval().requires_grad_(False)

    def paint(self, generator: nn.Module, ink: Tensor, reference: Tensor) -> Tensor:
        return self.refine(generator, ink, reference, 2, torch.Generator().manual_seed(0)).output

    def provenance(self) -> dict[str, Any]:
        return {**super().provenance(), "weights": asdict(self.weights), "autoencoder": self.facts or {}}

    def step(self, batch: dict[str, Tensor], run: Run) -> dict[str, Tensor]:
        s = self.schedule
        foreign = is_foreign(run.step, s.foreign_share)
        adversarial, critic = self.adversary.weight(run.pictures), run.networks["discriminator"]
        image, ink = batch["image"], batch["ink"]
        reference = batch["foreign"] if foreign else batch["reference"]
        factor = s.factors[int(torch.randint(len(s.factors), (), generator=run.generator))]
        made = self.refine(run.networks["generator"], ink, reference, factor, run.generator)
        output, terms = made.output, self._picture_terms(made, image, reference, foreign)
        if self.weights.hidden_strokes and self.config.refiner.brushwork:
            terms["hidden_strokes"] = self.weights.hidden_strokes * made.hidden.square()
        if adversarial:
            terms["adversarial"] = adversarial * self.adversary.generator_term(critic, output, image, ink, run)
        run.backward(sum(terms.values()))
        run.update("generator")
        if adversarial:
            terms |= self.adversary.train_discriminator(critic, output.detach(), image, ink, run)
        return {name: value.detach() for name, value in terms.items()}

    def refine(
        self, refiner: nn.Module, ink: Tensor, reference: Tensor, factor: int, generator: torch.Generator
    ) -> Refined:
        """The ink's size decides; the draft is made at 1/factor of it."""
        size = tuple(ink.shape[-2:])
        with torch.no_grad():
            vectors, tokens, palette = self.autoencoder.encode_style(reference)
            small = F.avg_pool2d(ink, factor) * min(factor, 2) if factor > 1 else ink
            small = small.clamp(0, 1)
            content = self.autoencoder.content_encoder(small)
            # Not matched to the palette, as it will be in use: a crop's own colours are the target, and the refiner
            # would learn to take the matching back.
            draft = self.autoencoder.decoder(content, small, vectors, tokens, palette).clamp(-1, 1)
            base = enlarge(draft, size).to(ink.dtype)
            strokes = self._strokes(reference, base, generator)
        cell = self.config.refiner.stem
        noise = torch.randn(len(ink), 1, size[0] // cell, size[1] // cell, generator=generator).to(ink.device)
        residual, shown = refiner(base, ink, noise, vectors, palette, strokes)
        output, bare = (base + detail_of(x, 2 * _STROKES) for x in (residual + shown, residual))
        return Refined(output, bare, base, _hidden(strokes, shown, ink))

    def _strokes(self, reference: Tensor, base: Tensor, generator: torch.Generator) -> Tensor:
        """The reference as it comes, each patch a third of a crop wide: a crop is a part of a picture."""
        if not self.config.refiner.brushwork:
            return base.new_zeros(len(base), 0)
        side = max(8, min(reference.shape[-2:]) * 2 // _STROKES)
        patches = measure_brushwork(reference.float(), torch.ones_like(reference[:, :1]).float(), side)
        seeds = torch.randint(2**31, (len(base),), generator=generator).tolist()
        return lay_brushwork(patches, base.float(), tuple(base.shape[-2:]), seeds, cells=_STROKES).to(base.dtype)

    def _picture_terms(self, made: Refined, image: Tensor, reference: Tensor, foreign: bool) -> dict[str, Tensor]:
        if not foreign:
            return self.objectives.own(made.output, image, made.bare)
        terms = self.objectives.foreign(made.output, reference)
        if self.weights.stay:
            output, base = (F.avg_pool2d(x, 8) for x in (made.output, made.base))
            terms["stay"] = self.weights.stay * F.l1_loss(output, base)
        return terms

    def _window(self, output: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """The middle half at full detail: texture is what this stage is for, and a quarter of the pixels costs a
        quarter."""
        h, w = output.shape[-2:]
        window = (..., slice(h // 4, h // 4 + h // 2), slice(w // 4, w // 4 + w // 2))
        return output[window], target[window]


def _hidden(strokes: Tensor, shown: Tensor, ink: Tensor) -> Tensor:
    """Of the strokes (B,3,H,W) beside the ink, the share that is not among what shows; 0 where there are none."""
    if strokes.ndim != 4:
        return shown.new_zeros(())
    there = (strokes * (1 - ink)).float().abs().mean()
    return (there - shown.float().abs().mean()) / there.clamp_min(1e-4)


def main() -> None:
    parser = loop_parser("Train the refiner over a frozen auto-encoder.")
    parser.add_argument("--autoencoder", required=True, help="a run's folder, or a checkpoint, of the auto-encoder")
    command = read_command(parser)
    autoencoder, facts = load_autoencoder(command.config, command.arguments.autoencoder)
    stage = RefinerStage(
        command.config,
        autoencoder,
        command.backbone,
        command.table(RefinerWeights, "weights"),
        command.table(RefinerSchedule, "schedule"),
        command.learning_rate,
    )
    stage.samples, stage.held_out = command.data.stream, command.data.preview
    stage.facts = {k: facts.get(k) for k in ("pictures", "step", "minutes", "hardware", "seed", "provenance")}
    stage.facts["loss_net"] = command.loss_net
    train(stage, command.loop)


if __name__ == "__main__":
    run_command(main)
