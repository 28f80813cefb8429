"""Who does what: the same list of work, divided alike by every process without a word between them."""

from __future__ import annotations

import heapq
import os
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import S2IError

# Open MPI's names second: accelerate starts several CPU processes through it, and it sets no others.
_NAMES = (
    ("0", ("RANK", "OMPI_COMM_WORLD_RANK")),
    ("1", ("WORLD_SIZE", "OMPI_COMM_WORLD_SIZE")),
    ("0", ("LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_RANK")),
)


@dataclass(frozen=True)
class Process:
    """Process `rank` of `world`, the `local`-th on its machine, as accelerate, torchrun or mpirun say it."""

    rank: int = 0
    world: int = 1
    local: int = 0

    @classmethod
    def here(cls) -> Process:
        """Raises `S2IError` where the environment contradicts itself."""
        values = [next((os.environ[n] for n in names if os.environ.get(n)), default) for default, names in _NAMES]
        if not all(value.isdigit() for value in values):
            raise S2IError(f"RANK, WORLD_SIZE and LOCAL_RANK must be numbers, found {', '.join(values)}")
        rank, world, local = map(int, values)
        if not 0 <= rank < world:
            raise S2IError(f"RANK is {rank} of WORLD_SIZE {world}: start through accelerate launch, or unset both")
        return cls(rank, world, local)


def shares(weights: Sequence[float], parts: int) -> list[list[int]]:
    """Indices of the weighted pieces of work for each of `parts`, each list in order.

    Longest processing time first (Graham 1969): the heaviest piece goes to whoever has least. The heaviest share is at
    most 4/3 of the best possible, and equal inputs give equal shares on every machine.
    """
    loads = [(0.0, part) for part in range(parts)]
    taken: list[list[int]] = [[] for _ in range(parts)]
    for index in sorted(range(len(weights)), key=lambda i: (-weights[i], i)):
        load, part = heapq.heappop(loads)
        taken[part].append(index)
        heapq.heappush(loads, (load + weights[index], part))
    return [sorted(part) for part in taken]
