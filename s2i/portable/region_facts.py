"""What a drawing says across its whole sheet; the twin of `imaging.regions`, which says what the numbers mean."""

from __future__ import annotations

import numpy as np

from .pools import max_pool
from .sizes import resize_area

_CELLS = (4, 2, 1)
_LONGEST, _OPAQUE, _HIDDEN, _ROUNDS = 64, 12.0, 16.0, 6


def region_facts(ink: np.ndarray, stem: int) -> np.ndarray:
    """ink (1,1,H,W) in [0,1], sides a multiple of stem * 4 -> (1,8,H/stem,W/stem)."""
    sheet = ink[0, 0].astype(np.float32, copy=False)
    cells = (sheet.shape[0] // stem, sheet.shape[1] // stem)
    return np.concatenate([_enclosure(sheet, stem), _shapes(sheet, cells)])[None]


def _enclosure(sheet: np.ndarray, stem: int) -> np.ndarray:
    """(H,W) -> (4,H/stem,W/stem): height, and how enclosed each place is, finest cells first."""
    fine = max_pool(sheet, (sheet.shape[0] // stem, sheet.shape[1] // stem))
    height = np.broadcast_to(np.linspace(-1, 1, len(fine), dtype=np.float32)[:, None], fine.shape)
    outside, layers = None, []
    for cell in _CELLS:
        openness = 1 - np.minimum(2 * max_pool(fine, (fine.shape[0] // cell, fine.shape[1] // cell)), 1)
        outside = _outside(openness, None if outside is None else _grow(outside, 2))
        layers.append(1 - _grow(outside, cell))
    return np.stack([height, *reversed(layers)])


def _grow(x: np.ndarray, factor: int) -> np.ndarray:
    return x.repeat(factor, 0).repeat(factor, 1)


def _outside(openness: np.ndarray, start: np.ndarray | None) -> np.ndarray:
    """The widest way from the sheet's edge to each cell, through sides of cells only."""
    edge = np.ones_like(openness)
    edge[1:-1, 1:-1] = 0
    outside = np.minimum(edge if start is None else np.maximum(edge, start), openness)
    while True:
        wider = outside.copy()
        np.maximum(wider[1:], outside[:-1], out=wider[1:])
        np.maximum(wider[:-1], outside[1:], out=wider[:-1])
        np.maximum(wider[:, 1:], outside[:, :-1], out=wider[:, 1:])
        np.maximum(wider[:, :-1], outside[:, 1:], out=wider[:, :-1])
        np.minimum(wider, openness, out=wider)
        if np.array_equal(wider, outside):
            return outside
        outside = wider


def _shapes(sheet: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(H,W) -> (4,*size): x and y of the middle of each place's region, its breadth and height."""
    shrink = min(1.0, _LONGEST / max(sheet.shape))
    cells = max_pool(sheet, tuple(max(1, round(n * shrink)) for n in sheet.shape))
    along_rows, along_columns = sight(cells), sight(cells.T)
    rows, columns = (n / n.sum(-1, keepdims=True) for n in (along_rows, along_columns))
    y, x = (np.linspace(-1, 1, n, dtype=np.float32) for n in cells.shape)
    places = np.broadcast_to(x, cells.shape), np.broadcast_to(y[:, None], cells.shape)
    facts = np.stack([*places, _extents(along_rows), _extents(along_columns).T], 2)
    for _ in range(_ROUNDS):
        facts = np.matmul(rows, facts).transpose(1, 0, 2)
        facts = np.matmul(columns, facts).transpose(1, 0, 2)
    return resize_area(facts.transpose(2, 0, 1), size)


def sight(cells: np.ndarray) -> np.ndarray:
    """(N,L) -> (N,L,L): how much of cell j is seen from cell i of the same line."""
    cost = _OPAQUE * np.minimum(2 * cells, 1)
    depth = cost.cumsum(-1) - cost / 2
    return np.exp(-np.minimum(np.abs(depth[..., :, None] - depth[..., None, :]), _HIDDEN))


def _extents(sight: np.ndarray) -> np.ndarray:
    return np.log2(sight.mean(-1)) / 3
