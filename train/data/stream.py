"""The endless stream of training samples. Pictures come from `pictures.py` or `shards.py`."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from ..errors import TrainError
from .pictures import Record

MakeSample = Callable[[Sequence[Record], int, Generator], dict[str, Tensor]]


@dataclass
class SampleStream:
    """An endless stream of samples; sample i is make_sample(dataset, i, rng) with rng seeded by (seed, i) alone.

    So the data position is one number, and a resumed run, more workers or more processes see the same samples.
    batch: per process. blocks: sizes of consecutive batches over all processes, in turn, where not all are alike;
    the first is then batch times the processes. Process r of R takes every i with i % R == r. Batches hold what the
    samples hold, stacked, and "sample" (B,) int64, the numbers themselves.
    """

    dataset: Sequence[Record]
    make_sample: MakeSample
    seed: int = 0
    batch: int = 16
    workers: int = 2
    facts: dict[str, Any] = field(default_factory=dict)
    blocks: tuple[int, ...] = ()

    def sample(self, i: int) -> dict[str, Tensor]:
        made = self.make_sample(self.dataset, i, np.random.default_rng([self.seed, i]))
        return {**made, "sample": torch.tensor(i)}

    def batches(self, start: int = 0, rank: int = 0, world: int = 1) -> Iterator[dict[str, Tensor]]:
        """Start is a sample number over all processes, a multiple of `world`."""
        loader = DataLoader(
            _Samples(self),
            batch_sampler=_InTurn(self._sizes(world), start, rank, world, aligned=bool(self.blocks)),
            num_workers=self.workers,
            worker_init_fn=quiet_worker,
            prefetch_factor=4 if self.workers else None,
            pin_memory=torch.cuda.is_available(),
            generator=torch.Generator(),  # a loader otherwise draws from the global generator, once per start
        )
        return plain_errors(iter(loader))

    def _sizes(self, world: int) -> tuple[int, ...]:
        """Of one process's consecutive batches, in turn."""
        if not self.blocks:
            return (self.batch,)
        if self.batch * world != self.blocks[0] or any(block % world for block in self.blocks):
            turns = " and ".join(map(str, self.blocks))
            raise TrainError(f"batches of {turns} in turn cannot be shared by {world} processes with [loop] batch = "
                             f"{self.batch}: batch times the processes must be {self.blocks[0]}")
        return tuple(block // world for block in self.blocks)

    def provenance(self) -> dict[str, Any]:
        """What the data was: the data set's own account where it has one."""
        account = getattr(self.dataset, "provenance", None)
        return {**(account() if account else {"pictures": len(self.dataset)}), **self.facts}


def plain_errors(batches: Iterator[dict[str, Tensor]]) -> Iterator[dict[str, Tensor]]:
    """What a worker raised, without the worker's traceback around it. Closing this ends the workers."""
    try:
        while True:
            try:
                yield next(batches)
            except StopIteration:
                return
            except TrainError as error:
                error.__traceback__ = None  # its frames would hold the loader, and that its workers, for as long
                last = str(error).strip().splitlines()[-1]
                raise TrainError(last.split("TrainError: ", 1)[-1]) from error
    finally:
        del batches


@dataclass(frozen=True)
class _InTurn(Sampler[list[int]]):
    """The numbers of each batch of one process, without end. aligned: a block that was begun is finished first, so that
    a number is always in the same block."""

    sizes: tuple[int, ...]
    start: int
    rank: int
    world: int
    aligned: bool

    def __iter__(self) -> Iterator[list[int]]:
        done = self.start // self.world % sum(self.sizes) if self.aligned else 0
        number = self.start + self.rank
        for size in cycle(self.sizes):
            left, done = max(0, size - done), max(0, done - size)
            if left:
                yield [number + k * self.world for k in range(left)]
                number += left * self.world


class _Samples(Dataset):
    def __init__(self, stream: SampleStream) -> None:
        self.stream = stream

    def __getitem__(self, i: int) -> dict[str, Tensor]:
        return self.stream.sample(i)


def quiet_worker(number: int) -> None:
    """One thread each, and stopping is the main process's to decide: signals often go to the whole group, and a
    checkpoint needs its workers to the end. A second SIGTERM is meant for the worker itself and ends it."""
    torch.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: signal.signal(signal.SIGTERM, signal.SIG_DFL))
