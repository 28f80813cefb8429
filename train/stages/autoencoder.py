"""Stage 2: the self-supervised auto-encoder. `accelerate launch -m train.stages.autoencoder --config FILE`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2i.cli.run_command import run_command
from s2i.config import ModelConfig
from s2i.models.content_encoder import ContentEncoder
from s2i.models.decoder import Decoder
from s2i.models.style_encoder import StyleEncoder

from ..engine.checkpoints import find_checkpoint
from ..engine.loop import train
from ..engine.loop_config import loop_parser
from ..losses import terms as losses
from ..losses.identity import RollingIdentity
from ..losses.objectives import is_foreign
from .painting import PaintingStage, read_command

if TYPE_CHECKING:
    from ..engine.run import Run


@dataclass(frozen=True)
class AutoencoderWeights:
    """The weight of every objective; 0 turns one off and its computation with it."""

    reconstruction: float = 8.0
    perceptual: float = 1.0
    contrast: float = 0.4
    palette: float = 0.2
    texture: float = 0.0  # Gram matrices: a draft without noise has nothing to make them of
    out_of_range: float = 1.0
    foreign_statistics: float = 0.5
    foreign_palette: float = 1.0
    edge: float = 0.5
    content_triplet: float = 0.2
    style_triplet: float = 0.2
    instance: float = 0.05
    mutual_information: float = 0.02
    adversarial: float = 0.1
    r1: float = 0.2
    r2: float = 0.2


@dataclass(frozen=True)
class AutoencoderSchedule:
    """When things begin, in pictures seen, and how often costly terms are computed, in steps."""

    foreign_from: int = 8000
    foreign_share: float = 0.25
    adversarial_from: int = 60000
    adversarial_ramp: int = 4000
    auxiliary_every: int = 8  # triplets, instance classification, mutual information
    penalty_every: int = 8  # R1 and R2
    token_dropout: float = 0.3
    classes: int = 64
    class_period: int = 6400
    augment: float = 0.6  # strength of DiffAugment


class StyleContent(nn.Module):
    """The trained part as one module: (ink, reference) -> draft, and the codes on the way."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.content_encoder = ContentEncoder(config)
        self.style_encoder = StyleEncoder(config)
        self.decoder = Decoder(config)

    def encode_style(self, reference: Tensor) -> tuple[list[Tensor], Tensor, Tensor]:
        return self.style_encoder(reference, reference.new_ones(len(reference), 1, *reference.shape[-2:]))

    def forward(
        self, ink: Tensor, reference: Tensor, keep_tokens: Tensor | None = None, other_ink: Tensor | None = None
    ) -> tuple[Tensor, list[Tensor], list[Tensor], list[Tensor] | None]:
        """-> draft, content features, style vectors, content features of `other_ink`. One call, so that wrappers
        which synchronise gradients see all of it."""
        vectors, tokens, palette = self.encode_style(reference)
        if keep_tokens is not None and tokens.shape[1]:
            tokens = tokens[:, keep_tokens]
        content = self.content_encoder(ink)
        draft = self.decoder(content, ink, vectors, tokens, palette)
        return draft, content, vectors, None if other_ink is None else self.content_encoder(other_ink)


class AutoencoderStage(PaintingStage):
    """`PaintingStage`, and the network `identity`. See the module docstrings of losses and samples."""

    name = "autoencoder"
    loss_net = "none"  # the backbone's name, for the record

    def __init__(
        self,
        config: ModelConfig,
        backbone: nn.Module | None,
        pictures_in_set: int,
        weights: AutoencoderWeights | None = None,
        schedule: AutoencoderSchedule | None = None,
        learning_rate: float = 4e-4,
    ) -> None:
        self.count = pictures_in_set
        weights, schedule = weights or AutoencoderWeights(), schedule or AutoencoderSchedule()
        classes = min(schedule.classes, pictures_in_set)
        identity = RollingIdentity(config.style_dims[0], config.widths[-1], classes, schedule.class_period)
        networks = {"generator": StyleContent(config), "identity": identity}
        super().__init__(config, backbone, weights, schedule, networks, learning_rate, momentum=0.5)

    def paint(self, generator: nn.Module, ink: Tensor, reference: Tensor) -> Tensor:
        return generator(ink, reference)[0]

    def provenance(self) -> dict[str, Any]:
        return {**super().provenance(), "loss_net": self.loss_net, "weights": asdict(self.weights)}

    # -- one step ---------------------------------------------------------------------------------------------------

    def step(self, batch: dict[str, Tensor], run: Run) -> dict[str, Tensor]:
        s = self.schedule
        foreign = run.samples_seen >= s.foreign_from and is_foreign(run.step, s.foreign_share)
        adversarial, critic = self.adversary.weight(run.samples_seen), run.networks["discriminator"]
        auxiliary = run.step % s.auxiliary_every == 0 and not foreign
        image, ink = batch["image"], batch["ink"]
        reference = batch["foreign"] if foreign else batch["reference"]
        output, content, vectors, other = run.networks["generator"](
            ink, reference, self._kept_tokens(run), batch["other_ink"] if auxiliary else None
        )
        terms = self._picture_terms(output, image, reference, ink, foreign)
        if auxiliary:
            terms |= self._code_terms(batch, content, other, vectors, run)
        if adversarial:
            terms["adversarial"] = adversarial * self.adversary.generator_term(critic, output, image, ink, run)
        run.backward(sum(terms.values()))
        run.update("generator")
        if auxiliary:
            terms["classifier"] = self._classifier_step(batch, content, vectors, run)
        if adversarial:
            terms |= self.adversary.train_discriminator(critic, output.detach(), image, ink, run)
        return {name: value.detach() for name, value in terms.items()}

    def _kept_tokens(self, run: Run) -> Tensor | None:
        """Drop some style tokens, so that none can be relied on to carry a layout."""
        count = self.config.tokens
        if not count or not self.schedule.token_dropout:
            return None
        drop = torch.rand((), generator=run.generator).item() * 2 * self.schedule.token_dropout
        return torch.randperm(count, generator=run.generator)[: max(1, round(count * (1 - drop)))]

    # -- objectives -------------------------------------------------------------------------------------------------

    def _picture_terms(
        self, output: Tensor, image: Tensor, reference: Tensor, ink: Tensor, foreign: bool
    ) -> dict[str, Tensor]:
        w = self.weights
        terms = self.objectives.foreign(output, reference) if foreign else self.objectives.own(output, image)
        if w.out_of_range:
            terms["range"] = w.out_of_range * losses.out_of_range(output)
        if w.edge and foreign:
            terms["edge"] = w.edge * losses.edge_consistency(output, ink, image)
        return terms

    def _window(self, output: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """Half of the batch at half of its size: the whole would cost two thirds of the speed on a CPU."""
        half = max(1, len(output) // 2)
        return F.avg_pool2d(output[:half], 2), F.avg_pool2d(target[:half], 2)

    def _code_terms(
        self,
        batch: dict[str, Tensor],
        content: list[Tensor],
        other: list[Tensor] | None,
        vectors: list[Tensor],
        run: Run,
    ) -> dict[str, Tensor]:
        w, terms = self.weights, {}
        identity = run.networks["identity"]
        identity = getattr(identity, "module", identity)
        # The next picture of the batch that is another picture: chosen by number, never merely by place.
        negative = different_partner(batch["index"])
        if w.content_triplet and other is not None:
            far = [c[negative] for c in content]
            terms["content_triplet"] = w.content_triplet * losses.content_triplet(content, other, far)
        if w.style_triplet:
            generator = run.networks["generator"]
            near = getattr(generator, "module", generator).encode_style(batch["image"])[0]
            far = [v[negative] for v in near]
            terms["style_triplet"] = w.style_triplet * losses.style_triplet(vectors, near, far)
        if w.instance:
            labels = identity.labels(batch["index"], self.count)
            logits = identity.of_style(vectors[0], frozen=True)
            terms["instance"] = w.instance * losses.instance_classification(logits, labels)
        if w.mutual_information:
            logits = identity.of_content(content[-1], frozen=True)
            terms["mutual_information"] = w.mutual_information * losses.mutual_information(logits)
        return terms

    def _classifier_step(
        self, batch: dict[str, Tensor], content: list[Tensor], vectors: list[Tensor], run: Run
    ) -> Tensor:
        """Teach both heads on detached features: they are judges, and the encoders answer to them above."""
        identity = run.networks["identity"]
        bare = getattr(identity, "module", identity)
        if bare.roll(run.samples_seen):
            self.optimizers["identity"].state.clear()
        labels = bare.labels(batch["index"], self.count)
        loss = losses.instance_classification(bare.of_style(vectors[0].detach(), frozen=False), labels)
        loss = loss + losses.instance_classification(bare.of_content(content[-1].detach(), frozen=False), labels)
        run.backward(loss)
        run.update("identity")
        return loss


def different_partner(index: Tensor) -> Tensor:
    """For each sample the nearest later one (cyclically) of another picture: a true derangement of pictures. (B,)."""
    same = index[:, None] == index[None, :]
    order = torch.arange(len(index), device=index.device)
    distance = (order[None, :] - order[:, None]) % len(index)
    return torch.where(same, len(index) + distance, distance).argmin(1)


def load_autoencoder(config: ModelConfig, path: str) -> tuple[StyleContent, dict[str, Any]]:
    """The averaged auto-encoder of a checkpoint, or of the newest in a run's folder; and the checkpoint's facts."""
    checkpoint = find_checkpoint(Path(path), path)
    net = StyleContent(config)
    net.load_state_dict(checkpoint.part("ema.generator"))
    return net, checkpoint.meta


def main() -> None:
    command = read_command(loop_parser("Train the auto-encoder: content from the ink, style from a reference."))
    stage = AutoencoderStage(
        command.config,
        command.backbone,
        command.data.count,
        command.table(AutoencoderWeights, "weights"),
        command.table(AutoencoderSchedule, "schedule"),
        command.learning_rate,
    )
    stage.samples, stage.held_out, stage.loss_net = command.data.stream, command.data.preview, command.loss_net
    train(stage, command.loop)


if __name__ == "__main__":
    run_command(main)
