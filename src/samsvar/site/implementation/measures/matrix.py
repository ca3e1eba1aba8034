"""The findings on a state with the measures that answer each: as a list by article, and as a matrix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from samsvar.implementation.measures import AnswerScope, MeasureVisibility, Stage, TriageDecision
from samsvar.site.implementation.measures.models import Answer, Measure, Plan, PlanChapter
from samsvar.site.implementation.measures.queries import (
    NO_VALUE,
    articles_by_finding,
    cite_without_page,
    findings_of_state,
    plan_order,
)
from samsvar.site.implementation.measures.queries import visible_measures as measures_of_state
from samsvar.site.implementation.permissions import can_manage_country
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.access.permissions import User
from samsvar.site.shell.filters import FilterValues
from samsvar.site.shell.html_fragments import render_finding_link
from samsvar.site.shell.labels import COLON, LABELS, find_label

FINDINGS_A_PAGE = 25  # of the list: at most twelve screens of a telephone
ROWS_A_PAGE = 200  # of the matrix: all findings of the largest demonstration and of the states known, with room
MAX_COLUMNS = 200  # measures beside each other; the largest plan known (2026) has 124

# how a measure answers a finding, in one character: not by colour, and also in print
WHOLE, PART, STOPPED = "●", "◐", "○"


@dataclass(frozen=True, slots=True)
class MatrixFilters(FilterValues):
    """Filters of the measures and of the findings shown; "" for no filter. Unknown values match nothing."""

    plan: str = ""  # public ID
    lead: str = ""  # name of the lead body, or `NO_VALUE`
    stage: str = ""
    strength: str = ""  # of the findings, or `NO_VALUE`
    only: str = ""  # findings that one of the measures shown answers ("answered") or none ("unanswered")


@dataclass(frozen=True, slots=True)
class MeasureColumn:
    """A measure of the matrix. `name` is its number and title, `short` its number, or its title without one."""

    pk: int
    href: str
    name: str
    short: str
    stage: str
    stage_label: str
    language: str


@dataclass(frozen=True, slots=True)
class Mark:
    """How a measure answers a finding: `sign` is one character, `text` its meaning in words."""

    column: MeasureColumn
    href: str  # the link on the measure's page
    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding with the marks of the measures shown that answer it, in their order."""

    finding: Finding
    link: SafeString  # its strength and citation
    articles: Sequence[int]  # besides the one under which it is listed
    marks: Sequence[Mark]
    decision: str  # what the state's desk decided instead of a measure; "" if nothing
    cells: SafeString  # of the matrix; "" in the list


@dataclass(frozen=True, slots=True)
class ArticleGroup:
    article: int | None  # None: findings under no article
    rows: Sequence[FindingRow]


@dataclass(frozen=True, slots=True)
class MatrixPage:
    state: str
    groups: Sequence[ArticleGroup]
    findings: Page[Finding]
    columns: Sequence[MeasureColumn]  # in the matrix, the first `MAX_COLUMNS` of the measures shown
    measure_count: int  # measures shown
    unanswered: int  # of all findings on the state, those that no measure shown answers
    filters: MatrixFilters
    plans: Sequence[Plan]
    leads: Sequence[str]
    strengths: Sequence[str]
    can_manage: bool

    @property
    def width(self) -> int:
        return len(self.columns) + 1


def matrix_page(
    user: User, state: str, filters: MatrixFilters, *, as_matrix: bool = False, page: str = ""
) -> MatrixPage:
    """Return the findings on a state by article, the strongest first, with the measures that a user can see.

    This takes four queries, however many measures and findings there are, and those of the user's rights. A finding
    under several articles is listed once, under the first of them.
    """
    can_manage = can_manage_country(user, state)
    measures = _ordered_measures(user, state, can_manage=can_manage)
    shown = [measure for measure, plan, _chapter in measures if _shows(measure, plan, filters)]
    columns = {measure.pk: _column(measure) for measure in (shown[:MAX_COLUMNS] if as_matrix else shown)}
    articles = articles_by_finding(state)
    findings = sorted(
        findings_of_state(state).select_related("triage").defer(*_LONG_COLUMNS),
        key=lambda finding: (_first_article(articles, finding), finding.rank, -(finding.year or 0), finding.ordinal),
    )
    answers = _answers_by_finding(state, {measure.pk for measure in shown})
    matching = [finding for finding in findings if _matches(finding, filters, answers)]
    on_page = Paginator(matching, ROWS_A_PAGE if as_matrix else FINDINGS_A_PAGE).get_page(page)
    groups = []
    for article, members in groupby(on_page, key=lambda finding: _first_article(articles, finding)):
        rows = [
            _build_row(finding, articles, answers.get(finding.public_id, ()), columns, as_matrix=as_matrix)
            for finding in members
        ]
        groups.append(ArticleGroup(None if article == _NO_ARTICLE else article, rows))
    return MatrixPage(
        state=state,
        groups=groups,
        findings=on_page,
        columns=list(columns.values()),
        measure_count=len(shown),
        unanswered=sum(finding.public_id not in answers for finding in findings),
        filters=filters,
        plans=list({plan.pk: plan for _measure, plan, _chapter in measures if plan}.values()),
        leads=sorted({measure.lead_text for measure, _plan, _chapter in measures if measure.lead_text}),
        strengths=list(dict.fromkeys(finding.strength for finding in sorted(findings, key=lambda one: one.rank))),
        can_manage=can_manage,
    )


_NO_ARTICLE = 10_000  # after all articles
_LONG_COLUMNS = (
    "boxes", "pages", "heading", "actions", "cites", "machine", "note", "addressee", "from_states", "verb", "deadline",
)  # fmt: skip


def _ordered_measures(
    user: User, state: str, *, can_manage: bool
) -> list[tuple[Measure, Plan | None, PlanChapter | None]]:
    """Return the measures that a user can see in the order of their plans, each with its plan if that is visible."""
    measures = measures_of_state(user, state).only(
        "public_id", "state", "reference", "title", "language", "stage", "lead_name", "lead__name",
        "plan__public_id", "plan__title", "plan__begins", "plan__visibility", "chapter__order", "region",
    ).select_related(None).select_related("lead", "plan", "chapter")  # fmt: skip
    listed = []
    for measure in measures.order_by():
        shows_plan = can_manage or (measure.plan is not None and measure.plan.visibility == MeasureVisibility.PUBLIC)
        listed.append((measure, measure.plan if shows_plan else None, measure.chapter if shows_plan else None))
    return sorted(listed, key=lambda one: plan_order(*one))


def _shows(measure: Measure, plan: Plan | None, filters: MatrixFilters) -> bool:
    return all((
        not filters.plan or (plan is not None and plan.public_id == filters.plan),
        not filters.stage or measure.stage == filters.stage,
        not filters.lead or (measure.lead_text or NO_VALUE) == filters.lead,
    ))  # fmt: skip


def _column(measure: Measure) -> MeasureColumn:
    title = measure.title if len(measure.title) <= _SHORT else f"{measure.title[: _SHORT - 1]}…"
    return MeasureColumn(
        measure.pk,
        reverse("implementation:measure", args=[measure.public_id]),
        f"{measure.reference} {measure.title}".strip(),
        measure.reference or title,
        measure.stage,
        str(find_label(LABELS["Stage"], measure.stage)),
        measure.language,
    )


_SHORT = 32  # characters of a title in place of a number


def _first_article(articles: Mapping[str, list[int]], finding: Finding) -> int:
    return articles.get(finding.public_id, [_NO_ARTICLE])[0]


type _AnswerRow = tuple[int, str, int | None, int]  # measure, scope, part, link


def _answers_by_finding(state: str, measures: set[int]) -> dict[str, list[_AnswerRow]]:
    answers: dict[str, list[_AnswerRow]] = {}
    rows = Answer.objects.filter(ended_at=None, measure__state_id=state).order_by("part", "pk")
    for finding, measure, scope, part, pk in rows.values_list("finding_id", "measure_id", "scope", "part", "pk"):
        if measure in measures:
            answers.setdefault(str(finding), []).append((measure, scope, part, pk))
    return answers


def _matches(finding: Finding, filters: MatrixFilters, answers: Mapping[str, object]) -> bool:
    return all((
        not filters.strength or (finding.strength or NO_VALUE) == filters.strength,
        filters.only != "answered" or finding.public_id in answers,
        filters.only != "unanswered" or finding.public_id not in answers,
        filters.only in ("", "answered", "unanswered"),
    ))  # fmt: skip


def _build_row(
    finding: Finding,
    articles: Mapping[str, list[int]],
    answers: Iterable[_AnswerRow],
    columns: Mapping[int, MeasureColumn],
    *,
    as_matrix: bool,
) -> FindingRow:
    by_measure: dict[int, list[_AnswerRow]] = {}
    for answer in answers:
        by_measure.setdefault(answer[0], []).append(answer)
    marks = {pk: _build_mark(column, by_measure[pk]) for pk, column in columns.items() if pk in by_measure}
    triage = getattr(finding, "triage", None)
    decision = triage.decision if triage and TriageDecision(triage.decision).needs_reason else ""
    return FindingRow(
        finding,
        render_finding_link(finding.public_id, cite_without_page(finding), finding.strength),
        articles.get(finding.public_id, [])[1:],
        list(marks.values()),
        decision,
        _render_cells(columns, marks) if as_matrix else SafeString(),
    )


def _build_mark(column: MeasureColumn, answers: Sequence[_AnswerRow]) -> Mark:
    """Return the mark of a measure that answers a finding once as a whole, or once for each of several parts."""
    whole = next((answer for answer in answers if answer[1] == AnswerScope.WHOLE), None)
    scope = str(find_label(LABELS["AnswerScope"], AnswerScope.WHOLE if whole else AnswerScope.PART))
    parts = ", ".join(str(answer[2]) for answer in answers if answer[2]) if not whole else ""
    sign = STOPPED if column.stage == Stage.STOPPED else WHOLE if whole else PART
    href = f"{column.href}#answer-{(whole or answers[0])[3]}"
    return Mark(column, href, sign, f"{scope} ({parts})" if parts else scope)


def _render_cells(columns: Mapping[int, MeasureColumn], marks: Mapping[int, Mark]) -> SafeString:
    """Return the cells of a row as HTML; 85 rows of 120 cells take a template 13 ms, and this 2 ms (2026-11-27)."""
    html, empty, colon = [], 0, escape(str(COLON))
    for pk in columns:
        if mark := marks.get(pk):
            html.append("<td></td>" * empty)
            empty = 0
            name = escape(mark.column.name)
            html.append(
                f'<td><a href="{escape(mark.href)}" title="{name}"><span aria-hidden="true">{mark.sign}</span>'
                f'<span class="in-words"><span class="scope">{escape(mark.text)}, </span>'
                f"{escape(mark.column.stage_label)}{colon} "
                f'<span lang="{escape(mark.column.language)}">{name}</span></span></a></td>'
            )
        else:
            empty += 1
    html.append("<td></td>" * empty)
    return mark_safe("".join(html))  # noqa: S308 - every value is escaped
