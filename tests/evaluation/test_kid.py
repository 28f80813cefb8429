"""KID: the formula, and what its intervals mean."""

import numpy as np
import pytest

from evaluation.metrics.kid import FeatureSet, kid, kid_interval


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


def test_the_interval_covers_the_value_and_is_as_wide_as_books_differ():
    rng = np.random.default_rng(0)
    books = np.repeat(np.arange(10), 6)
    real = FeatureSet(rng.normal(size=(60, 8)), books)
    alike = FeatureSet(rng.normal(size=(60, 8)) + 0.4, books)
    by_book = FeatureSet(rng.normal(size=(60, 8)) * 0.1 + rng.normal(size=(10, 8))[books] + 0.4, books)
    narrow, wide = (kid_interval([(x, real)]) for x in (alike, by_book))
    assert narrow.low < narrow.value < narrow.high
    assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)
    assert narrow.value == pytest.approx(kid(alike.features, real.features))


def test_folds_are_averaged():
    rng = np.random.default_rng(0)
    sets = [FeatureSet(rng.normal(size=(12, 4)) + shift, np.arange(12)) for shift in (0, 0.5, 1, 0)]
    pairs = [(sets[1], sets[0]), (sets[2], sets[3])]
    both = kid_interval(pairs).value
    assert both == pytest.approx(np.mean([kid(x.features, y.features) for x, y in pairs]))


def test_a_set_of_one_book_has_no_pairs_to_vary_but_a_value():
    rng = np.random.default_rng(0)
    one = FeatureSet(rng.normal(size=(5, 4)), np.zeros(5))
    interval = kid_interval([(one, one)])
    assert np.isfinite(interval.value) and interval.low == interval.high == pytest.approx(interval.value)
