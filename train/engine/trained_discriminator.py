"""The discriminators that ship: what training goes on with where it begins from a bundle, which holds none.

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


NAMES = ("discriminator", "detail")  # of the painter stage's networks


def trained_discriminators() -> dict[str, dict[str, Tensor]]:
    """The state of each, in float32; {} in a copy of the project that was made without them."""
    if not SHIPPED.is_file():
        return {}
    state = load_file(SHIPPED)
    return {network: {name.removeprefix(f"{network}."): value.float()
                      for name, value in state.items() if name.startswith(f"{network}.")} for network in NAMES}


def save_discriminators(painter: Checkpoint, path: Path) -> None:
    """A painter's discriminators in half precision. Raises `TrainError` where its run had none."""
    state = {f"{network}.{name}": value.to(torch.bfloat16)
             for network in NAMES for name, value in painter.part(f"networks.{network}").items()}
    if not state:
        raise TrainError(f"{painter.path} has no discriminator: [weights] adversarial was 0")
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(path) as temporary:
        save_file(state, temporary)
