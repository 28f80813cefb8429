"""Noise that a seed decides: the same numbers in numpy, in torch and in the browser's page, on every machine.

A random generator's state belongs to one library. A counter-based generator has none (Salmon et al., "Parallel random
numbers: as easy as 1, 2, 3", 2011): value i is a hash of i under a key made of seed and stream, so that any part may be
computed anywhere. `browser/src/painting/noise.js` is the twin of this file.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

_BLOCK = 1 << 14  # pairs at a time: all arrays of a block stay in the processor's cache
_SHIFT_A, _SHIFT_B, _SHIFT_C = np.uint32(16), np.uint32(13), np.uint32(16)
_FACTOR_A, _FACTOR_B = np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35)
_GOLDEN = 0x9E3779B9  # 2**32 over the golden ratio: steps of it are spread evenly


def seeded_noise(shape: Sequence[int], seed: int, stream: int = 0) -> np.ndarray:
    """Standard normal float32 of a shape (B,...); picture i of the batch is drawn from seed + i alone.

    seed: any integer, taken modulo 2**64. stream: 0..2**32-1, another draw from the same seed (one per use: each
    decoder level, each refiner step). Box-Muller in float64, so that libraries whose logarithms differ in the last bit
    round to the same float32.
    """
    count = math.prod(shape[1:])
    out = np.empty((shape[0], count), np.float32)
    for i, row in enumerate(out):
        _fill(row, _keys((seed + i) % 2**64, stream))
    return out.reshape(tuple(shape))


def _keys(seed: int, stream: int) -> tuple[np.uint32, np.uint32]:
    """Two keys: a sequence that began with one alone would be another's, shifted."""
    words = (seed & 0xFFFFFFFF, seed >> 32, stream)
    keys = []
    for start in (1, 2):
        key = np.array([start * _GOLDEN % 2**32], np.uint32)
        for word in words:
            key ^= np.uint32(word)
            _mix(key, np.empty_like(key))
        keys.append(key[0])
    return keys[0], keys[1]


def _fill(row: np.ndarray, keys: tuple[np.uint32, np.uint32]) -> None:
    """Pair j gives values 2j (cosine) and 2j + 1 (sine)."""
    pairs = (len(row) + 1) // 2
    for start in range(0, pairs, _BLOCK):
        count = min(_BLOCK, pairs - start)
        bits = _hash(np.arange(2 * start, 2 * (start + count), dtype=np.uint32), keys)
        uniform = (bits + 0.5) * 2.0**-32  # float64, never 0 or 1
        radius = np.sqrt(-2.0 * np.log(uniform[::2]))
        angle = 2.0 * math.pi * uniform[1::2]
        part = row[2 * start : 2 * (start + count)]
        part[::2] = radius * np.cos(angle)
        part[1::2] = (radius * np.sin(angle))[: len(part) // 2]


def _hash(counter: np.ndarray, keys: tuple[np.uint32, np.uint32]) -> np.ndarray:
    """uint32 -> uint32, in place: two rounds of the finaliser of MurmurHash3 (A. Appleby, public domain)."""
    scratch = np.empty_like(counter)
    for key in keys:
        counter += key
        _mix(counter, scratch)
    return counter


def _mix(x: np.ndarray, scratch: np.ndarray) -> None:
    x ^= np.right_shift(x, _SHIFT_A, out=scratch)
    x *= _FACTOR_A
    x ^= np.right_shift(x, _SHIFT_B, out=scratch)
    x *= _FACTOR_B
    x ^= np.right_shift(x, _SHIFT_C, out=scratch)
