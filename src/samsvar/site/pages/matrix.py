"""The matrix of countries and articles, with the latest round of monitoring in each cell."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django import forms
from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from samsvar.convention.treaty import ISTANBUL, Violence
from samsvar.monitoring.report import Strength
from samsvar.monitoring.rounds import CONVENTION_BODIES, STRENGTH_ORDER, ArticleRound, RoundDocument
from samsvar.site.monitoring import models as monitoring
from samsvar.site.monitoring.rounds import RoundRows, round_rows_of_all_states
from samsvar.site.pages.queries.shared import ARTICLES, CLOSED, HistoryTexts, history_texts, strength_value
from samsvar.site.shell import labels
from samsvar.site.shell.errors import ErrorText
from samsvar.site.shell.filters import build_filter_form, describe_unknown
from samsvar.site.shell.labels import enum_choices
from samsvar.territories import Territory, TerritoryKind, territories
from samsvar.text import fold

FIRST_ARTICLE, LAST_ARTICLE = 7, 65  # the articles that monitoring reports cover; all 81 on request
STATE_FILTERS = ("all", "real", "fictional")
COUNTRY_FILTERS = ("findings", "all")


@dataclass(frozen=True, slots=True)
class ArticleColumn:
    number: int
    title: str
    href: str

    @property
    def key(self) -> str:
        """Return the value that selects this column in the `sort` parameter."""
        return str(self.number)


@dataclass(frozen=True, slots=True)
class ChapterHeading:
    """The heading of a chapter above its columns."""

    roman: str
    title: str
    span: int


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A row of the matrix: one country.

    `cells` is HTML. Building it here takes 1.3 ms; a template took 15.3 ms of the 18 ms for the whole page (2026-11-27,
    one core).
    """

    code: str
    name: str
    fictional: bool
    href: str
    cells: SafeString
    open: int  # open recommendations under the articles shown


@dataclass(frozen=True, slots=True)
class MatrixPage:
    filters: forms.Form
    columns: tuple[ArticleColumn, ...]
    chapters: tuple[ChapterHeading, ...]
    rows: tuple[MatrixRow, ...]
    totals: SafeString  # cells of the row of totals
    strengths: tuple[str, ...]
    open: int
    hidden: int  # countries that are not shown because they have no findings
    monitored_articles_only: bool
    sort: str
    error: ErrorText | None

    @property
    def column_count(self) -> int:
        return len(self.columns) + 2


@dataclass(frozen=True, slots=True)
class MatrixFilterValues:
    """The reader's filters; an empty string means no filter."""

    procedure: str = ""
    body: str = ""
    strength: str = ""
    form: str = ""
    since: str = ""
    states: str = "all"
    countries: str = "findings"  # "all": those without findings too
    sort: str = ""  # "": by name; "open": by number; an article's number: strongest first
    all_articles: bool = False
    invalid_values: tuple[str, ...] = field(default=())  # values that are not among the options
    unknown_names: tuple[str, ...] = field(default=())  # parameters that the page does not have


@dataclass(frozen=True, slots=True)
class AvailableFilterValues:
    """The filter values that occur in the database."""

    procedures: tuple[str, ...]
    bodies: tuple[str, ...]
    years: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MatrixData:
    """The rounds and sections for each (state, article) pair, and the number of open recommendations per state."""

    cells: Mapping[tuple[str, int | None], tuple[ArticleRound, ...]]  # oldest round first
    sections: Mapping[tuple[str, int], int]
    open_counts: Mapping[str, int]  # under the articles shown, each recommendation counted once
    open_cells: frozenset[tuple[str, int | None]]  # those with an open recommendation


@dataclass(frozen=True, slots=True)
class Matrix:
    """The filtered matrix: its columns, its states in their order, and its data."""

    filters: MatrixFilterValues
    available: AvailableFilterValues
    columns: list[ArticleColumn]
    states: list[Territory]
    hidden: int
    data: MatrixData


def matrix_page(*, params: Mapping[str, str], language: str) -> MatrixPage:
    """Return the matrix for the given query parameters. This takes five queries, however large the matrix is."""
    matrix = _load_matrix(params, language)
    filters, columns, data = matrix.filters, matrix.columns, matrix.data
    texts = history_texts(language)
    return MatrixPage(
        filters=_build_filters(filters, matrix.available),
        columns=tuple(columns),
        chapters=_chapter_headings(columns, language),
        rows=_matrix_rows(matrix, texts, language),
        totals=_render_totals(matrix, texts),
        strengths=_legend_strengths(data),
        open=sum(data.open_counts.get(state.code, 0) for state in matrix.states),
        hidden=matrix.hidden,
        monitored_articles_only=not filters.all_articles,
        sort=filters.sort,
        error=describe_unknown(
            names=filters.unknown_names,
            values=filters.invalid_values,
            effect=_("The matrix is shown without that filter."),
            advice=_("Choose from the lists above the matrix."),
        ),
    )


def _load_matrix(params: Mapping[str, str], language: str) -> Matrix:
    """Return the filtered matrix."""
    rows = round_rows_of_all_states()
    available = _available_filter_values(rows)
    filters = parse_filters(params, available)
    columns = _article_columns(filters, language)
    data = _matrix_data(filters, columns, rows)
    shown, hidden = _filtered_states(filters, data)
    return Matrix(filters, available, columns, _sort_states(shown, filters, data, language), hidden, data)


# --- Filters ----------------------------------------------------------------------------------------------------------


def _available_filter_values(rows: RoundRows) -> AvailableFilterValues:
    """Return the procedures, bodies and years that occur in findings and in documents with sections, in one query."""
    sections = monitoring.Document.objects.exclude(sections=None).filter(body__in=CONVENTION_BODIES)
    pairs = set(sections.order_by().values_list("procedure", "body").distinct())
    documents = rows.documents.values()
    pairs |= {(document.procedure, document.body) for document in documents}
    years = {int(document.published[:4]) for document in documents if document.published[:4].isdigit()}
    return AvailableFilterValues(
        procedures=tuple(sorted({procedure for procedure, _body in pairs if procedure})),
        bodies=tuple(sorted({body for _procedure, body in pairs})),
        years=tuple(sorted(years, reverse=True)),
    )


def parse_filters(params: Mapping[str, str], available: AvailableFilterValues) -> MatrixFilterValues:
    """Return the valid filters; invalid values are listed in `invalid_values`, other parameters in `unknown_names`."""
    allowed: dict[str, Iterable[str]] = {
        "procedure": available.procedures,
        "body": available.bodies,
        "strength": [strength.value for strength in Strength],
        "form": [form.value for form in Violence],
        "since": [str(year) for year in available.years],
        "states": STATE_FILTERS,
        "countries": COUNTRY_FILTERS,
        "sort": ["open", *map(str, ARTICLES)],
    }
    values = {name: params.get(name, "").strip() for name in allowed}
    valid = {name: value for name, value in values.items() if value and value in set(allowed[name])}
    invalid = tuple(value[:40] for name, value in values.items() if value and name not in valid)
    return MatrixFilterValues(
        **valid,
        all_articles=params.get("articles", "") == "all",
        invalid_values=invalid,
        unknown_names=tuple(name for name, value in params.items() if value and name not in {*allowed, "articles"}),
    )


def _build_filters(filters: MatrixFilterValues, available: AvailableFilterValues) -> forms.Form:
    """Return the filters as a form. The sort order is one, so that it works by keyboard, touch and without scripts."""
    # "any" agrees in gender with its noun in three of the languages
    procedures = [(procedure, labels.find_label(labels.PROCEDURES, procedure)) for procedure in available.procedures]
    bodies = [(body, labels.find_label(labels.BODIES, body)) for body in available.bodies]
    kinds = [("all", pgettext("states", "all")), ("real", _("real states")), ("fictional", _("fictional states"))]
    countries = [("findings", _("countries with findings")), ("all", _("all countries"))]
    article = _("Article %(number)s")
    articles = [(str(number), article % {"number": number}) for number in ARTICLES]
    return build_filter_form(
        asdict(filters), "filter", also=asdict(filters),
        procedure=(_("Procedure"), pgettext("procedure", "any"), procedures),
        body=(_("Body"), pgettext("body", "any"), bodies),
        strength=(_("Strength"), pgettext("strength", "any"), enum_choices(Strength)),
        form=(_("Form of violence"), pgettext("form of violence", "any"), enum_choices(Violence)),
        since=(_("Published since"), pgettext("year", "any"), [(str(year), str(year)) for year in available.years]),
        states=(_("States"), None, kinds),
        countries=(_("Rows"), None, countries),
        sort=(_("Sort by"), _("name"), [("open", _("number of open recommendations")), *articles]),
    )  # fmt: skip


# --- Data -------------------------------------------------------------------------------------------------------------


def _matrix_data(filters: MatrixFilterValues, columns: list[ArticleColumn], rows: RoundRows) -> MatrixData:
    """Return the latest rounds and sections by state and article, with one query. A strength filter excludes sections.

    The filters by procedure, body and year choose documents, and the latest round shown is the newest of those; what is
    open does not depend on them. The filter by strength keeps the cells whose latest round has that strength.
    """

    def is_included(document: RoundDocument) -> bool:
        return (
            filters.procedure in ("", document.procedure)
            and filters.body in ("", document.body)
            and filters.since <= document.published[:4]
        )

    shown_numbers: set[int | None] = {column.number for column in columns}
    cells: dict[tuple[str, int | None], tuple[ArticleRound, ...]] = {}
    open_counts: dict[str, int] = {}
    open_cells: set[tuple[str, int | None]] = set()
    for state in rows.findings:
        state_rounds = rows.build(state, is_included=is_included)
        open_findings: set[Any] = set()
        for number, history in state_rounds.histories.items():
            if number in shown_numbers and (not filters.strength or strength_value(history[-1]) == filters.strength):
                cells[state, number] = history
                if open_under := state_rounds.open_under(number):
                    open_cells.add((state, number))
                    open_findings |= open_under
        open_counts[state] = len(open_findings)
    treated = monitoring.SectionArticle.objects.exclude(section__document__state=None)
    if filters.procedure:
        treated = treated.filter(section__document__procedure=filters.procedure)
    if filters.body:
        treated = treated.filter(section__document__body=filters.body)
    if filters.since:
        treated = treated.filter(section__document__published__gte=filters.since)
    return MatrixData(cells, {} if filters.strength else _section_counts(treated), open_counts, frozenset(open_cells))


def _section_counts(treated: QuerySet[monitoring.SectionArticle]) -> dict[tuple[str, int], int]:
    rows = treated.order_by().values_list("section__document__state_id", "article").annotate(number=Count("id"))
    return {(state, article): number for state, article, number in rows}


def _filtered_states(filters: MatrixFilterValues, data: MatrixData) -> tuple[list[Territory], int]:
    """Return the states to show, and the number of those left out because they have no findings.

    On request, or as long as no state has any finding, the states on the map or with sections are shown too.
    """
    with_findings = {state for state, _article in data.cells}
    with_data = with_findings | {state for state, _article in data.sections}
    candidates = [
        territory
        for territory in territories().values()
        if (territory.tile or territory.code in with_data)
        and filters.states in ("all", "fictional" if territory.kind is TerritoryKind.FICTIONAL else "real")
    ]
    if filters.countries == "all" or not data.open_counts:
        return candidates, 0
    shown = [territory for territory in candidates if territory.code in with_findings]
    return shown, len(candidates) - len(shown)


def _article_columns(filters: MatrixFilterValues, language: str) -> list[ArticleColumn]:
    articles = reverse("pages:articles")
    return [
        ArticleColumn(number, article.title(language), f"{articles}{number}/")
        for number, article in ARTICLES.items()
        if (filters.all_articles or FIRST_ARTICLE <= number <= LAST_ARTICLE)
        and (not filters.form or article.violence == filters.form)
    ]


def _chapter_headings(columns: list[ArticleColumn], language: str) -> tuple[ChapterHeading, ...]:
    shown_numbers = {column.number for column in columns}
    spans = [
        (chapter, sum(int(number) in shown_numbers for number in chapter.articles)) for chapter in ISTANBUL.chapters
    ]
    return tuple(ChapterHeading(chapter.number, chapter.title(language), span) for chapter, span in spans if span)


def _sort_states(
    states: list[Territory], filters: MatrixFilterValues, data: MatrixData, language: str
) -> list[Territory]:
    """Sort the states by name, by number of open recommendations, or by the latest round under one article."""
    by_name = sorted(states, key=lambda state: fold(state.name(language)))
    if filters.sort == "open":
        return sorted(by_name, key=lambda state: -data.open_counts.get(state.code, 0))
    if filters.sort:
        order = [*STRENGTH_ORDER, CLOSED]
        article = int(filters.sort)

        def strength_sort_key(state: Territory) -> tuple[int, int]:
            history = data.cells.get((state.code, article))
            weight = order.index(strength_value(history[-1])) if history else len(order)
            return weight, -data.sections.get((state.code, article), 0)

        return sorted(by_name, key=strength_sort_key)
    return by_name


def _legend_strengths(data: MatrixData) -> tuple[str, ...]:
    """Return the strengths explained in the legend; those outside the scale only if a cell has them."""
    shown = {strength_value(history[-1]) for history in data.cells.values()}
    return (*(strength.value for strength in Strength), *(value for value in ("", CLOSED) if value in shown))


# --- HTML of the rows -------------------------------------------------------------------------------------------------


def _matrix_rows(matrix: Matrix, texts: HistoryTexts, language: str) -> tuple[MatrixRow, ...]:
    """Return all rows. Labels are looked up once, because one lookup per row took a tenth of the time (2026-11)."""
    data = matrix.data
    covered, countries = escape(_("covered in an official report")), reverse("pages:countries")
    columns = [(column.number, escape(texts.name_article(column.number, column.title))) for column in matrix.columns]

    def render_cells(state: str, name: str, href: str) -> Iterable[str]:
        """Yield the cells of a row. All values are our own; labels are escaped nevertheless."""
        for number, article in columns:
            key = (state, number)
            if history := data.cells.get(key):
                strength = strength_value(history[-1])
                description = f"{name}, {article}{texts.colon} {escape(texts.describe(history))}"
                mark = f'<span aria-hidden="true">{escape(texts.letters[strength])}</span>'
                attributes = f' data-strength="{strength}"'
            elif key in data.sections:
                description = f"{name}, {article}{texts.colon} {covered}"
                mark, attributes = '<span class="dot" aria-hidden="true">●</span>', ""
            else:
                yield "<td></td>"
                continue
            yield (
                f'<td{attributes}><a href="{href}articles/?article={number}#article-{number}" title="{description}">'
                f'{mark}<span class="ds-sr-only">{description}</span></a></td>'
            )

    return tuple(
        MatrixRow(
            code=state.code,
            name=(name := state.name(language)),
            fictional=state.fictional,
            href=(href := f"{countries}{state.code}/"),
            cells=mark_safe("".join(render_cells(state.code, escape(name), href))),  # noqa: S308 - escaped words, codes and numbers of ours
            open=data.open_counts.get(state.code, 0),
        )
        for state in matrix.states
    )


def _render_totals(matrix: Matrix, texts: HistoryTexts) -> SafeString:
    """Return the cells with the number of countries that have an open recommendation, and how many by strength."""
    latest: dict[int | None, Counter[str]] = {column.number: Counter() for column in matrix.columns}
    with_open: Counter[int | None] = Counter()
    shown = {state.code for state in matrix.states}
    for (state, number), history in matrix.data.cells.items():
        if state in shown:
            latest[number][strength_value(history[-1])] += 1
            with_open[number] += (state, number) in matrix.data.open_cells
    cells = []
    for number, counts in latest.items():
        breakdown = ", ".join(
            f"{texts.strengths[strength]} {counts[strength]}"
            for strength in (*STRENGTH_ORDER, CLOSED)
            if counts[strength]
        )
        spoken = f'<span class="ds-sr-only"> {escape(breakdown)}</span>' if breakdown else ""
        title = f' title="{escape(breakdown)}"' if breakdown else ""
        cells.append(f"<td{title}>{with_open[number] or ''}{spoken}</td>")
    return mark_safe("".join(cells))  # noqa: S308 - as above


# --- Exports ----------------------------------------------------------------------------------------------------------


def matrix_json(*, params: Mapping[str, str], language: str) -> str:
    """Return JSON with an object for each cell that has data, in the order of the matrix."""
    return json.dumps(list(_export_cells(params, language)), ensure_ascii=False, indent=1)


def matrix_csv(*, params: Mapping[str, str], language: str) -> str:
    """Return a CSV with a row per country and a column per article.

    A cell contains the strength of the latest round ("asks" if it has none, "closed" if a later text closes it),
    "treated" if there are only sections, or nothing.
    """
    matrix = _load_matrix(params, language)
    data = matrix.data
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    articles = [f"article_{column.number}" for column in matrix.columns]
    writer.writerow(["state", "name", "fictional", "open_recommendations", *articles])
    for state in matrix.states:
        keys = [(state.code, column.number) for column in matrix.columns]
        values = [
            strength_value(data.cells[key][-1]) or "asks"
            if key in data.cells
            else "treated"
            if key in data.sections
            else ""
            for key in keys
        ]
        fictional = "yes" if state.fictional else "no"
        writer.writerow([state.code, state.name(language), fictional, data.open_counts.get(state.code, 0), *values])
    return buffer.getvalue()


def _export_cells(params: Mapping[str, str], language: str) -> Iterable[dict[str, Any]]:
    matrix = _load_matrix(params, language)
    for state in matrix.states:
        for column in matrix.columns:
            key = (state.code, column.number)
            history = matrix.data.cells.get(key, ())
            if history or key in matrix.data.sections:
                yield {
                    "state": state.code,
                    "name": state.name(language),
                    "fictional": state.fictional,
                    "article": str(column.number),
                    "strength": strength_value(history[-1]) if history else None,
                    "year": history[-1].round.year if history else None,
                    "findings": len(history[-1].findings) if history else 0,
                    "history": [
                        {
                            "body": step.round.body,
                            "procedure": step.round.procedure,
                            "published": step.round.published,
                            "strength": strength_value(step),
                        }
                        for step in history
                    ],
                    "sections": matrix.data.sections.get(key, 0),
                }
