"""No small count can be calculated from anything that was ever published."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from samsvar.implementation.suppression import MIN_COUNT, suppress_small_counts

COUNTS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 12), max_size=8)


def test_small_counts_are_hidden_with_enough_others():
    assert suppress_small_counts({"man": 20, "other": 2, "woman": 40}) == {"man": None, "other": None, "woman": 40}
    # two hidden ones of 2 together would be 1 and 1
    assert suppress_small_counts({"man": 1, "other": 1, "woman": 40}) == dict.fromkeys(("man", "other", "woman"))
    assert suppress_small_counts({"a": 1, "b": 1, "c": 9, "d": 40}) == {"a": None, "b": None, "c": None, "d": 40}
    assert suppress_small_counts({"a": 3, "b": 0, "c": 0}) == dict.fromkeys("abc")
    assert suppress_small_counts({"a": 5, "b": 0, "c": 9}) == {"a": 5, "b": 0, "c": 9}
    assert suppress_small_counts({}) == {}


@given(COUNTS)
def test_no_hidden_count_can_be_calculated_from_what_is_shown(counts):
    """To a reader who knows the total and the shown counts, both 1 and 5 are possible in every hidden cell."""
    shown = suppress_small_counts(counts)
    assert {key: count for key, count in shown.items() if count is not None}.items() <= counts.items()
    assert [count for count in shown.values() if count is not None and 0 < count < MIN_COUNT] == []
    hidden = [key for key, count in shown.items() if count is None]
    total = sum(counts.values())
    if not hidden or total < MIN_COUNT:  # such a total is not published
        return
    rest = total - sum(count for count in shown.values() if count is not None)
    lowest = 1 if len(hidden) < len(counts) else 0  # what a hidden count can be: zeros are shown, unless all are hidden
    highest = rest - lowest * (len(hidden) - 1)
    assert len(hidden) > 1
    assert lowest <= 1 < MIN_COUNT <= highest
