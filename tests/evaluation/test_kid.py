"""KID: the formula, and what its intervals mean."""

import numpy as np
import pytest

from evaluation.metrics.kid import FeatureSet, kid, kid_between_books


def test_kid_equals_the_formula_written_out():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(4, 3)), rng.normal(size=(5, 3))

    def k(a, b):
        return (a @ b / 3 + 1) ** 3

    xx = np.mean([k(x[i], x[j]) for i in range(4) for j in range(4) if i != j])
    yy = np.mean([k(y[i], y[j]) for i in range(5) for j in range(5) if i != j])
    xy = np.mean([k(a, b) for a in x for b in y])
    assert kid(x, y) == pytest.approx(xx + yy - 2 * xy)


def test_kid_is_about_zero_for_one_distribution_and_grows_with_the_shift():
    x, y = np.random.default_rng(0).normal(size=(2, 200, 16))
    values = [kid(x, y + shift) for shift in (0, 0.5, 1)]
    assert abs(values[0]) < 0.01 < values[1] < values[2]


def books(*counts):
    return np.repeat(np.arange(len(counts)), counts)[:, None]


def test_real_pictures_against_themselves_are_as_far_apart_as_their_books():
    rng = np.random.default_rng(0)
    owners = books(*[6] * 10)
    alike = FeatureSet(rng.normal(size=(60, 8)), owners)
    assert abs(kid_between_books(alike, alike).value) < 0.05
    by_book = FeatureSet(rng.normal(size=(60, 8)) * 0.3 + rng.normal(size=(10, 8))[owners[:, 0]], owners)
    assert kid_between_books(by_book, by_book).value > 0.3, "two halves of ten unlike books differ"


def test_outputs_farther_off_are_farther_and_the_interval_covers_the_value():
    rng = np.random.default_rng(0)
    owners = books(*[6] * 10)
    real = FeatureSet(rng.normal(size=(60, 8)), owners)
    near, far = (kid_between_books(FeatureSet(real.features + shift, owners), real) for shift in (0.3, 0.8))
    assert near.value < far.value and near.low < near.value < near.high < far.high


def test_a_book_that_owns_an_output_twice_counts_once():
    """An output after its own picture has the drawing and the reference of one book."""
    rng = np.random.default_rng(0)
    owners = books(*[6] * 10)
    real, shifted = FeatureSet(rng.normal(size=(60, 8)), owners), rng.normal(size=(60, 8)) + 0.3
    once, twice = (kid_between_books(FeatureSet(shifted, owners.repeat(n, 1)), real) for n in (1, 2))
    assert (once.value, once.low, once.high) == pytest.approx((twice.value, twice.low, twice.high))


def test_an_output_is_never_compared_with_a_book_that_it_comes_from():
    rng = np.random.default_rng(0)
    real = FeatureSet(rng.normal(size=(60, 8)), books(*[6] * 10))
    changed = real.features.copy()
    changed[:6] += 100.0
    outputs = FeatureSet(rng.normal(size=(8, 8)) + 0.5, np.stack([np.zeros(8, int), np.full(8, 3)], 1))
    both = [kid_between_books(outputs, FeatureSet(f, real.owners)).value for f in (real.features, changed)]
    assert both[0] == pytest.approx(both[1])


def test_outputs_of_all_books_have_nothing_to_be_compared_with():
    real = FeatureSet(np.random.default_rng(0).normal(size=(8, 4)), books(4, 4))
    everything = FeatureSet(real.features, np.tile([0, 1], (8, 1)))
    assert np.isnan(kid_between_books(everything, real).value)
