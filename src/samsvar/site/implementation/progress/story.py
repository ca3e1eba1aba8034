"""What is done about one finding: the three answers with their sources, and its story as dated lines.

Only public measures and accepted evidence appear, for everyone: a desk sees the page that the public sees.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import Q
from django.utils import timezone

from samsvar.dates import PartialDate, UnreadableDate, parse_partial_date
from samsvar.implementation.evidence import EvidenceStatus
from samsvar.implementation.measures import TriageDecision
from samsvar.implementation.progress import Done, Proven, Verdict
from samsvar.site.implementation.duties.queries import DutyLine, StateDuties
from samsvar.site.implementation.evidence.models import Evidence
from samsvar.site.implementation.measures.models import Answer, Change, Measure, Triage
from samsvar.site.implementation.permissions import is_public
from samsvar.site.implementation.progress.queries import (
    current_evidence,
    later_assessments_of,
    later_links_of,
    with_progress,
)
from samsvar.site.monitoring.models import Document, Finding, FindingLink


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """A piece of accepted evidence, and whether it has expired."""

    evidence: Evidence
    has_expired: bool


@dataclass(frozen=True, slots=True)
class FindingProgress:
    """The three answers for a finding, each with what it rests on."""

    finding: Finding
    done: str
    proven: str
    verdict: str
    triage: Triage | None
    answers: tuple[Answer, ...]  # of public measures
    evidence: tuple[EvidenceView, ...]  # newest period first
    later: tuple[FindingLink, ...]  # certain or confirmed by a reviewer
    later_assessment: Document | None  # the first one that does not raise the finding, if none takes it up

    @property
    def is_empty(self) -> bool:
        """Whether no one has said anything about the finding."""
        return not (self.triage or self.answers or self.evidence or self.later or self.later_assessment)


def finding_progress(public_id: str, day: date) -> FindingProgress | None:
    """Return the three answers for a public finding, or None if there is none.

    One query tells what there is; up to four more read the records that the answers rest on.
    """
    finding = with_progress(Finding.objects.filter(public_id=public_id), day).select_related("report__document").first()
    if finding is None:
        return None
    has_evidence = finding.proven != Proven.NO_EVIDENCE
    is_refused = finding.done in {Done.NOT_FOR_US, Done.NO_MEASURE}
    has_answers = not is_refused and finding.done != Done.NO_ONE_HAS_SAID
    is_silent = finding.verdict == Verdict.NO_LONGER_RAISED
    has_later_texts = finding.verdict in {Verdict.TAKEN_UP_AGAIN, Verdict.CLOSED, Verdict.WELCOMED}
    answers = tuple(_public_answers(public_id)) if has_answers else ()
    evidence = _evidence_for(public_id, [answer.measure_id for answer in answers]) if has_evidence else ()
    return FindingProgress(
        finding=finding,
        done=finding.done,
        proven=finding.proven,
        verdict=finding.verdict,
        triage=_public_triage(public_id) if is_refused else None,
        answers=answers,
        evidence=tuple(EvidenceView(one, bool(one.valid_until and one.valid_until < day)) for one in evidence),
        later=later_links_of(finding) if has_later_texts else (),
        later_assessment=_first_later_assessment(finding) if is_silent else None,
    )


def _public_answers(public_id: str) -> Any:
    return (
        Answer.objects.filter(is_public("measure__"), finding_id=public_id, ended_at=None)
        .select_related("measure__lead", "measure__plan", "measure__region")
        .order_by("measure__reference", "measure__title", "part")
    )


def _public_triage(public_id: str) -> Triage | None:
    """Return the desk's decision if it says something to the public: that there is no measure, and why."""
    return Triage.objects.filter(
        finding_id=public_id, decision__in=(TriageDecision.NOT_FOR_US, TriageDecision.NO_MEASURE)
    ).first()


def _evidence_for(public_id: str, measures: list[int]) -> Any:
    return (
        current_evidence()
        .filter(Q(finding_id=public_id) | Q(measure_id__in=measures))
        .select_related("organisation", "measure")
        .order_by("-ends", "-begins", "-received", "-pk")
    )


def _first_later_assessment(finding: Finding) -> Document | None:
    return later_assessments_of(finding).select_related("report").order_by("published").first()


# --- The story --------------------------------------------------------------------------------------------------------


class StoryKind(StrEnum):
    """What a line of a finding's story tells."""

    FINDING = "finding"  # the body's own text
    DECISION = "decision"  # the state says that it plans no measure
    MEASURE = "measure"  # a measure was linked, or changed its stage
    LINK_ENDED = "link_ended"
    EVIDENCE = "evidence"
    LATER_TEXT = "later_text"  # a later finding takes it up or closes it
    NOT_RAISED = "not_raised"  # a later assessment does not raise it
    STEP = "step"  # of a monitoring procedure of the state


@dataclass(frozen=True, slots=True)
class StoryLine:
    """A dated line of a finding's story; which of the objects is set depends on `kind`."""

    day: PartialDate
    kind: StoryKind
    finding: Finding | None = None
    measure: Measure | None = None
    stage: str = ""
    evidence: Evidence | None = None
    link: FindingLink | None = None
    document: Document | None = None
    step: DutyLine | None = None
    text: str = ""  # a reason, or the decision


def finding_story(progress: FindingProgress, day: date, duties: StateDuties | None = None) -> tuple[StoryLine, ...]:
    """Return the story of a finding up to and including a day, oldest first. Four more queries.

    `duties` adds the steps of the state's monitoring procedures since the finding, as known on that day.

    Documents have the day of their publication, as precise as it is known; a line appears once that day may have come.
    """
    lines = [
        *_text_lines(progress),
        *_decision_lines(progress.finding.public_id),
        *_measure_lines(progress.finding.public_id),
        *_evidence_lines(progress),
        *(_step_lines(progress, duties) if duties else ()),
    ]
    shown = [line for line in lines if line.day.earliest <= day]
    return tuple(sorted(shown, key=lambda line: (line.day.earliest, list(StoryKind).index(line.kind))))


def _text_lines(progress: FindingProgress) -> Iterator[StoryLine]:
    if published := _published(progress.finding.report.document):
        yield StoryLine(published, StoryKind.FINDING, finding=progress.finding)
    for link in progress.later:
        if published := _published(link.later.report.document):
            yield StoryLine(published, StoryKind.LATER_TEXT, finding=link.later, link=link, text=link.reason)
    if document := progress.later_assessment:
        if published := _published(document):
            yield StoryLine(published, StoryKind.NOT_RAISED, document=document)


def _decision_lines(public_id: str) -> Iterator[StoryLine]:
    for change in Change.objects.filter(finding=public_id, kind=Change.Kind.TRIAGE).order_by("pk"):
        decision = change.after.get("decision", "")
        if decision in {TriageDecision.NOT_FOR_US, TriageDecision.NO_MEASURE}:
            yield StoryLine(_day_of(change.at), StoryKind.DECISION, stage=decision, text=change.reason)


def _measure_lines(public_id: str) -> Iterator[StoryLine]:
    """Yield the links of public measures, and each stage that such a measure reached while it was linked."""
    answers = (
        Answer.objects.filter(is_public("measure__"), finding_id=public_id)
        .select_related("measure__lead")
        .order_by("at")
    )
    changes: dict[int, list[Change]] = {}
    for change in Change.objects.filter(
        measure__in=[answer.measure_id for answer in answers], kind=Change.Kind.MEASURE
    ).order_by("pk"):
        changes.setdefault(change.measure_id or 0, []).append(change)
    for answer in answers:
        stages = [(change.at, change.after["stage"], change) for change in changes.get(answer.measure_id, ())
                  if "stage" in change.after]  # fmt: skip
        before = [stage for at, stage, _change in stages if at <= answer.at]
        stage = before[-1] if before else str(answer.measure.stage)
        yield StoryLine(_day_of(answer.at), StoryKind.MEASURE, measure=answer.measure, stage=stage, text=answer.reason)
        for at, stage, change in stages:
            if answer.at < at and (answer.ended_at is None or at <= answer.ended_at):
                yield StoryLine(_day_of(at), StoryKind.MEASURE, measure=answer.measure, stage=stage, text=change.reason)
        if answer.ended_at:
            yield StoryLine(_day_of(answer.ended_at), StoryKind.LINK_ENDED, measure=answer.measure)


def _evidence_lines(progress: FindingProgress) -> Iterator[StoryLine]:
    """Yield accepted evidence, also what a later revision has replaced, which was there on its day."""
    accepted = Evidence.objects.filter(
        Q(finding_id=progress.finding.public_id) | Q(measure__in=[answer.measure_id for answer in progress.answers]),
        status=EvidenceStatus.ACCEPTED,
    ).select_related("organisation")
    for evidence in accepted:
        yield StoryLine(_day_of(evidence.received), StoryKind.EVIDENCE, evidence=evidence)


def _step_lines(progress: FindingProgress, duties: StateDuties) -> Iterator[StoryLine]:
    """Yield the steps that have happened since the finding, without those whose text is a line of its own."""
    begins = _published(progress.finding.report.document)
    texts = [progress.finding.report.document, *(link.later.report.document for link in progress.later)]
    if progress.later_assessment:
        texts.append(progress.later_assessment)
    cited = {document.public_id for document in texts}
    for step in duties.lines:
        done = step.duty.done
        if done and begins and done.earliest >= begins.earliest and step.duty.done_source not in cited:
            yield StoryLine(done, StoryKind.STEP, step=step)


def _published(document: Document) -> PartialDate | None:
    try:
        return parse_partial_date(document.published)
    except UnreadableDate:
        return None


def _day_of(moment: Any) -> PartialDate:
    day = timezone.localtime(moment).date() if hasattr(moment, "hour") else moment
    return PartialDate(day.year, day.month, day.day)


def finding_panel(finding: Finding) -> tuple[str, dict[str, Any]] | None:
    """Return the panel of a finding's page, or None for praise about which no one has said anything."""
    progress = finding_progress(finding.public_id, timezone.localdate())
    if progress is None or (progress.is_empty and progress.finding.strength == "welcomes"):
        return None
    return "implementation/progress/_finding.html", {"progress": progress}
