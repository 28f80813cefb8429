"""Stage 1, second half: one small network learns to draw as every teacher does, each under its own variant code."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor

from s2i.config import ExtractorConfig
from s2i.models.sketch_extractor import SketchExtractor

from ..engine.stage import Stage

if TYPE_CHECKING:
    from ..engine.run import Run


@dataclass(frozen=True)
class ExtractorWeights:
    """The [weights] table of the distillation. line: how much more a pixel on a line counts. overlap: 1 - Dice."""

    cross_entropy: float = 3.0
    line: float = 2.0
    overlap: float = 0.3


def field_loss(logits: Tensor, field: Tensor, weights: ExtractorWeights) -> dict[str, Tensor]:
    """How far a predicted field (B,1,H,W, before its sigmoid) is from the teacher's: cross-entropy, whose minimum is
    the field itself wherever all pixels weigh alike, and one minus each picture's Dice coefficient."""
    logits, drawn = logits.float(), torch.sigmoid(logits.float())
    cross = F.binary_cross_entropy_with_logits(logits, field, reduction="none") * (1 + weights.line * field)
    both, own, taught = (drawn * field).sum((1, 2, 3)), drawn.square().sum((1, 2, 3)), field.square().sum((1, 2, 3))
    overlap = 1 - (2 * both + 1) / (own + taught + 1)
    return {"field": weights.cross_entropy * cross.mean(), "overlap": weights.overlap * overlap.mean()}


class DistilStage(Stage):
    """Network: `extractor` (averaged). Batches: image, field, variant; see `ExtractorSampleMaker`."""

    name = "distil"
    averaged = ("extractor",)
    held_out: Tensor | None = None  # photos (N,3,S,S) for previews

    def __init__(
        self, config: ExtractorConfig, weights: ExtractorWeights | None = None, learning_rate: float = 2e-3
    ) -> None:
        self.config, self.weights = config, weights or ExtractorWeights()
        self.networks = {"extractor": SketchExtractor(config)}
        self.optimizers = {
            "extractor": torch.optim.AdamW(
                self.networks["extractor"].parameters(), learning_rate, betas=(0.9, 0.99), weight_decay=1e-3
            )
        }

    def step(self, batch: dict[str, Tensor], run: Run) -> dict[str, Tensor]:
        logits = run.networks["extractor"].logits(batch["image"], batch["variant"])
        terms = field_loss(logits, batch["field"], self.weights)
        run.backward(sum(terms.values()))
        run.update("extractor")
        return {name: value.detach() for name, value in terms.items()}

    def preview(self, run: Run) -> Tensor | None:
        """Photos, and up to six variants from first to last."""
        if self.held_out is None:
            return None
        photos, net = self.held_out.to(run.device), run.ema["extractor"]
        rows = [photos.float().cpu()]
        for k in torch.linspace(0, self.config.variants - 1, min(6, self.config.variants)).round().long().tolist():
            code = F.one_hot(torch.full((len(photos),), k), self.config.variants).to(photos)
            ink = net(photos, code, torch.ones(len(photos), device=photos.device)).float().cpu()
            rows.append((1 - 2 * ink).expand(-1, 3, -1, -1))
        return torch.cat([torch.cat(list(row), 2) for row in rows], 1)

    def provenance(self) -> dict[str, Any]:
        return {**super().provenance(), "extractor": asdict(self.config), "weights": asdict(self.weights)}
