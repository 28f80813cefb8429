"""WebDataset shards: sets that do not fit one disk, streamed and split over processes and workers."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from ..errors import TrainError
from .artists import artist_of
from .ink_cache import read_ink
from .pictures import Record, decode
from .stream import MakeSample, plain_errors, quiet_worker

_PICTURES = ("jpg", "jpeg", "png", "webp")


def shard_paths(pattern: str) -> list[str]:
    """A folder of .tar files, or a brace pattern such as "http://host/set-{0000..0099}.tar"."""
    folder = Path(pattern)
    if folder.is_dir():
        paths = sorted(str(p) for p in folder.glob("*.tar"))
    else:
        from braceexpand import braceexpand

        paths = sorted(braceexpand(pattern))
    if not paths:
        raise TrainError(f"there are no .tar shards in {pattern}")
    return paths


@dataclass
class ShardStream:
    """Batches from shards, in place of a `SampleStream`. Put it in `stage.samples`.

    A shard holds `KEY.jpg` (or .png, .webp) and, optionally, inks `KEY.<variant>.ink.png`, black on white. Each
    worker of each process reads its own shards (so there should be at least as many as process x workers), `chunk`
    pictures at a time; make(records) -> the function that makes samples from a chunk, and
    `passes` samples per picture are drawn before the next chunk. The order is shuffled anew in every pass over the
    shards, by `seed` alone. A resumed run with the same processes and workers goes on with the same samples; it
    reads, but does not decode, what it skips.

    Sample entries "index" and "foreign_index" count within a chunk; they become numbers in 0..count-1 made from the
    pictures' keys, alike on every process.
    """

    shards: Sequence[str]
    make: Callable[[Sequence[Record]], MakeSample]
    seed: int = 0
    batch: int = 16
    workers: int = 2
    short_side: int = 384
    chunk: int = 256
    passes: int = 4
    count: int = 1 << 20
    facts: dict[str, Any] = field(default_factory=dict)

    def batches(self, start: int = 0, rank: int = 0, world: int = 1) -> Iterator[dict[str, Tensor]]:
        """As `SampleStream.batches`; start is a multiple of batch x world."""
        loader = DataLoader(
            _Lanes(self, start // (self.batch * world), rank, world),
            batch_size=None,
            num_workers=self.workers,
            worker_init_fn=quiet_worker,
            prefetch_factor=2 if self.workers else None,
            generator=torch.Generator(),
        )
        return plain_errors(iter(loader))

    def provenance(self) -> dict[str, Any]:
        names = hashlib.sha256("\n".join(Path(s).name for s in self.shards).encode()).hexdigest()
        return {"shards": len(self.shards), "shard_names_sha256": names, **self.facts}

    def first_records(self, count: int) -> list[Record]:
        """The first pictures of the first shards, for previews."""
        records = (self._record(member) for member in _members(list(self.shards)))
        found = list(islice((r for r in records if r is not None), count))
        if not found:
            raise TrainError(f"there are no usable pictures in {self.shards[0]} and what follows it")
        return found

    # -- one lane: what one worker of one process reads -------------------------------------------------------------

    def lane(self, number: int, lanes: int, skip: int) -> Iterator[dict[str, Tensor]]:
        """The samples of lane `number` from sample `skip` on, without end."""
        mine = list(self.shards)[number::lanes]
        if not mine:
            raise TrainError(f"{len(self.shards)} shards cannot be split over {lanes} readers: use fewer workers")
        made = 0
        for number_of_chunk, members in enumerate(self._chunks(mine, number)):
            size = len(members) * self.passes
            if made + size <= skip:
                made += size
                continue
            records = [r for r in map(self._record, members) if r is not None]
            if not records:
                raise TrainError(f"no picture in a chunk of {len(members)} could be decoded: {mine[0]} is damaged")
            keys = torch.tensor([int(r.key[:12], 16) % self.count for r in records])
            make = self.make(records)
            for i in range(max(0, skip - made), size):
                sample = make(records, i, np.random.default_rng([self.seed, number, number_of_chunk, i]))
                renamed = {k: keys[sample[k]] for k in ("index", "foreign_index") if k in sample}
                yield {**sample, **renamed, "sample": torch.tensor(made + i)}
            made += size

    def _chunks(self, shards: list[str], lane: int) -> Iterator[list[dict[str, Any]]]:
        """Undecoded members, `chunk` at a time, in a new order of shards each time round."""
        held: list[dict[str, Any]] = []
        turn = 0
        while True:
            order = np.random.default_rng([self.seed, lane, turn]).permutation(len(shards))
            seen = 0
            for member in _members([shards[i] for i in order]):
                seen += 1
                held.append(member)
                if len(held) == self.chunk:
                    yield held
                    held = []
            if not seen:
                raise TrainError(f"there are no pictures in {shards[0]}" + " and others" * (len(shards) > 1))
            if held:
                yield held
                held = []
            turn += 1

    def _record(self, member: dict[str, Any]) -> Record | None:
        """None where the picture is damaged: one bad file does not end a run over a million."""
        data = next(member[k] for k in _PICTURES if k in member)
        try:
            image = decode(io.BytesIO(data), self.short_side)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            return None
        variants = sorted(k for k in member if k.endswith("ink.png"))
        if variants:
            inks = np.stack([read_ink(io.BytesIO(member[k]), image.shape[:2]) for k in variants])
        else:
            inks = np.zeros((0, *image.shape[:2]), np.uint8)
        return Record(hashlib.sha256(data).hexdigest(), image, inks, artist_of(Path(member["__key__"])))


class _Lanes(IterableDataset):
    """Worker w of W on process r of R reads lane r * W + w of R * W. The loader asks its workers in turn, from worker
    0; where a resumed run is not at a round number, the lanes turn with it."""

    def __init__(self, stream: ShardStream, done: int, rank: int, world: int) -> None:
        self.stream, self.done, self.rank, self.world = stream, done, rank, world

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        info = get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        worker = (worker + self.done) % workers
        before = len(range(worker, self.done, workers))
        lane, batch = self.rank * workers + worker, self.stream.batch
        samples = self.stream.lane(lane, self.world * workers, before * batch)
        while True:
            made = [next(samples) for _ in range(batch)]
            yield {key: torch.stack([m[key] for m in made]) for key in made[0]}


def _members(shards: list[str]) -> Iterator[dict[str, Any]]:
    """The pictures of shards, each with its inks; what is not a picture is passed over."""
    import webdataset

    dataset = webdataset.WebDataset(shards, shardshuffle=False, nodesplitter=None, workersplitter=None,
                                    empty_check=False)
    for member in dataset:
        if any(k in member for k in _PICTURES):
            yield member
