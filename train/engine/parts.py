"""A trained component on its way into a bundle: its weights, and where they came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from .checkpoints import Checkpoint


@dataclass(frozen=True)
class Part:
    """One component's weights and where they came from."""

    state: dict[str, Tensor]
    facts: dict[str, Any]


def facts_of(checkpoint: Checkpoint) -> dict[str, Any]:
    """What a checkpoint says of its training, as the bundle keeps it."""
    kept = ("samples_seen", "step", "minutes", "hardware", "seed", "batch", "mixed_precision", "torch", "provenance")
    facts = {name: checkpoint.meta[name] for name in kept if name in checkpoint.meta}
    # A refiner's record repeats its painter's; the bundle has that once.
    before = facts.get("provenance", {}).pop("painter", {})
    if before.get("loss_net"):
        facts["provenance"].setdefault("loss_net", before["loss_net"])
    return facts
