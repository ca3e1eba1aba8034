"""The share of labels that were right, with an interval that widens with fewer reviews."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.monitoring.accuracy import Accuracy


@pytest.mark.parametrize(
    ("right", "reviewed", "low", "high"),
    # from Newcombe, Statistics in Medicine 17 (1998), table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_that_of_published_examples(right: int, reviewed: int, low: float, high: float):
    assert Accuracy(right, reviewed).interval == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_percentages_are_rounded_outwards_and_sets_add_up():
    assert Accuracy(19, 20).percentages == (95, 76, 100)
    assert Accuracy(19, 20) + Accuracy(1, 5) == Accuracy(20, 25)


def test_nothing_is_known_before_the_first_review():
    assert (Accuracy(0, 0).share, Accuracy(0, 0).interval) == (0.0, (0.0, 1.0))


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_share_is_within_the_interval_and_more_reviews_narrow_it(right: int, wrong: int):
    few, many = Accuracy(right, right + wrong), Accuracy(10 * right, 10 * (right + wrong))
    low, high = few.interval
    assert 0 <= low <= high <= 1
    if few.reviewed:
        assert low - 1e-9 <= few.share <= high + 1e-9
        assert many.interval[1] - many.interval[0] <= high - low
