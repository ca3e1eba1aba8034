"""Review decisions: a reviewer's decision is kept until the text it was about changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.monitoring.report import Finding, Strength
from samsvar.monitoring.review import (
    REVIEW_OUTCOMES,
    Decision,
    ReadingChange,
    ReviewOutcome,
    compare_findings,
    get_review_outcome,
)
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
def test_the_outcome_depends_on_the_decision_and_the_change(decision: str, change: str, outcome: str) -> None:
    assert get_review_outcome(Decision(decision), ReadingChange(change)) is ReviewOutcome(outcome)


def test_the_table_covers_every_decision_and_change() -> None:
    assert set(REVIEW_OUTCOMES) == {(decision, change) for decision in Decision for change in ReadingChange}


def test_a_new_reader_never_overwrites_a_persons_decision() -> None:
    for decision in set(Decision) - {Decision.NONE}:
        for change in ReadingChange:
            assert get_review_outcome(decision, change) not in {ReviewOutcome.REPLACE, ReviewOutcome.REMOVE}


@pytest.mark.parametrize(
    ("now", "change"),
    [
        (FINDING, ReadingChange.SAME),
        (replace(FINDING, reader="grevio 2"), ReadingChange.SAME),
        (replace(FINDING, page=10, pages=(10,), boxes=()), ReadingChange.SAME),
        (replace(FINDING, text="GREVIO urges the author-\nities to open beds."), ReadingChange.SAME),
        (replace(FINDING, strength=Strength.STRONGLY_ENCOURAGES), ReadingChange.LABEL),
        (replace(FINDING, articles=("22", "23")), ReadingChange.LABEL),
        (replace(FINDING, addressee=None), ReadingChange.LABEL),
        (replace(FINDING, text="GREVIO urges the authorities to open more beds."), ReadingChange.SOURCE),
        (None, ReadingChange.GONE),
    ],
)
def test_a_new_reading_changes_the_label_or_the_source_or_nothing(now: Finding | None, change: ReadingChange) -> None:
    assert compare_findings(FINDING, now) is change


def test_a_finding_only_in_the_new_reading_is_new_and_two_missing_ones_are_an_error() -> None:
    assert compare_findings(None, FINDING) is ReadingChange.NEW
    with pytest.raises(ValueError):
        compare_findings(None, None)


@given(st.text(max_size=80))
def test_a_finding_is_always_the_same_as_itself(text: str) -> None:
    finding = replace(FINDING, text=text)
    assert compare_findings(finding, finding) is ReadingChange.SAME
