"""The three answers for a finding, from measures, evidence and later texts."""

from __future__ import annotations

from datetime import date

import pytest

from samsvar.implementation.evidence import EvidenceFacts, Side
from samsvar.implementation.measures import AnswerScope, Stage, TriageDecision
from samsvar.implementation.progress import (
    AnswerFacts,
    Done,
    LaterFinding,
    Proven,
    Verdict,
    assess_done,
    assess_proven,
    assess_verdict,
)

DAY = date(2026, 5, 1)


def whole(stage: Stage) -> AnswerFacts:
    return AnswerFacts(stage, AnswerScope.WHOLE)


def part(stage: Stage, number: int | None) -> AnswerFacts:
    return AnswerFacts(stage, AnswerScope.PART, number)


@pytest.mark.parametrize(
    ("answers", "decision", "parts", "done"),
    [
        ([], None, 1, Done.NO_ONE_HAS_SAID),
        ([], TriageDecision.IN_HAND, 1, Done.NO_ONE_HAS_SAID),  # a body is assigned, and has said nothing yet
        ([], TriageDecision.NO_MEASURE, 1, Done.NO_MEASURE),
        ([], TriageDecision.NOT_FOR_US, 1, Done.NOT_FOR_US),
        ([whole(Stage.DECIDED)], TriageDecision.NO_MEASURE, 1, Done.DECIDED),  # a measure counts before a decision
        ([whole(Stage.PROPOSED)], None, 1, Done.PROPOSED),
        ([whole(Stage.STOPPED)], None, 1, Done.STOPPED),
        ([whole(Stage.STOPPED), whole(Stage.UNDER_WAY)], None, 1, Done.UNDER_WAY),
        ([whole(Stage.DONE), whole(Stage.UNDER_WAY)], None, 3, Done.DONE_IN_WHOLE),
        ([part(Stage.DONE, 1), whole(Stage.UNDER_WAY)], None, 2, Done.DONE_IN_PART),
        ([part(Stage.DONE, 1), part(Stage.DONE, 2)], None, 2, Done.DONE_IN_WHOLE),
        ([part(Stage.DONE, 1), part(Stage.DONE, 1)], None, 2, Done.DONE_IN_PART),
        ([part(Stage.DONE, None), part(Stage.DONE, None)], None, 2, Done.DONE_IN_PART),  # which parts is not known
        ([part(Stage.DONE, 5)], None, 1, Done.DONE_IN_PART),  # a part that the finding does not have
    ],
)
def test_what_is_done(answers: list[AnswerFacts], decision: TriageDecision | None, parts: int, done: Done) -> None:
    assert assess_done(answers, decision, parts=parts) is done


STATE, OTHERS = Side.STATE, Side.CIVIL_SOCIETY


@pytest.mark.parametrize(
    ("evidence", "proven"),
    [
        ([], Proven.NO_EVIDENCE),
        ([EvidenceFacts(STATE, True, date(2026, 4, 30))], Proven.EXPIRED),
        ([EvidenceFacts(STATE, True, DAY)], Proven.STATE_ONLY),  # valid on its last day
        ([EvidenceFacts(OTHERS, True)], Proven.OTHERS_ONLY),
        ([EvidenceFacts(STATE, True), EvidenceFacts(Side.NATIONAL_INSTITUTION, True)], Proven.BOTH_AGREE),
        ([EvidenceFacts(STATE, True), EvidenceFacts(OTHERS, False)], Proven.SIDES_DIFFER),
        ([EvidenceFacts(STATE, True), EvidenceFacts(STATE, False)], Proven.SIDES_DIFFER),
        ([EvidenceFacts(OTHERS, False)], Proven.DISPUTED),
        ([EvidenceFacts(STATE, True), EvidenceFacts(OTHERS, False, date(2026, 1, 1))], Proven.STATE_ONLY),
    ],
)
def test_what_is_proven(evidence: list[EvidenceFacts], proven: Proven) -> None:
    assert assess_proven(evidence, DAY) is proven


@pytest.mark.parametrize(
    ("later", "has_later_round", "verdict"),
    [
        ([], False, Verdict.NONE_YET),
        ([], True, Verdict.NO_LONGER_RAISED),
        ([LaterFinding("urges")], True, Verdict.TAKEN_UP_AGAIN),
        ([LaterFinding("")], True, Verdict.TAKEN_UP_AGAIN),
        ([LaterFinding("welcomes")], True, Verdict.WELCOMED),
        ([LaterFinding("welcomes"), LaterFinding("invites")], True, Verdict.TAKEN_UP_AGAIN),
        ([LaterFinding("welcomes", closes=True)], True, Verdict.CLOSED),
        ([LaterFinding("encourages", closes=True), LaterFinding("urges")], True, Verdict.TAKEN_UP_AGAIN),
    ],
)
def test_what_the_body_said(later: list[LaterFinding], has_later_round: bool, verdict: Verdict) -> None:
    assert assess_verdict(later, has_later_round=has_later_round) is verdict
    with_proposals = assess_verdict(later, has_later_round=has_later_round, has_proposals=True)
    assert with_proposals is (verdict if later else Verdict.UNDECIDED)
