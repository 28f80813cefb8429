"""Every random state that training touches, as tensors that fit a checkpoint."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor


def seed_everything(seed: int) -> torch.Generator:
    """Seed python, numpy and torch alike on every process; -> the run's own generator, on the CPU."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
    return torch.Generator().manual_seed(seed + 1)


def random_states(generator: torch.Generator) -> dict[str, Tensor]:
    """The states of `generator`, torch (and its accelerators), numpy and python."""
    _, keys, position, has_gauss, gauss = np.random.get_state()
    version, internal, normal = random.getstate()
    states = {
        "run": generator.get_state(),
        "torch": torch.get_rng_state(),
        "numpy": torch.from_numpy(np.append(keys.astype(np.int64), [position, has_gauss])),
        "numpy_gauss": torch.tensor([gauss], dtype=torch.float64),
        "python": torch.tensor([version, *internal], dtype=torch.int64),
        "python_gauss": torch.tensor([normal is not None, normal or 0.0], dtype=torch.float64),
    }
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state()
    return states


def restore_random_states(states: dict[str, Tensor], generator: torch.Generator) -> None:
    """Undo `random_states`."""
    generator.set_state(states["run"])
    torch.set_rng_state(states["torch"])
    *keys, position, has_gauss = states["numpy"].tolist()
    gauss = states["numpy_gauss"].item()
    np.random.set_state(("MT19937", np.array(keys, np.uint32), position, has_gauss, gauss))
    version, *internal = states["python"].tolist()
    has_normal, normal = states["python_gauss"].tolist()
    random.setstate((version, tuple(internal), normal if has_normal else None))
    if "cuda" in states and torch.cuda.is_available():
        torch.cuda.set_rng_state(states["cuda"])


@contextmanager
def undisturbed(generator: torch.Generator) -> Iterator[None]:
    """Whatever is drawn inside leaves no trace: previews come by the clock and must not change the run."""
    states = random_states(generator)
    try:
        yield
    finally:
        restore_random_states(states, generator)
