"""Survey results of a question stay hidden while five or fewer people have answered it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from samsvar.meetings.survey import MIN_ANSWERS, AnswerType, build_question_result

COUNTS = st.dictionaries(st.sampled_from("12345"), st.integers(0, 30))


def test_five_answers_show_no_result_and_six_show_it():
    few = build_question_result(AnswerType.SCALE, (), {"4": 3, "5": 2})
    assert (few.is_shown, few.answers, few.counts, few.mean) == (False, 5, {}, None)
    enough = build_question_result(AnswerType.SCALE, (), {"4": 3, "5": 3})
    assert (enough.is_shown, enough.counts, enough.mean) == (True, {"1": 0, "2": 0, "3": 0, "4": 3, "5": 3}, 4.5)


def test_texts_are_sorted_alphabetically_and_not_by_arrival():
    texts = ["zeal", "Air", "more time", "air", "nothing", "tables"]
    assert build_question_result(AnswerType.TEXT, (), {}, texts).texts == (
        "Air",
        "air",
        "more time",
        "nothing",
        "tables",
        "zeal",
    )
    assert build_question_result(AnswerType.TEXT, (), {}, texts[:5]).texts == ()


def test_a_removed_option_is_still_counted():
    counted = build_question_result(AnswerType.CHOICE, ["yes", "no"], {"yes": 4, "perhaps": 3})
    assert counted.counts == {"yes": 4, "no": 0, "perhaps": 3}


@given(COUNTS)
def test_shown_results_add_up_and_hidden_results_reveal_nothing(counts):
    answer = build_question_result(AnswerType.SCALE, (), counts)
    assert answer.answers == sum(counts.values())
    if answer.answers >= MIN_ANSWERS:
        assert sum(answer.counts.values()) == answer.answers
        assert answer.mean is not None
        assert 1 <= answer.mean <= 5
    else:
        assert (answer.counts, answer.texts, answer.mean) == ({}, (), None)
