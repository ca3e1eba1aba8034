"""Queries for the desk of a state: what to do now, and the findings to decide about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from types import MappingProxyType

from django.db.models import Exists, OuterRef, Q, QuerySet

from samsvar.dates import UnreadableDate, parse_partial_date
from samsvar.implementation.evidence import EvidenceStatus, Side
from samsvar.implementation.measures import MeasureVisibility, Stage, TriageDecision, is_overdue
from samsvar.monitoring.lineage import find_similar
from samsvar.site.implementation.evidence.models import Evidence
from samsvar.site.implementation.measures.models import Answer, Change, Cluster, Measure, Triage
from samsvar.site.implementation.measures.queries import (
    HistoryLine,
    describe_change,
    findings_of_state,
    prepare_cards,
    prepare_finding,
)
from samsvar.site.monitoring.citing import short_citation
from samsvar.site.monitoring.models import Finding
from samsvar.site.monitoring.queries import to_library_finding
from samsvar.site.network.access.permissions import User

# columns of a finding that no list shows
_LONG_COLUMNS = ("boxes", "pages", "heading", "machine", "note", "cites", "addressee", "from_states")
DUE_SOON = timedelta(days=90)
SHOWN = 6  # of each list of the desk; the link leads to all


@dataclass(frozen=True, slots=True)
class AnsweringMeasure:
    """A measure that answers a finding of a list."""

    public_id: str
    reference: str
    title: str


@dataclass(frozen=True, slots=True)
class FindingItem:
    """Findings that are handled together: one finding, or the findings of a cluster, the strongest first."""

    findings: Sequence[Finding]  # each with `numbers` and `citation`
    triage: Triage | None  # of the first one without an answer
    cluster: Cluster | None
    measures: Sequence[AnsweringMeasure]  # that answer one of them
    is_answered: bool  # whether each of them has an answer
    similar: Sequence[Finding] = ()  # that may ask for the same, and are not in a cluster with it

    @property
    def first(self) -> Finding:
        return self.findings[0]

    @property
    def key(self) -> str:
        """The value that selects it in a form."""
        return self.first.public_id

    @property
    def decision(self) -> str:
        return self.triage.decision if self.triage else TriageDecision.OPEN.value


# --- The desk's first page --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DueMeasure:
    measure: Measure
    overdue: bool


@dataclass(frozen=True, slots=True)
class DeskPage:
    """What a state's desk can do now."""

    state: str
    finding_counts: Mapping[str, int]  # by decision, and "answered": findings
    open_items: Sequence[FindingItem]  # not yet handled, clusters once; the first `SHOWN`
    open_count: int  # clusters counted once
    overdue: Sequence[DueMeasure]
    due_soon: Sequence[DueMeasure]
    unpublished: int  # measures that only the desk can see
    offered: Sequence[Evidence]  # the state's own evidence that waits to be accepted


def desk_page(state: str, day: date) -> DeskPage:
    """Return the desk of a state, in three queries and those of the panels. `day` is today."""
    answered = Answer.objects.filter(finding=OuterRef("public_id"), ended_at=None)
    findings = findings_of_state(state).select_related("triage__cluster").annotate(answered=Exists(answered))
    counts = dict.fromkeys([*(decision.value for decision in TriageDecision), "answered"], 0)
    waiting = []
    for finding in findings.defer(*_LONG_COLUMNS, "actions"):
        triage = _triage_of(finding)
        decision = triage.decision if triage else TriageDecision.OPEN.value
        key = "answered" if finding.answered else decision
        counts[key] += 1
        if key == TriageDecision.OPEN:
            waiting.append(finding)
    items = _group_items(waiting)
    for item in items[:SHOWN]:
        item.first.citation = short_citation(item.first)  # type: ignore[attr-defined]
    measures = list(Measure.objects.filter(state_id=state).select_related("lead").only(*_DUE_COLUMNS).order_by())
    overdue, due_soon = _due_measures(measures, day)
    return DeskPage(
        state=state,
        finding_counts=counts,
        open_items=items[:SHOWN],
        open_count=len(items),
        overdue=overdue,
        due_soon=due_soon,
        unpublished=sum(measure.visibility != MeasureVisibility.PUBLIC for measure in measures),
        offered=list(
            Evidence.objects.filter(state_id=state, side=Side.STATE, status=EvidenceStatus.OFFERED)
            .only("public_id", "title", "language", "received")
            .order_by("received", "pk")
        ),
    )


_DUE_COLUMNS = ("public_id", "reference", "title", "language", "due", "stage", "visibility", "lead__name", "lead_name")


def _triage_of(finding: Finding) -> Triage | None:
    return getattr(finding, "triage", None)


def _due_measures(measures: Iterable[Measure], day: date) -> tuple[list[DueMeasure], list[DueMeasure]]:
    """Return the measures that are overdue, and those that are due in the next 90 days, the earliest first."""
    overdue, due_soon = [], []
    for measure in sorted(measures, key=lambda measure: (measure.due, measure.reference, measure.pk)):
        if Stage(measure.stage).is_over:
            continue
        try:
            due = parse_partial_date(measure.due)
        except UnreadableDate:  # shown on the measure's page as its source wrote it
            continue
        if is_overdue(due, Stage(measure.stage), day):
            overdue.append(DueMeasure(measure, overdue=True))
        elif due is not None and due.latest <= day + DUE_SOON:
            due_soon.append(DueMeasure(measure, overdue=False))
    return overdue, due_soon


def _group_items(
    findings: Iterable[Finding], answering: Mapping[str, Sequence[AnsweringMeasure]] = MappingProxyType({})
) -> list[FindingItem]:
    """Return findings as items, those of a cluster as one, at the place of the strongest of them.

    `answering` are the measures that answer findings, by the findings' public IDs.
    """
    groups: dict[object, list[Finding]] = {}
    for finding in findings:
        triage = _triage_of(finding)
        groups.setdefault((triage and triage.cluster_id) or finding.public_id, []).append(finding)
    return [_build_item(members, answering) for members in groups.values()]


def _build_item(members: list[Finding], answering: Mapping[str, Sequence[AnsweringMeasure]]) -> FindingItem:
    answers = [answering.get(finding.public_id, ()) for finding in members]
    waiting = next((finding for finding, current in zip(members, answers, strict=True) if not current), None)
    triage = _triage_of(waiting or members[0])
    measures = {measure.public_id: measure for current in answers for measure in current}
    return FindingItem(
        members, triage, triage.cluster if triage else None, list(measures.values()), is_answered=waiting is None
    )


# --- The findings to decide about -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TriageFilters:
    """Filters of the findings to decide about; "" for no filter, and `show` is "open" unless given."""

    show: str = "open"
    article: str = ""
    strength: str = ""

    @classmethod
    def from_params(cls, params: Mapping[str, str]) -> TriageFilters:
        given = {one.name: str(params.get(one.name, one.default))[:40] for one in fields(cls)}
        return cls(**given)

    def to_dict(self) -> dict[str, str]:
        return {one.name: getattr(self, one.name) for one in fields(self)}


SHOW_ALL, SHOW_ANSWERED = "all", "answered"
MAX_COMPARED = 400  # findings whose wording is compared on one page: takes 20 ms


@dataclass(frozen=True, slots=True)
class TriagePage:
    state: str
    items: Sequence[FindingItem]
    counts: Mapping[str, int]  # items by decision, and "answered"
    filters: TriageFilters
    articles: Sequence[int]
    strengths: Sequence[str]
    can_undo: bool


def triage_page(user: User, state: str, filters: TriageFilters) -> TriagePage:
    """Return the findings to decide about that match filters, with similar ones for a cluster."""
    answering = _answering_measures(state)
    findings = list(
        findings_of_state(state)
        .select_related("triage__cluster", "triage__body", "report")
        .prefetch_related("articles")
        .defer("machine")
    )
    for finding in findings:
        prepare_finding(finding)
    items = _group_items(findings, answering)
    counts = dict.fromkeys([*(decision.value for decision in TriageDecision), SHOW_ANSWERED], 0)
    for item in items:
        counts[_shown_under(item)] += 1
    matching = [item for item in items if _matches(item, filters)]
    return TriagePage(
        state=state,
        items=_with_similar(matching),
        counts=counts,
        filters=filters,
        articles=sorted({number for finding in findings for number in finding.numbers}),  # type: ignore[attr-defined]
        strengths=list(dict.fromkeys(finding.strength for finding in findings)),
        can_undo=can_undo(user, state),
    )


def _answering_measures(state: str) -> dict[str, list[AnsweringMeasure]]:
    """Return the measures that answer each finding on a state; rows of both models would take 9 ms, this 2 ms."""
    answers = Answer.objects.filter(ended_at=None, measure__state_id=state).order_by("pk")
    measures: dict[str, list[AnsweringMeasure]] = {}
    for finding, *values in answers.values_list(
        "finding_id", "measure__public_id", "measure__reference", "measure__title"
    ):
        measures.setdefault(str(finding), []).append(AnsweringMeasure(*values))
    return measures


def _shown_under(item: FindingItem) -> str:
    return SHOW_ANSWERED if item.is_answered else item.decision


def _matches(item: FindingItem, filters: TriageFilters) -> bool:
    return all((
        filters.show == SHOW_ALL or _shown_under(item) == filters.show,
        not filters.article or any(filters.article in map(str, one.numbers) for one in item.findings),  # type: ignore[attr-defined]
        not filters.strength or item.first.strength == ("" if filters.strength == "none" else filters.strength),
    ))  # fmt: skip


def _with_similar(items: list[FindingItem]) -> list[FindingItem]:
    """Suggest for each item the others in the list that may ask for the same; nothing is put together by itself."""
    owners = [number for number, item in enumerate(items) for _finding in item.findings][:MAX_COMPARED]
    findings = [finding for item in items for finding in item.findings][:MAX_COMPARED]
    similar: dict[int, dict[int, Finding]] = {}
    for pair in find_similar([to_library_finding(finding) for finding in findings]):
        first, second = owners[pair.first], owners[pair.second]
        if first != second:
            similar.setdefault(first, {}).setdefault(second, items[second].first)
            similar.setdefault(second, {}).setdefault(first, items[first].first)
    return [replace(item, similar=tuple(similar.get(number, {}).values())[:3]) for number, item in enumerate(items)]


def can_undo(user: User, state: str) -> bool:
    """Return whether a user has decided about findings of the state and not undone it."""
    own = Change.objects.filter(state_id=state, by=user, batch__isnull=False).exclude(finding="")
    undone = own.filter(cause="undo").values("batch")
    return own.filter(cause="edit").exclude(batch__in=undone).exists()


def chosen_findings(state: str, public_ids: Iterable[str]) -> QuerySet[Finding]:
    """Return the chosen findings of a state, and those that are in a cluster with one of them."""
    chosen = list(public_ids)
    clusters = Triage.objects.filter(finding__public_id__in=chosen, cluster__isnull=False).values("cluster")
    return Finding.objects.filter(Q(public_id__in=chosen) | Q(triage__cluster__in=clusters), state_id=state).order_by(
        "report_id", "ordinal"
    )


# --- One finding ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DeskFinding:
    """A finding at the desk of its state: what was decided, the measures that answer it, and its history."""

    finding: Finding
    triage: Triage | None
    others: Sequence[Finding]  # in the same cluster
    answers: Sequence[Answer]
    history: Sequence[HistoryLine]  # newest first


def desk_finding(state: str, public_id: str) -> DeskFinding | None:
    """Return a finding of a state at its desk, or None."""
    finding = (
        Finding.objects.filter(state_id=state, public_id=public_id)
        .select_related("triage__cluster", "triage__body", "report__document")
        .prefetch_related("articles")
        .first()
    )
    if finding is None:
        return None
    triage = _triage_of(finding)
    others = (
        Finding.objects.filter(triage__cluster=triage.cluster_id).exclude(pk=finding.pk).prefetch_related("articles")
        if triage and triage.cluster_id
        else []
    )
    prepare_cards([finding])
    answers = Answer.objects.filter(finding_id=public_id, ended_at=None).select_related("measure").order_by("pk")
    changes = Change.objects.filter(finding=public_id).select_related("measure").order_by("-pk")
    return DeskFinding(
        finding=finding,
        triage=triage,
        others=[prepare_finding(other) for other in others],
        answers=list(answers),
        history=[HistoryLine(change, describe_change(change)) for change in changes],
    )


def find_cluster(state: str, pk: int) -> Cluster | None:
    return Cluster.objects.filter(state_id=state, pk=pk).first()
