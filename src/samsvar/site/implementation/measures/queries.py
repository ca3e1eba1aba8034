"""Queries for plans, measures and the findings that they answer."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet
from django.utils.translation import get_language

from samsvar.dates import UnreadableDate, parse_partial_date
from samsvar.implementation.measures import ChangeCause, MeasureVisibility, Stage, is_overdue
from samsvar.site.convention.models import State
from samsvar.site.implementation.measures.models import Answer, Change, Measure, Plan, PlanChapter
from samsvar.site.implementation.permissions import can_manage_country, visible_to
from samsvar.site.monitoring.citing import short_citation
from samsvar.site.monitoring.models import Finding, FindingArticle, FindingLink
from samsvar.site.monitoring.rounds import later_texts_of
from samsvar.site.network.access.permissions import User
from samsvar.site.shell.filters import FilterValues
from samsvar.site.shell.labels import LABELS, find_label

OPEN_STAGES = tuple(stage for stage in Stage if not stage.is_over)  # of measures with something left to do

# What the history of a measure and a frozen report contain: plain values by column, amounts as text.
_COLUMNS = (
    "reference", "title", "text", "language", "kind", "begins", "due", "stage", "stop_reason", "currency", "visibility",
)  # fmt: skip


def measure_values(measure: Measure) -> dict[str, Any]:
    """Return what a measure says, as plain values that JSON can hold: for its history and for frozen reports."""
    return {
        **{name: str(getattr(measure, name)) for name in _COLUMNS},
        "budget": "" if measure.budget is None else f"{measure.budget:.2f}",
        "paid": "" if measure.paid is None else f"{measure.paid:.2f}",
        "lead": measure.lead_text,
        "bodies": [body.text for body in measure.bodies.select_related("organisation")],
        "plan": measure.plan.title if measure.plan else "",
        "chapter": measure.chapter.title if measure.chapter else "",
        "region": measure.region.name if measure.region else "",
    }


def visible_measures(user: User, state: str) -> QuerySet[Measure]:
    """Return the measures of a state that a user can see, with lead body, plan and region."""
    return Measure.objects.filter(visible_to(user, state), state_id=state).select_related(
        "lead", "plan", "chapter", "region"
    )


def visible_plans(user: User, state: str) -> QuerySet[Plan]:
    """Return the plans of a state that a user can see."""
    return Plan.objects.filter(visible_to(user, state), state_id=state)


def find_measure(user: User, public_id: str) -> Measure | None:
    """Return a measure with its bodies, or None if the user can see no such measure."""
    measure = (
        Measure.objects.select_related("lead", "plan", "chapter", "region")
        .prefetch_related("bodies__organisation")
        .filter(public_id=public_id)
        .first()
    )
    if measure is None or not Measure.objects.filter(visible_to(user, measure.state_id), pk=measure.pk).exists():
        return None
    return measure


def current_answers(measure: Measure) -> QuerySet[Answer]:
    """Return the links of a measure to published findings that still apply, the strongest first."""
    return (
        measure.answers.filter(ended_at=None, finding__in=Finding.objects.values("public_id"))
        .select_related("finding__report__document")
        .order_by("finding__rank", "-finding__year", "finding__ordinal", "part")
    )


def with_answers(measures: QuerySet[Measure]) -> QuerySet[Measure]:
    """Return the measures with the links to published findings that still apply as `current_answers`."""
    published = Finding.objects.values("public_id")
    answers = (
        Answer.objects.filter(ended_at=None, finding__in=published).select_related("finding").defer(*_LONG_COLUMNS)
    )
    return measures.prefetch_related(Prefetch("answers", queryset=answers, to_attr="current_answers"))


# columns of a finding that a list does not show
_LONG_COLUMNS = [
    f"finding__{name}" for name in ("boxes", "pages", "heading", "actions", "cites", "text", "machine", "note")
]


def stage_on(changes: Iterable[Change], day: date) -> str:
    """Return the stage of a measure at the end of a day, from its history; "" if it did not exist yet."""
    stage = ""
    for change in changes:
        if change.kind == Change.Kind.MEASURE and change.at.date() <= day:
            stage = change.after.get("stage", stage)
    return stage


def find_plan(state: str, public_id: str) -> Plan | None:
    """Return a plan of a state, also one that is not public."""
    return Plan.objects.filter(state_id=state, public_id=public_id).first()


def plans_with_counts(state: str) -> QuerySet[Plan]:
    """Return all plans of a state with the number of their measures as `measure_count`."""
    return Plan.objects.filter(state_id=state).annotate(measure_count=Count("measures"))


def find_answer(measure: Measure, pk: int) -> Answer | None:
    """Return a link of a measure to a published finding that still applies."""
    return current_answers(measure).filter(pk=pk).first()


def findings_to_link(measure: Measure) -> list[Finding]:
    """Return the findings of a measure's state that it can answer, each with `answered`: whether another answers it.

    Findings without an answer come first, then the strongest and latest. Praise, findings that a reviewer rejected and
    those that the measure answers as a whole are left out.
    """
    current = Answer.objects.filter(finding=OuterRef("public_id"), ended_at=None)
    whole = measure.answers.filter(ended_at=None, part=None).values("finding")
    findings = (
        Finding.objects.filter(state_id=measure.state_id)
        .exclude(strength="welcomes")
        .exclude(review=Finding.Review.REJECTED)
        .exclude(public_id__in=whole)
        .annotate(answered=Exists(current))
        .prefetch_related("articles")
        .defer("boxes", "pages", "actions", "cites", "machine")
        .order_by("answered", "rank", "-year", "report_id", "ordinal")
    )
    return [prepare_finding(finding) for finding in findings]


def findings_of_state(state: str) -> QuerySet[Finding]:
    """Return the published findings that a state's desk decides about, the strongest and then the oldest first.

    Praise, findings that a reviewer rejected, and those that a later text closes or restates are left out.
    """
    superseded = FindingLink.objects.filter(earlier=OuterRef("pk"), later_text__in=FindingLink.SUPERSEDING)
    return (
        Finding.objects.filter(~Exists(superseded), state_id=state)
        .exclude(strength="welcomes")
        .exclude(review=Finding.Review.REJECTED)
        .order_by("rank", "year", "report_id", "ordinal")
    )


def find_state(code: str) -> State | None:
    """Return a state by its code in capitals, or None."""
    return State.objects.filter(code=code).first()


# --- The list of a state's measures -----------------------------------------------------------------------------------

MEASURES_A_PAGE = 25  # of the table: at most two screens of a telephone
MEASURES_ON_ONE_PAGE = 200  # all of the largest plans known (2026: over 120), for the board, print and bulk edits


@dataclass(frozen=True, slots=True)
class MeasureFilters(FilterValues):
    """Filters for a list of measures; "" for no filter. Unknown values match nothing."""

    plan: str = ""  # public ID
    chapter: str = ""  # primary key
    kind: str = ""
    stage: str = ""
    lead: str = ""  # name of the lead body, or `NO_VALUE`
    region: str = ""  # primary key
    article: str = ""
    only: str = ""  # "overdue", "unanswered" (answers no finding) or, for the desk, "unpublished"


NO_VALUE = "none"


@dataclass(frozen=True, slots=True)
class MeasureChoices:
    """The values that the filters offer: those that the measures have."""

    plans: Sequence[Plan]
    chapters: Sequence[PlanChapter]
    leads: Sequence[str]
    regions: Sequence[tuple[int, str]]
    articles: Sequence[int]


@dataclass(frozen=True, slots=True)
class ListedAnswer:
    """A finding that a measure of a list answers."""

    finding: str  # public ID
    citation: str  # without the page
    strength: str
    scope: str


@dataclass(frozen=True, slots=True)
class ListedMeasure:
    """A measure of a list, with its plan only if the user can see that."""

    measure: Measure
    plan: Plan | None
    chapter: PlanChapter | None
    answers: Sequence[ListedAnswer]
    articles: Sequence[int]  # of the findings that it answers
    overdue: bool


@dataclass(frozen=True, slots=True)
class MeasureGroup:
    """Measures of one chapter, or of one stage, in their order."""

    plan: Plan | None
    chapter: PlanChapter | None
    measures: Sequence[ListedMeasure]
    stage: str = ""


@dataclass(frozen=True, slots=True)
class MeasureList:
    """The measures of a state that match filters: by chapter as a table, or by stage as a board."""

    state: str
    measures: Page[ListedMeasure]
    groups: Sequence[MeasureGroup]
    total: int  # without filters
    overdue: int  # of all, without filters
    stopped: int
    filters: MeasureFilters
    choices: MeasureChoices
    can_manage: bool


def measure_list(
    user: User,
    state: str,
    filters: MeasureFilters,
    *,
    day: date,
    board: bool = False,
    on_one_page: bool = False,
    page: str = "",
) -> MeasureList:
    """Return the measures of a state that a user can see and that match filters, with the findings they answer.

    The table has pages of `MEASURES_A_PAGE`; a board, or a table `on_one_page`, of `MEASURES_ON_ONE_PAGE`.
    """
    can_manage = can_manage_country(user, state)
    everything = _list_measures(visible_measures(user, state).only(*_LISTED_COLUMNS), state, day, can_manage=can_manage)
    matching = [one for one in everything if _matches(one, filters)]
    size = MEASURES_ON_ONE_PAGE if board or on_one_page else MEASURES_A_PAGE
    measures = Paginator(matching, size).get_page(page)
    return MeasureList(
        state=state,
        measures=measures,
        groups=_group_by_stage(measures) if board else _group_by_chapter(measures),
        total=len(everything),
        overdue=sum(one.overdue for one in everything),
        stopped=sum(one.measure.stage == Stage.STOPPED for one in everything),
        filters=filters,
        choices=_choices(everything),
        can_manage=can_manage,
    )


def listed_measures(user: User, state: str, filters: MeasureFilters, *, day: date) -> list[ListedMeasure]:
    """Return all measures of a list, in its order, without pages."""
    measures = with_answers(visible_measures(user, state))
    everything = _list_measures(measures, state, day, can_manage=can_manage_country(user, state))
    return [one for one in everything if _matches(one, filters)]


# the columns of a measure and of what it belongs to that the table, the board and their filters show
_LISTED_COLUMNS = (
    "public_id", "state", "reference", "title", "language", "kind", "due", "stage", "visibility", "version",
    "lead_name", "lead__name", "plan__public_id", "plan__title", "plan__language", "plan__begins", "plan__visibility",
    "chapter__title", "chapter__order", "region__name",
)  # fmt: skip


def _list_measures(measures: QuerySet[Measure], state: str, day: date, *, can_manage: bool) -> list[ListedMeasure]:
    answers = _listed_answers(state)
    articles = articles_by_finding(state)
    listed = []
    for measure in measures.order_by():
        shows_plan = can_manage or (measure.plan is not None and measure.plan.visibility == MeasureVisibility.PUBLIC)
        listed.append(
            ListedMeasure(
                measure=measure,
                plan=measure.plan if shows_plan else None,
                chapter=measure.chapter if shows_plan else None,
                answers=answers.get(measure.pk, ()),
                articles=sorted({n for one in answers.get(measure.pk, ()) for n in articles.get(one.finding, ())}),
                overdue=is_overdue(_parse_due(measure.due), Stage(measure.stage), day),
            )
        )  # fmt: skip
    return sorted(listed, key=lambda listed: plan_order(listed.measure, listed.plan, listed.chapter))


def _listed_answers(state: str) -> dict[int, list[ListedAnswer]]:
    """Return the links of a state's measures to published findings that still apply, by measure."""
    published = Finding.objects.filter(state_id=state).values("public_id")
    links = Answer.objects.filter(ended_at=None, measure__state_id=state, finding__in=published)
    answers: dict[int, list[ListedAnswer]] = {}
    for measure, finding, scope, body, year, paragraph, strength in links.order_by("finding", "part", "id").values_list(
        "measure_id", "finding_id", "scope", "finding__body", "finding__year", "finding__paragraph", "finding__strength"
    ):
        citation = short_citation(_PlaceWithoutPage(body, year, paragraph))
        answers.setdefault(measure, []).append(ListedAnswer(str(finding), citation, strength, scope))
    return answers


def articles_by_finding(state: str) -> dict[str, list[int]]:
    """Return the articles of the published findings on a state, in their order, by the findings' public IDs."""
    articles: dict[str, list[int]] = {}
    pairs = FindingArticle.objects.filter(finding__state_id=state).order_by("article")
    for finding, article in pairs.values_list("finding__public_id", "article"):
        articles.setdefault(finding, []).append(article)
    return articles


@dataclass(frozen=True, slots=True)
class _PlaceWithoutPage:
    """A finding as a list cites it."""

    body: str
    year: int | None
    paragraph: str
    page: None = None


def cite_without_page(finding: Finding) -> str:
    """Return the citation of a finding in a list, by paragraph only."""
    return short_citation(_PlaceWithoutPage(finding.body, finding.year, finding.paragraph))


def _parse_due(due: str) -> Any:
    try:
        return parse_partial_date(due)
    except UnreadableDate:  # shown as its source wrote it, and never overdue
        return None


def plan_order(measure: Measure, plan: Plan | None, chapter: PlanChapter | None) -> tuple[Any, ...]:
    """Return the order of measures in a list: newest plan first, then chapter and number ("3.2" before "3.10")."""
    return (
        plan is None,
        [-ord(letter) for letter in plan.begins] if plan else [],
        (plan.title, plan.pk) if plan else ("", 0),
        (chapter.order, chapter.pk) if chapter else (10_000, 0),
        natural_key(measure.reference),
        measure.title,
        measure.pk,
    )


def natural_key(text: str) -> list[tuple[int, int, str]]:
    """Return a sort key that compares the numbers in a text as numbers; an empty text comes last."""
    parts = re.findall(r"\d+|\D+", text)
    return [(0, int(part[:9]), "") if part.isdecimal() else (1, 0, part) for part in parts] or [(2, 0, "")]


def _matches(listed: ListedMeasure, filters: MeasureFilters) -> bool:
    measure, plan = listed.measure, listed.plan
    return all((
        not filters.plan or (plan is not None and plan.public_id == filters.plan),
        not filters.chapter or (listed.chapter is not None and str(listed.chapter.pk) == filters.chapter),
        not filters.kind or (measure.kind or NO_VALUE) == filters.kind,
        not filters.stage or measure.stage == filters.stage,
        not filters.lead or (measure.lead_text or NO_VALUE) == filters.lead,
        not filters.region or str(measure.region_id) == filters.region,
        not filters.article or filters.article in map(str, listed.articles),
        filters.only != "overdue" or listed.overdue,
        filters.only != "unanswered" or not listed.answers,
        filters.only != "unpublished" or measure.visibility != MeasureVisibility.PUBLIC,
    ))  # fmt: skip


def _group_by_chapter(measures: Iterable[ListedMeasure]) -> list[MeasureGroup]:
    return [
        MeasureGroup(first.plan, first.chapter, [first, *rest])
        for _key, (first, *rest) in groupby(measures, key=lambda listed: (listed.plan, listed.chapter))
    ]


def _group_by_stage(measures: Iterable[ListedMeasure]) -> list[MeasureGroup]:
    by_stage: dict[str, list[ListedMeasure]] = {stage.value: [] for stage in Stage}
    for listed in measures:
        by_stage[listed.measure.stage].append(listed)
    return [MeasureGroup(None, None, members, stage) for stage, members in by_stage.items()]


def _choices(measures: Sequence[ListedMeasure]) -> MeasureChoices:
    regions = {(one.measure.region.name, one.measure.region.pk) for one in measures if one.measure.region}
    return MeasureChoices(
        plans=list({one.plan.pk: one.plan for one in measures if one.plan}.values()),
        chapters=list({one.chapter.pk: one.chapter for one in measures if one.chapter}.values()),
        leads=sorted({one.measure.lead_text for one in measures if one.measure.lead_text}),
        regions=[(pk, name) for name, pk in sorted(regions)],
        articles=sorted({number for one in measures for number in one.articles}),
    )


# --- The page of a measure --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A column that a change has changed, with its values before and after in the reader's language."""

    field: str
    before: str
    after: str
    has_before: bool  # false if it is new, or if its earlier value is not shown


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """A line of the history of a measure or a finding."""

    change: Change
    fields: Sequence[FieldChange]
    finding: Finding | None = None  # for links to findings
    is_first: bool = False

    @property
    def ends_link(self) -> bool:
        return self.change.kind == Change.Kind.ANSWER and not self.change.after

    @property
    def citation(self) -> str:
        return short_citation(self.finding) if self.finding else ""


@dataclass(frozen=True, slots=True)
class BulkEdit:
    """A bulk edit that can be undone as far as one of its measures shows."""

    batch: UUID
    measures: int


@dataclass(frozen=True, slots=True)
class MeasurePage:
    measure: Measure
    answers: Sequence[Answer]  # each with `finding.citation` and `finding.numbers`
    history: Sequence[HistoryLine]  # newest first
    overdue: bool
    can_manage: bool
    shows_plan: bool  # a public measure may belong to a plan that is not public yet
    bulk_edit: BulkEdit | None = None  # the measure's last change, if the user can undo it


def measure_page(user: User, public_id: str, day: date) -> MeasurePage | None:
    """Return the page of a measure, or None if the user can see no such measure."""
    measure = find_measure(user, public_id)
    if measure is None:
        return None
    can_manage = can_manage_country(user, measure.state_id)
    answers = list(current_answers(measure).prefetch_related("finding__articles"))
    prepare_cards([answer.finding for answer in answers])
    history = measure_history(measure, only_public=not can_manage)
    return MeasurePage(
        measure=measure,
        answers=answers,
        history=history,
        bulk_edit=_last_bulk_edit(history) if can_manage else None,
        overdue=is_overdue(_parse_due(measure.due), Stage(measure.stage), day),
        can_manage=can_manage,
        shows_plan=measure.plan is not None and (can_manage or measure.plan.visibility == MeasureVisibility.PUBLIC),
    )


def _last_bulk_edit(history: Iterable[HistoryLine]) -> BulkEdit | None:
    """Return the bulk edit that is the last change of a measure, apart from changes that were undone."""
    undone: set[UUID | None] = set()
    for line in history:
        change = line.change
        if change.cause == ChangeCause.UNDO:
            undone.add(change.batch)
        elif change.batch is None or change.batch not in undone:
            if change.cause != ChangeCause.BULK or change.batch is None:
                return None
            return BulkEdit(change.batch, Change.objects.filter(batch=change.batch).count())
    return None


def is_bulk_edit(state: str, batch: UUID) -> bool:
    """Return whether a bulk edit of a state's measures has this ID."""
    return Change.objects.filter(state_id=state, batch=batch, cause=ChangeCause.BULK).exists()


def prepare_finding(finding: Finding) -> Finding:
    """Give a finding with prefetched articles the attributes `numbers` and `citation`."""
    finding.numbers = [one.article for one in finding.articles.all()]  # type: ignore[attr-defined]
    finding.citation = short_citation(finding)  # type: ignore[attr-defined]
    return finding


def prepare_cards(findings: Sequence[Finding]) -> None:
    """Give findings with prefetched articles what their cards show, with one query."""
    later_texts = later_texts_of([finding.public_id for finding in findings])
    for finding in findings:
        prepare_finding(finding).later_text = later_texts.get(finding.public_id, "")  # type: ignore[attr-defined]


def measure_history(measure: Measure, *, only_public: bool) -> list[HistoryLine]:
    """Return the history of a measure, newest first.

    With `only_public`, lines from times at which the measure was not public are left out, and the line that published
    it says only that: nothing becomes public that was written for the desk.
    """
    changes = list(measure.changes.all())
    findings = Finding.objects.in_bulk({one.finding for one in changes if one.finding}, field_name="public_id")
    names = _public_plan_names(measure.state_id) if only_public else None
    lines, was_public = [], False
    for number, change in enumerate(changes):
        is_public = change.after.get("visibility", "") == MeasureVisibility.PUBLIC or (
            was_public and "visibility" not in change.after
        )
        finding = findings.get(change.finding)
        if not only_public:
            lines.append(HistoryLine(change, describe_change(change), finding, number == 0))
        elif is_public and not was_public:  # its reason and other columns were written for the desk
            lines.append(HistoryLine(_without_reason(change), [_published(change)], None, number == 0))
        elif is_public and (finding or not change.finding):
            lines.append(HistoryLine(change, describe_change(change, plan_names=names), finding))
        was_public = is_public
    return lines[::-1]


def _public_plan_names(state: str) -> frozenset[str]:
    """Return the titles of a state's public plans and of their chapters."""
    plans = Plan.objects.filter(state_id=state, visibility=MeasureVisibility.PUBLIC)
    chapters = PlanChapter.objects.filter(plan__in=plans)
    return frozenset([*plans.values_list("title", flat=True), *chapters.values_list("title", flat=True)])


def _without_reason(change: Change) -> Change:
    change.reason = ""
    return change


def _published(change: Change) -> FieldChange:
    return FieldChange("visibility", "", _value_text("visibility", change.after["visibility"]), has_before=False)


_FIRST_FIELDS = ("visibility", "stage", "stop_reason", "due", "decision", "title")


def describe_change(change: Change, *, plan_names: Collection[str] | None = None) -> list[FieldChange]:
    """Return the columns that a change has changed. With `plan_names`, other plans and chapters are not named."""

    def text(name: str, value: Any) -> str:
        if plan_names is not None and name in {"plan", "chapter"} and value not in plan_names:
            return ""
        return _value_text(name, value)

    names = sorted(
        change.after | change.before,
        key=lambda name: (name not in _FIRST_FIELDS, _FIRST_FIELDS.index(name) if name in _FIRST_FIELDS else name),
    )
    fields_changed = (
        FieldChange(
            name,
            text(name, change.before.get(name)),
            text(name, change.after.get(name)),
            has_before=bool(change.before),
        )
        for name in names
    )
    return [one for one in fields_changed if one.before or one.after]


# the columns whose values are labels, with the vocabulary in `samsvar.site.shell.labels`
_VOCABULARIES = {
    "kind": "MeasureKind", "stage": "Stage", "visibility": "MeasureVisibility", "scope": "AnswerScope",
    "decision": "TriageDecision",
}  # fmt: skip


def _value_text(name: str, value: Any) -> str:
    if value in (None, "", []):
        return ""
    if name in _VOCABULARIES:
        return str(find_label(LABELS[_VOCABULARIES[name]], value))
    if name in {"begins", "due"}:
        due = _parse_due(value)
        return due.to_text(get_language() or "en") if due else str(value)
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)
