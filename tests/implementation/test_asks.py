"""Tests of asks: their statuses as a table, their days, the reasons for an email, and what an answer must contain."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from samsvar.implementation.asks import (
    AWAITING_ANSWER,
    MAX_LINKS,
    MAX_TEXT_LENGTH,
    ActNotPossible,
    AnswerFault,
    AnswerIncomplete,
    AskAct,
    AskActor,
    AskAnswer,
    AskQuestion,
    AskStatus,
    ReminderReason,
    changed_questions,
    check_complete,
    checksum_of_questions,
    clean_answer,
    find_faults,
    find_reminder_reason,
    is_link_valid,
    is_overdue,
    is_web_address,
    lapses_on,
    link_expires_on,
    next_email_on,
    next_status,
    possible_acts,
)

DUE = date(2026, 3, 31)
QUESTIONS = (
    AskQuestion("q1", "What has been done?", "GREVIO 2022, paragraph 21", "The authorities should act."),
    AskQuestion("q2", "How many places are there?"),
)

# Status, act, party → status that follows. An act that is not in this table is refused.
TABLE = """
drafted    send       desk      sent
sent       answer     official  answered
sent       answer     desk      answered
sent       lapse      desk      lapsed
sent       lapse      clock     lapsed
sent       withdraw   desk      withdrawn
sent       change_due desk      sent
answered   answer     official  answered
answered   answer     desk      answered
answered   send_back  desk      sent_back
answered   accept     desk      accepted
sent_back  answer     official  answered
sent_back  answer     desk      answered
sent_back  lapse      desk      lapsed
sent_back  lapse      clock     lapsed
sent_back  withdraw   desk      withdrawn
sent_back  change_due desk      sent_back
lapsed     send       desk      sent
"""
ALLOWED = {
    (AskStatus(status), AskAct(act), AskActor(actor)): AskStatus(following)
    for status, act, actor, following in (line.split() for line in TABLE.strip().splitlines())
}


@pytest.mark.parametrize("status", AskStatus)
@pytest.mark.parametrize("act", AskAct)
@pytest.mark.parametrize("actor", AskActor)
def test_each_act_follows_the_table_and_every_other_is_refused(status, act, actor):
    if (status, act, actor) in ALLOWED:
        assert next_status(status, act, actor) is ALLOWED[status, act, actor]
    else:
        with pytest.raises(ActNotPossible) as raised:
            next_status(status, act, actor)
        assert (raised.value.status, raised.value.act) == (status, act)
    assert (act in possible_acts(status, actor)) == ((status, act, actor) in ALLOWED)


def test_an_accepted_or_withdrawn_ask_is_final():
    for status in (AskStatus.ACCEPTED, AskStatus.WITHDRAWN):
        assert [possible_acts(status, actor) for actor in AskActor] == [(), (), ()]


def test_the_link_works_for_14_days_after_the_due_day_and_then_the_ask_lapses():
    assert link_expires_on(DUE) == date(2026, 4, 14)
    assert is_link_valid(AskStatus.SENT, DUE, date(2026, 4, 14))
    assert not is_link_valid(AskStatus.SENT, DUE, date(2026, 4, 15))
    assert lapses_on(DUE) == date(2026, 4, 15)


def test_the_link_opens_an_accepted_answer_but_no_draft_and_nothing_withdrawn_or_lapsed():
    valid = {status for status in AskStatus if is_link_valid(status, DUE, DUE)}
    assert valid == {AskStatus.SENT, AskStatus.ANSWERED, AskStatus.SENT_BACK, AskStatus.ACCEPTED}


def test_only_an_ask_that_awaits_an_answer_is_overdue_and_not_on_its_due_day():
    late = {status for status in AskStatus if is_overdue(status, DUE, DUE + timedelta(days=1))}
    assert late == AWAITING_ANSWER == {AskStatus.SENT, AskStatus.SENT_BACK}
    assert not any(is_overdue(status, DUE, DUE) for status in AskStatus)


@pytest.mark.parametrize(
    ("status", "days_to_due", "link_was_sent", "return_was_sent", "reason"),
    [
        (AskStatus.SENT, 60, False, False, ReminderReason.NEW),
        (AskStatus.SENT, 8, True, False, None),
        (AskStatus.SENT, 7, True, False, ReminderReason.DUE_SOON),
        (AskStatus.SENT, 0, True, False, ReminderReason.DUE_SOON),
        (AskStatus.SENT, -1, True, False, ReminderReason.OVERDUE),
        (AskStatus.SENT, -14, True, False, ReminderReason.OVERDUE),
        (AskStatus.SENT, -15, True, False, None),
        (AskStatus.SENT, -15, False, False, None),
        (AskStatus.SENT_BACK, 60, True, False, ReminderReason.SENT_BACK),
        (AskStatus.SENT_BACK, 60, True, True, None),
        (AskStatus.SENT_BACK, -3, True, False, ReminderReason.SENT_BACK),
        (AskStatus.SENT_BACK, -3, True, True, ReminderReason.OVERDUE),
        (AskStatus.DRAFTED, -3, False, False, None),
        (AskStatus.ANSWERED, -3, True, True, None),
        (AskStatus.ACCEPTED, -3, True, True, None),
        (AskStatus.LAPSED, -3, True, True, None),
        (AskStatus.WITHDRAWN, -3, True, True, None),
    ],
)
def test_an_email_names_an_ask_only_for_a_reason(status, days_to_due, link_was_sent, return_was_sent, reason):
    day = DUE - timedelta(days=days_to_due)
    found = find_reminder_reason(status, DUE, day, link_was_sent=link_was_sent, return_was_sent=return_was_sent)
    assert found is reason


def test_a_changed_due_day_is_named_once_after_everything_that_is_more_urgent():
    def reason(status: AskStatus = AskStatus.SENT, **known: bool) -> ReminderReason | None:
        return find_reminder_reason(
            status, DUE, DUE - timedelta(days=40),
            **{"link_was_sent": True, "return_was_sent": True, "due_was_sent": False, **known},
        )  # fmt: skip

    assert reason() is ReminderReason.DUE_CHANGED
    assert reason(due_was_sent=True) is None
    assert reason(link_was_sent=False) is ReminderReason.NEW
    assert reason(AskStatus.SENT_BACK, return_was_sent=False) is ReminderReason.SENT_BACK
    assert reason(AskStatus.ANSWERED) is None


def test_a_person_gets_one_email_in_seven_days():
    assert next_email_on(None, DUE) == DUE
    assert next_email_on(DUE - timedelta(days=6), DUE) == DUE + timedelta(days=1)
    assert next_email_on(DUE - timedelta(days=7), DUE) == DUE


# --- Answers ----------------------------------------------------------------------------------------------------------


def test_an_answer_is_complete_if_each_question_has_an_answer_or_a_reason_for_none():
    answers = {"q1": AskAnswer(text="A law."), "q2": AskAnswer(no_answer_because="Not collected.")}
    check_complete(QUESTIONS, answers)
    for partial, missing in (({}, "1, 2"), ({"q1": answers["q1"]}, "2"), ({**answers, "q1": AskAnswer()}, "1")):
        with pytest.raises(AnswerIncomplete) as raised:
            check_complete(QUESTIONS, partial)
        assert raised.value.numbers == missing


def test_a_question_answered_with_a_figure_or_a_link_only_is_answered():
    check_complete(
        QUESTIONS, {"q1": AskAnswer(figures="0 places"), "q2": AskAnswer(evidence=("https://example.org/a",))}
    )


def test_faults_name_the_question_and_the_field():
    answers = {
        "q1": AskAnswer(text="x" * (MAX_TEXT_LENGTH + 1), no_answer_because="We do not know."),
        "q2": AskAnswer(evidence=("ftp://example.org/a",)),
    }
    assert find_faults(QUESTIONS, answers) == [
        AnswerFault(1, "text", "too_long"),
        AnswerFault(1, "no_answer_because", "contradictory"),
        AnswerFault(2, "evidence", "not_a_link"),
    ]
    too_many = tuple(f"https://example.org/{number}" for number in range(MAX_LINKS + 1))
    assert find_faults(QUESTIONS, {"q2": AskAnswer(evidence=too_many)}) == [
        AnswerFault(2, "evidence", "too_many_links")
    ]
    assert find_faults(QUESTIONS, {"q1": AskAnswer(text="x" * MAX_TEXT_LENGTH)}) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://example.org/law?id=1#s2", True),
        ("http://example.org", True),
        ("https://", False),
        ("example.org", False),
        ("javascript:alert(1)", False),
        ("https://user:secret@example.org/", False),
        ("https://exa mple.org/", False),
        ("https://[::1", False),
        ("https://example.org/" + "a" * 500, False),
    ],
)
def test_a_link_to_evidence_is_a_web_address_without_credentials(text, expected):
    assert is_web_address(text) is expected


def test_cleaning_removes_outer_spaces_repeated_links_and_characters_that_no_file_holds():
    assert clean_answer(" a\r\nb\r", "\x00 3 \x0b", " https://a.org \n\nhttps://a.org\nb", "") == AskAnswer(
        "a\nb", "3", ("https://a.org", "b"), ""
    )


@given(some.text(), some.text(), some.lists(some.text()), some.text())
def test_cleaning_an_answer_again_changes_nothing(text, figures, links, reason):
    once = clean_answer(text, figures, links, reason)
    assert clean_answer(once.text, once.figures, once.evidence, once.no_answer_because) == once


def test_a_missing_answer_equals_an_empty_one():
    filled = AskAnswer(text="x")
    assert changed_questions({"a": AskAnswer(), "b": filled}, {"b": filled}) == frozenset()
    assert changed_questions({"a": AskAnswer(), "b": filled}, {"a": filled, "c": filled}) == {"a", "b", "c"}


QUESTION = some.builds(AskQuestion, some.text(max_size=4), some.text(max_size=4), some.text(max_size=4))


@given(some.lists(QUESTION, max_size=3), some.lists(QUESTION, max_size=3))
def test_the_checksum_differs_exactly_when_the_questions_do(first, second):
    assert (checksum_of_questions(first) == checksum_of_questions(second)) == (first == second)
