"""What the loop needs to know about a training stage."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from torch import Tensor, nn
from torch.optim import Optimizer

from ..errors import TrainError

if TYPE_CHECKING:
    from s2i.bundle import Bundle

    from .run import Run


class Samples(Protocol):
    """An endless stream of training samples, as `train.data.stream.SampleStream` is one."""

    def batches(self, start: int, rank: int, world: int) -> Iterator[dict[str, Tensor]]:
        """Batches for process `rank` of `world`, from sample number `start` on."""

    def provenance(self) -> dict[str, Any]:
        """JSON facts about the data."""


class Stage(ABC):
    """One stage of training: its networks, their optimisers, where its batches come from, and one step.

    name: the stage's name in checkpoints. networks: what is trained. averaged: the networks that an exponential
    average is kept for. optimizers: one or more; `run.update(name)` names them. samples: the stream of training
    samples, set by whoever builds the stage.

    Frozen modules (a loss net, an earlier stage) may be plain attributes; the loop moves them to the device.
    Everything random in a step draws from `run.generator` or from torch's global generator: both are alike on every
    process and part of the checkpoint. Losses are means over the batch, so that batches can be split.
    """

    name: str
    networks: dict[str, nn.Module]
    averaged: tuple[str, ...] = ()
    optimizers: dict[str, Optimizer]
    samples: Samples

    def stream(self, start: int, rank: int, world: int) -> Iterable[dict[str, Tensor]]:
        """Batches for process `rank` of `world`, from sample number `start` on, without end."""
        return self.samples.batches(start, rank, world)

    @abstractmethod
    def step(self, batch: dict[str, Tensor], run: Run) -> dict[str, Tensor]:
        """Learn from one batch through `run.backward` and `run.update`; -> named scalars to log.

        Runs once per batch; with gradient accumulation several times per `run.step`, and `run.update` waits for the
        last. A network must be frozen (`requires_grad_(False)`) while another's loss passes through it.
        """

    def preview(self, run: Run) -> Tensor | None:
        """A sheet (3,H,W) in [-1,1] from `run.ema` on fixed held-out inputs; None where there is nothing to show."""
        return None

    def states_in(self, bundle: Bundle) -> dict[str, dict[str, Tensor]]:
        """What a new run can start from in a bundle that s2i loads: state dicts by network."""
        raise TrainError(f"the stage {self.name!r} cannot start from a bundle: give a checkpoint")

    def provenance(self) -> dict[str, Any]:
        """JSON facts about the data and the loss nets, kept in every checkpoint and in the bundle."""
        samples = getattr(self, "samples", None)
        return samples.provenance() if samples is not None else {}

    def frozen(self) -> list[nn.Module]:
        """Modules that are used but not trained."""
        return [value for value in vars(self).values() if isinstance(value, nn.Module)]
