"""Bootstrap intervals by book."""

import numpy as np
import pytest

from evaluation.metrics.intervals import Interval, mean_by_book, ratio_by_book


def test_the_interval_of_a_mean_covers_it_and_shrinks_with_more_books():
    rng = np.random.default_rng(0)
    few, many = (mean_by_book(rng.normal(5, 1, n), np.arange(n)) for n in (10, 400))
    assert few.low < 5 < few.high
    assert many.high - many.low == pytest.approx(2 * 1.96 / 20, rel=0.25)


def test_more_pictures_of_the_same_books_do_not_narrow_it():
    values = np.random.default_rng(0).normal(size=12)
    once = mean_by_book(values, np.arange(12))
    repeated = mean_by_book(np.repeat(values, 50), np.repeat(np.arange(12), 50))
    assert (repeated.value, repeated.low, repeated.high) == pytest.approx((once.value, once.low, once.high))


def test_every_picture_counts_once_however_large_its_book():
    assert mean_by_book(np.array([1.0, 1, 1, 5]), np.array(["a", "a", "a", "b"])).value == 2


def test_unknown_values_are_left_out():
    assert mean_by_book(np.array([1.0, np.nan, 1.0]), np.arange(3)) == Interval(1, 1, 1)
    assert np.isnan(mean_by_book(np.array([np.nan]), np.arange(1)).value)


def test_a_ratio_is_of_sums_so_that_a_tiny_denominator_decides_nothing():
    ratio = ratio_by_book([5.0, 10.0, 1.0], [10.0, 20.0, 0.001], np.arange(3))
    assert ratio.value == pytest.approx(16 / 30.001)
    assert ratio.low < ratio.value < ratio.high
    assert ratio_by_book([1.0, 2.0], [2.0, 4.0], np.arange(2)) == Interval(0.5, 0.5, 0.5)


def test_intervals_scale_and_read_well():
    assert Interval(0.2, 0.1, 0.3).scaled(10).text(1) == "2.0 [1.0, 3.0]"
