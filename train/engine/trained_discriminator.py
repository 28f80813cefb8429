"""The discriminator that ships: what training goes on with where it begins from a bundle, which holds none.

One that starts from nothing takes thousands of pictures to tell paintings from reliefs, and a painter tuned for ten
minutes without it forgets its brushwork.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from s2i.machine.atomic_file import atomic_file

from ..errors import TrainError
from .checkpoints import Checkpoint

SHIPPED = Path(__file__).parents[1] / "weights" / "art_discriminator.safetensors"


def trained_discriminator() -> dict[str, Tensor]:
    """Its state in float32; {} in a copy of the project that was made without it."""
    if not SHIPPED.is_file():
        return {}
    return {name: value.float() for name, value in load_file(SHIPPED).items()}


def save_discriminator(painter: Checkpoint, path: Path) -> None:
    """A painter's discriminator in half precision. Raises `TrainError` where its run had none."""
    state = {name: value.to(torch.bfloat16) for name, value in painter.part("networks.discriminator").items()}
    if not state:
        raise TrainError(f"{painter.path} has no discriminator: [weights] adversarial was 0")
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(path) as temporary:
        save_file(state, temporary)
