"""What is painted for a test set: which drawing after which reference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .testsets.rendering import TestSet

OWN, UNPAIRED, DRAWINGS, DOODLES = "own", "unpaired", "drawings", "doodles"


@dataclass(frozen=True)
class Task:
    """Drawing k is painted after picture reference[k] of the test set. inks (K,S,S). target (K,): the picture that the
    drawing was made of, -1 where there is none. books (K,): what the bootstrap draws together, the target's book or,
    without a target, the reference's."""

    inks: np.ndarray
    reference: np.ndarray
    target: np.ndarray
    books: np.ndarray

    def __len__(self) -> int:
        return len(self.inks)


def plan_tasks(testset: TestSet) -> dict[str, Task]:
    """own: every inked picture after itself; unpaired: after a picture of another book in its fold; drawings and
    doodles: after an inked picture, each serving about equally often."""
    drawn = testset.drawn
    return {
        OWN: Task(testset.inks, drawn, drawn, testset.books[drawn]),
        UNPAIRED: Task(testset.inks, _others(testset), drawn, testset.books[drawn]),
        DRAWINGS: _without_target(testset.drawings, testset),
        DOODLES: _without_target(testset.doodles, testset),
    }


def _others(testset: TestSet) -> np.ndarray:
    """For every inked picture one of its fold by another book: the one half the fold further on, or the next."""
    chosen = []
    for i in testset.drawn:
        fold = [j for j in testset.drawn if testset.folds[j] == testset.folds[i]]
        start = fold.index(i) + len(fold) // 2
        order = [fold[(start + step) % len(fold)] for step in range(len(fold))]
        # Where a fold has one book only, any other picture.
        fitting = [j for j in order if testset.books[j] != testset.books[i]] or [j for j in order if j != i] or [i]
        chosen.append(fitting[0])
    return np.array(chosen)


def _without_target(drawings: np.ndarray, testset: TestSet) -> Task:
    # A step that shares no factor with the count visits all of them, near ones far apart.
    drawn, count = testset.drawn, len(testset.drawn)
    step = next(s for s in range(max(1, round(count * 0.618)), 2 * count + 2) if np.gcd(s, count) == 1)
    reference = drawn[np.arange(len(drawings)) * step % count]
    return Task(drawings, reference, np.full(len(drawings), -1), testset.books[reference])
