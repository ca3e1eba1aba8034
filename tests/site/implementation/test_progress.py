"""The three answers in SQL are those of the library, for any measures, evidence and later texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samsvar.implementation.evidence import EvidenceFacts, EvidenceStatus, Side
from samsvar.implementation.measures import AnswerScope, MeasureVisibility, Stage, TriageDecision
from samsvar.implementation.progress import (
    AnswerFacts,
    LaterFinding,
    Proven,
    Verdict,
    assess_done,
    assess_proven,
    assess_verdict,
)
from samsvar.monitoring.report import Strength
from samsvar.site.convention.models import State
from samsvar.site.implementation import models
from samsvar.site.implementation.progress.queries import with_progress
from samsvar.site.implementation.progress.story import finding_progress
from samsvar.site.monitoring.models import Finding, FindingLink
from tests.factories.implementation import make_evidence, make_measure
from tests.factories.reports import make_finding, make_reading, make_report

DAY = date(2026, 5, 1)

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Linked:
    """A measure that answers a finding, with the evidence for it."""

    stage: Stage
    part: int | None
    is_whole: bool
    is_public: bool
    has_ended: bool
    evidence: tuple[tuple[Side, bool, int | None], ...]


evidence_rows = st.tuples(st.sampled_from(Side), st.booleans(), st.sampled_from([None, -1, 0, 1]))
linked_measures = st.builds(
    Linked,
    stage=st.sampled_from(Stage),
    part=st.sampled_from([None, 1, 2, 3]),
    is_whole=st.booleans(),
    is_public=st.booleans(),
    has_ended=st.booleans(),
    evidence=st.lists(evidence_rows, max_size=2).map(tuple),
)


def valid_until(days: int | None) -> date | None:
    return None if days is None else DAY + timedelta(days=days)


def make_linked(finding: Finding, linked: Linked) -> None:
    visibility = MeasureVisibility.PUBLIC if linked.is_public else MeasureVisibility.DESK
    measure = make_measure(stage=linked.stage, visibility=visibility, reason="It was too dear.")
    models.Answer.objects.create(
        measure=measure,
        finding=finding,
        scope=AnswerScope.WHOLE if linked.is_whole else AnswerScope.PART,
        part=None if linked.is_whole else linked.part,
        ended_at="2026-01-01T00:00Z" if linked.has_ended else None,
    )
    for side, supports, days in linked.evidence:
        make_evidence(measure, side=side, supports=supports, valid_until=valid_until(days))


@pytest.fixture
def finding() -> Finding:
    for code in ("XA", "XB"):
        State.objects.get_or_create(code=code, defaults={"kind": "fictional"})
    return make_report(reading=make_reading([make_finding(1)])).findings.get()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    measures=st.lists(linked_measures, max_size=3),
    own=st.lists(evidence_rows, max_size=3),
    decision=st.sampled_from([None, *TriageDecision]),
    parts=st.integers(1, 3),
    only_public=st.booleans(),
)
def test_done_and_proven_are_those_of_the_library(
    finding: Finding,
    measures: Sequence[Linked],
    own: Sequence[Any],
    decision: TriageDecision | None,
    parts: int,
    only_public: bool,
) -> None:
    for table in (models.Evidence, models.Answer, models.Triage, models.Change, models.Measure):
        table.objects.all().delete()
    for linked in measures:
        make_linked(finding, linked)
    for side, supports, days in own:
        make_evidence(finding, side=side, supports=supports, valid_until=valid_until(days))
    if decision:
        models.Triage.objects.create(
            finding=finding, state_id="XA", decision=decision, parts=parts, reason="It is for the regions."
        )
    counted = [one for one in measures if not one.has_ended and (one.is_public or not only_public)]
    answers = [
        AnswerFacts(
            one.stage,
            AnswerScope.WHOLE if one.is_whole else AnswerScope.PART,
            None if one.is_whole else one.part,
        )
        for one in counted
    ]
    rows = [*own, *(row for one in counted for row in one.evidence)]
    evidence = [EvidenceFacts(side, supports, valid_until(days)) for side, supports, days in rows]
    found = with_progress(Finding.objects.all(), DAY, only_public=only_public).get(pk=finding.pk)
    assert (found.done, found.proven) == (
        assess_done(answers, decision, parts=parts if decision else 1),
        assess_proven(evidence, DAY),
    )


LATER = st.tuples(
    st.sampled_from(["", "urges", "welcomes"]),
    st.sampled_from(["", "closes", "restates", "set_aside"]),
    st.booleans(),  # certain
    st.booleans(),  # rejected
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(later=st.lists(LATER, max_size=3))
def test_the_verdict_is_that_of_the_library(finding: Finding, later: Sequence[tuple[str, str, bool, bool]]) -> None:
    Finding.everything.exclude(pk=finding.pk).delete()
    for number, (strength, text, certain, rejected) in enumerate(later):
        row = Finding.everything.get(pk=finding.pk)
        row.pk, row.public_id, row.ordinal, row.strength = None, f"later{number}", 50 + number, strength
        row.review = "rejected" if rejected else "machine"
        row.save()
        FindingLink.objects.create(
            later=row, earlier=finding, basis="citation", certain=certain, similarity=1.0, later_text=text
        )
    counted = [
        LaterFinding(strength, closes=text == "closes")
        for strength, text, certain, rejected in later
        if (certain or text) and text != "set_aside" and not rejected
    ]
    has_proposals = any(not text and not certain and not rejected for _, text, certain, rejected in later)
    found = with_progress(Finding.objects.all(), DAY).get(pk=finding.pk)
    assert found.verdict == assess_verdict(counted, has_later_round=False, has_proposals=has_proposals)


@pytest.mark.parametrize(
    ("published", "body", "state", "verdict"),
    [
        (date(2025, 1, 1), "grevio", "XA", Verdict.NO_LONGER_RAISED),
        (date(2021, 1, 1), "grevio", "XA", Verdict.NONE_YET),  # before
        (date(2023, 5, 11), "grevio", "XA", Verdict.NONE_YET),  # on the same day
        (date(2025, 1, 1), "cedaw", "XA", Verdict.NONE_YET),  # another body
        (date(2025, 1, 1), "grevio", "XB", Verdict.NONE_YET),  # another state
        (None, "grevio", "XA", Verdict.NONE_YET),
    ],
)
def test_a_later_assessment_that_does_not_raise_it(
    finding: Finding, published: date | None, body: str, state: str, verdict: Verdict
) -> None:
    reading = make_reading([make_finding(9, body=body, state=state)], body=body, state=state, published=published)
    make_report(b"later", reading=reading)
    FindingLink.everything.all().delete()  # those that the similar wording of these examples suggests
    assert with_progress(Finding.objects.all(), DAY).get(pk=finding.pk).verdict == verdict


def test_evidence_that_is_offered_set_aside_or_replaced_does_not_count(finding: Finding) -> None:
    old = make_evidence(finding)
    make_evidence(finding, side=Side.CIVIL_SOCIETY, status=EvidenceStatus.OFFERED)
    make_evidence(
        finding, side=Side.CIVIL_SOCIETY, status=EvidenceStatus.SET_ASIDE, status_reason="The link is broken."
    )
    make_evidence(finding, supports=False, revision_of=old, revision=2)
    assert with_progress(Finding.objects.all(), DAY).get(pk=finding.pk).proven == Proven.DISPUTED


def test_praise_counts_as_welcomed(finding: Finding) -> None:
    praise = make_finding(2, strength=Strength.WELCOMES)
    later = make_report(b"later", reading=make_reading([praise], published=date(2025, 1, 1))).findings.get()
    FindingLink.objects.create(later=later, earlier=finding, basis="citation", certain=True, similarity=1.0)
    assert with_progress(Finding.objects.all(), DAY).get(pk=finding.pk).verdict == Verdict.WELCOMED


def test_a_later_text_that_cites_the_same_paragraph_takes_up_the_recommendation_too(finding: Finding) -> None:
    """The conclusions cite GREVIO's paragraph, not the recommendation of the Committee that cites it as well."""
    body = "committee_of_the_parties"
    recommendation, conclusions = (
        make_report(
            content, reading=make_reading([make_finding(number, body=body)], body=body, published=published)
        ).findings.get()
        for content, number, published in ((b"2024", 5, date(2024, 1, 1)), (b"2026", 6, date(2026, 1, 1)))
    )
    FindingLink.everything.all().delete()  # those that the similar wording of these examples suggests
    cites = {"earlier": finding, "basis": "citation", "certain": True, "similarity": 1.0}
    FindingLink.objects.create(later=recommendation, **cites)

    def verdict() -> str:
        answer = finding_progress(recommendation.public_id, DAY)
        assert answer is not None
        assert (answer.later_assessment is None) == (answer.verdict != Verdict.NO_LONGER_RAISED)
        assert [link.later for link in answer.later] == ([conclusions] if not answer.later_assessment else [])
        return str(answer.verdict)

    assert verdict() == Verdict.NO_LONGER_RAISED
    link = FindingLink.objects.create(later=conclusions, **cites)
    assert verdict() == Verdict.TAKEN_UP_AGAIN
    assert with_progress(Finding.objects.all(), DAY).get(pk=conclusions.pk).verdict == Verdict.NONE_YET
    Finding.everything.filter(pk=conclusions.pk).update(review="rejected")
    assert verdict() == Verdict.NO_LONGER_RAISED
    Finding.everything.filter(pk=conclusions.pk).update(review="machine")
    FindingLink.objects.filter(pk=link.pk).update(later_text="set_aside")
    assert verdict() == Verdict.NO_LONGER_RAISED
    FindingLink.objects.filter(pk=link.pk).update(later_text="", certain=False)
    answer = finding_progress(recommendation.public_id, DAY)
    assert answer is not None
    assert (answer.verdict, answer.later, answer.later_assessment) == (Verdict.UNDECIDED, (), None)
