"""One seed, one noise: whatever the batch, the length, the library."""

from __future__ import annotations

import numpy as np
import pytest

from s2i.imaging.pixels.noise import seeded_noise


def reference(seed: int, stream: int, count: int) -> list[float]:
    """The same definition in plain integers, one value at a time."""
    import math

    def mix(x: int) -> int:
        x = (x ^ x >> 16) * 0x85EBCA6B % 2**32
        x = (x ^ x >> 13) * 0xC2B2AE35 % 2**32
        return x ^ x >> 16

    def key(start: int) -> int:
        k = start * 0x9E3779B9 % 2**32
        for word in (seed % 2**32, seed >> 32, stream):
            k = mix(k ^ word)
        return k

    def uniform(i: int) -> float:
        return (mix((mix((i + key(1)) % 2**32) + key(2)) % 2**32) + 0.5) / 2**32

    values = []
    for j in range(0, count, 2):
        radius, angle = math.sqrt(-2 * math.log(uniform(j))), 2 * math.pi * uniform(j + 1)
        values += [radius * math.cos(angle), radius * math.sin(angle)]
    return values[:count]


@pytest.mark.parametrize(("seed", "stream"), [(0, 0), (1, 3), (2**64 - 1, 2**32 - 1), (123456789012345, 7)])
def test_numbers_are_those_of_the_definition(seed, stream):
    assert seeded_noise((1, 1, 5, 7), seed, stream).ravel() == pytest.approx(reference(seed, stream, 35), abs=1e-6)


def test_is_standard_normal_and_white():
    x = seeded_noise((1, 1, 700, 701), 5).ravel().astype(np.float64)
    assert abs(x.mean()) < 0.006
    assert abs(x.std() - 1) < 0.004
    assert abs((x**4).mean() - 3) < 0.05
    for lag in (1, 2, 3, 701, 1402):
        assert abs((x[:-lag] * x[lag:]).mean()) < 0.006


def test_pictures_of_a_batch_follow_their_own_seed():
    batch = seeded_noise((3, 2, 8, 8), 41)
    for i in range(3):
        np.testing.assert_array_equal(batch[i], seeded_noise((1, 2, 8, 8), 41 + i)[0])


def test_longer_noise_begins_with_the_shorter():
    np.testing.assert_array_equal(seeded_noise((1, 99_999), 2)[0, :777], seeded_noise((1, 777), 2)[0])


def test_neighbouring_seeds_and_streams_have_nothing_in_common():
    draws = [seeded_noise((1, 20_000), seed, stream)[0] for seed in (-1, 0, 1, 2**32) for stream in (0, 1)]
    likeness = np.corrcoef(draws) - np.eye(len(draws))
    assert np.abs(likeness).max() < 0.035
