"""Claims about decisions: a person's word stands until the text it was about is another one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.monitoring.report import Finding, Strength
from samsvar.monitoring.review import AFTER, Change, Decision, Outcome, after, change_between
from samsvar.spans import Box

FINDING = Finding(
    document="d", body="grevio", state="XA", procedure="baseline", paragraph="57", page=9, pages=(9,),
    boxes=(Box(9, 70, 70, 500, 90),), heading="Shelters (Article 23)", articles=("23",), strength=Strength.URGES,
    verb="urges", addressee="the authorities", from_state=(), actions=("GREVIO urges the authorities to open beds.",),
    text="GREVIO urges the authorities to open beds.", language="en", reader="grevio 1",
)  # fmt: skip


@pytest.mark.parametrize(
    ("decision", "change", "outcome"),
    [
        ("none", "label", "replace"),
        ("none", "source", "replace"),
        ("none", "gone", "remove"),
        ("none", "new", "add"),
        ("accepted", "label", "keep_and_show"),
        ("accepted", "source", "return"),
        ("accepted", "gone", "return"),
        ("corrected", "label", "keep_and_show"),
        ("corrected", "source", "return"),
        ("rejected", "label", "keep_and_show"),
        ("rejected", "source", "return"),
        ("rejected", "gone", "keep"),
        ("rejected", "new", "keep_and_show"),
    ],
)
def test_a_decision_meets_a_change(decision: str, change: str, outcome: str) -> None:
    assert after(Decision(decision), Change(change)) is Outcome(outcome)


def test_the_table_answers_every_case() -> None:
    assert set(AFTER) == {(decision, change) for decision in Decision for change in Change}


def test_a_new_reader_never_overwrites_a_persons_decision() -> None:
    for decision in set(Decision) - {Decision.NONE}:
        for change in Change:
            assert after(decision, change) not in {Outcome.REPLACE, Outcome.REMOVE}


@pytest.mark.parametrize(
    ("now", "change"),
    [
        (FINDING, Change.SAME),
        (replace(FINDING, reader="grevio 2"), Change.SAME),
        (replace(FINDING, page=10, pages=(10,), boxes=()), Change.SAME),
        (replace(FINDING, text="GREVIO urges the author-\nities to open beds."), Change.SAME),
        (replace(FINDING, strength=Strength.STRONGLY_ENCOURAGES), Change.LABEL),
        (replace(FINDING, articles=("22", "23")), Change.LABEL),
        (replace(FINDING, addressee=None), Change.LABEL),
        (replace(FINDING, text="GREVIO urges the authorities to open more beds."), Change.SOURCE),
        (None, Change.GONE),
    ],
)
def test_a_new_reading_changes_the_label_or_the_source_or_nothing(now: Finding | None, change: Change) -> None:
    assert change_between(FINDING, now) is change


def test_what_only_the_new_reading_finds_is_new_and_one_of_the_two_must_be_there() -> None:
    assert change_between(None, FINDING) is Change.NEW
    with pytest.raises(ValueError):
        change_between(None, None)


@given(st.text(max_size=80))
def test_a_text_is_always_the_same_as_itself(text: str) -> None:
    finding = replace(FINDING, text=text)
    assert change_between(finding, finding) is Change.SAME
