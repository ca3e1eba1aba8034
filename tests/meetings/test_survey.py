"""Nothing is told of a question that five or fewer have answered."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from samsvar.meetings.survey import FEWEST, SurveyKind, result

COUNTS = st.dictionaries(st.sampled_from("12345"), st.integers(0, 30))


def test_five_answers_tell_nothing_and_six_tell_all():
    few = result(SurveyKind.SCALE, (), {"4": 3, "5": 2})
    assert (few.told, few.answers, few.counts, few.mean) == (False, 5, {}, None)
    enough = result(SurveyKind.SCALE, (), {"4": 3, "5": 3})
    assert (enough.told, enough.counts, enough.mean) == (True, {"1": 0, "2": 0, "3": 0, "4": 3, "5": 3}, 4.5)


def test_texts_stand_in_the_order_of_the_alphabet_and_not_of_arrival():
    texts = ["zeal", "Air", "more time", "air", "nothing", "tables"]
    assert result(SurveyKind.TEXT, (), {}, texts).texts == ("Air", "air", "more time", "nothing", "tables", "zeal")
    assert result(SurveyKind.TEXT, (), {}, texts[:5]).texts == ()


def test_an_option_that_was_taken_away_is_still_counted():
    counted = result(SurveyKind.CHOICE, ["yes", "no"], {"yes": 4, "perhaps": 3})
    assert counted.counts == {"yes": 4, "no": 0, "perhaps": 3}


@given(COUNTS)
def test_whatever_is_told_adds_up_and_what_is_not_told_says_nothing(counts):
    answer = result(SurveyKind.SCALE, (), counts)
    assert answer.answers == sum(counts.values())
    if answer.answers >= FEWEST:
        assert sum(answer.counts.values()) == answer.answers
        assert answer.mean is not None
        assert 1 <= answer.mean <= 5
    else:
        assert (answer.counts, answer.texts, answer.mean) == ({}, (), None)
