"""Dabs of colour read, placed and obeyed; the twin of `imaging.hints`, which says why each step is there."""

from __future__ import annotations

import numpy as np

from ..errors import S2IError
from .pools import max_pool, mean_pool
from .region_facts import sight
from .sizes import resize_area

_BLANK, _LEAST = 0.98, 1e-3
_TINY, _LONGEST, _ROUNDS, _REACH, _NEAR, _LEAK, _WHOLE = 1e-12, 96, 6, 0.1, 30.0, 0.25, 0.6


def hints_from_layer(colour: np.ndarray, alpha: np.ndarray | None) -> np.ndarray:
    """colour (1,3,H,W), alpha (1,1,H,W) or None, in [0,1] -> hints (1,4,H,W): colour in [-1,1], and coverage.

    Raises `S2IError` where everything or nothing is covered.
    """
    if alpha is None or alpha.min() >= 1:
        alpha = (colour.min(1, keepdims=True) < _BLANK).astype(np.float32)
    covered = float(alpha.mean())
    if covered > 0.95:
        raise S2IError("the hints cover the whole picture: paint them on a transparent layer, or on white")
    if covered == 0:
        raise S2IError("there is no colour in the hints: dab some on a transparent layer, or on white")
    return np.concatenate([np.where(alpha > 0, colour * 2 - 1, 0), alpha], 1).astype(np.float32)


def resize_hints(hints: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(1,4,H,W) -> (1,4,*size): colour averaged under its coverage."""
    coverage = resize_area(hints[:, 3:], size)
    return np.concatenate([resize_area(hints[:, :3] * hints[:, 3:], size) / coverage.clip(1e-6), coverage], 1)


def hint_cells(hints: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(1,4,H,W) -> (1,4,*size): each cell's mean colour over what its dabs cover, and how much of it that is."""
    share = mean_pool(hints[:, 3:], size)
    mean = mean_pool(hints[:, :3] * hints[:, 3:], size) / share.clip(_LEAST)
    return np.concatenate([mean, share], 1) * (share > _LEAST)


def obey_hints(draft: np.ndarray, ink: np.ndarray, hints: np.ndarray) -> np.ndarray:
    """draft (1,3,H,W) in [-1,1], ink (1,1,H,W), hints (1,4,H,W) -> draft whose regions take their dabs' colours."""
    if not hints[:, 3:].any():
        return draft
    scale = min(1.0, _LONGEST / max(draft.shape[-2:]))
    size = tuple(max(1, round(n * scale)) for n in draft.shape[-2:])
    colour, coverage = hints[:, :3], hints[:, 3:]
    dabs = mean_pool(np.concatenate([colour * coverage, coverage], 1), size)[0]
    paper = mean_pool((1 - ink).clip(0, 1), size)[0]
    paint = np.concatenate([mean_pool(draft, size)[0] * paper, paper])

    lines = max_pool(ink, size)[0, 0]
    far, near = _SightAverage(lines), _SightAverage(lines, _REACH * max(size))
    dabs_far, dabs_near = far(dabs, _ROUNDS), near(dabs, 2)
    wanted = _ratio(dabs_far + _NEAR * dabs_near)
    seen = dabs_far[3:]
    at_dab = far(seen * dabs[3:], _ROUNDS) / seen.clip(_TINY)
    belief = _smooth((seen / at_dab.clip(_TINY) - _LEAK) / (_WHOLE - _LEAK))
    closeness = dabs_near[3:] / (dabs_near[3:] + seen).clip(_TINY)
    here, there = _ratio(far(paint, _ROUNDS)), _ratio(near(paint, 2))
    shift = belief * (wanted - (here + (there - here) * closeness))
    return (draft + resize_area(shift[None], draft.shape[-2:])).clip(-1, 1).astype(np.float32)


class _SightAverage:
    """Averages along rows and columns of what is seen from each cell, lines (h,w) in the way."""

    def __init__(self, lines: np.ndarray, reach: float | None = None) -> None:
        self.rows, self.columns = (_shares(sight(cells), reach) for cells in (lines, lines.T))

    def __call__(self, values: np.ndarray, rounds: int) -> np.ndarray:
        """(C,h,w) -> (C,h,w)."""
        x = values.transpose(1, 2, 0)
        for _ in range(rounds):
            x = np.matmul(self.rows, x).transpose(1, 0, 2)
            x = np.matmul(self.columns, x).transpose(1, 0, 2)
        return x.transpose(2, 0, 1)


def _shares(seen: np.ndarray, reach: float | None) -> np.ndarray:
    if reach is not None:
        place = np.arange(seen.shape[-1], dtype=np.float32)
        seen = seen * np.exp(-np.abs(place[:, None] - place) / np.float32(reach))
    return seen / seen.sum(-1, keepdims=True)


def _ratio(weighted: np.ndarray) -> np.ndarray:
    return weighted[:3] / weighted[3:].clip(_TINY)


def _smooth(x: np.ndarray) -> np.ndarray:
    x = x.clip(0, 1)
    return x * x * (3 - 2 * x)
