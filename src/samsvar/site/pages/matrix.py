"""The matrix of countries and articles, with the strongest finding in each cell."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django import forms
from django.db.models import Count, Min, QuerySet
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from samsvar.convention.treaty import ISTANBUL, Violence
from samsvar.monitoring.report import Strength
from samsvar.site.monitoring import models as monitoring
from samsvar.site.pages.queries.shared import ARTICLES, STRENGTHS_BY_WEIGHT, weight_expression
from samsvar.site.shell import labels
from samsvar.site.shell.errors import ErrorText
from samsvar.site.shell.filters import build_filter_form
from samsvar.site.shell.labels import enum_choices
from samsvar.territories import Territory, TerritoryKind, territories
from samsvar.text import fold

FIRST_ARTICLE, LAST_ARTICLE = 7, 65  # the articles that monitoring reports cover; all 81 on request
FILTER_NAMES = ("procedure", "body", "strength", "form", "since", "states")  # names of the filters' query parameters
STATE_FILTERS = ("all", "real", "fictional")


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
    findings: int


@dataclass(frozen=True, slots=True)
class MatrixPage:
    filters: forms.Form
    columns: tuple[ArticleColumn, ...]
    chapters: tuple[ChapterHeading, ...]
    rows: tuple[MatrixRow, ...]
    strengths: tuple[str, ...]
    findings: int
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
    sort: str = ""  # "": by name; "findings": by number; an article's number: strongest first
    all_articles: bool = False
    invalid_values: tuple[str, ...] = field(default=())  # values that are not among the options


@dataclass(frozen=True, slots=True)
class AvailableFilterValues:
    """The filter values that occur in the database."""

    procedures: tuple[str, ...]
    bodies: tuple[str, ...]
    years: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MatrixData:
    """The findings and sections for each (state, article) pair, and the number of findings per state."""

    findings: Mapping[tuple[str, int], tuple[int, str]]  # (number of findings, strongest)
    sections: Mapping[tuple[str, int], int]
    totals: Mapping[str, int]  # findings per state under the articles shown, each counted once


def matrix_page(*, params: Mapping[str, str], language: str) -> MatrixPage:
    """Return the matrix for the given query parameters. This takes five queries, however large the matrix is."""
    available = _available_filter_values()
    filters = parse_filters(params, available)
    columns, data, states = _load_matrix(filters, language)
    return MatrixPage(
        filters=_build_filters(filters, available),
        columns=tuple(columns),
        chapters=_chapter_headings(columns, language),
        rows=_matrix_rows(states, columns, data, language),
        strengths=_legend_strengths(data),
        findings=sum(data.totals.get(state.code, 0) for state in states),
        monitored_articles_only=not filters.all_articles,
        sort=filters.sort,
        error=_invalid_values_error(filters.invalid_values),
    )


def _load_matrix(filters: MatrixFilterValues, language: str) -> tuple[list[ArticleColumn], MatrixData, list[Territory]]:
    """Return the columns, the data and the sorted states of the filtered matrix."""
    columns = _article_columns(filters, language)
    data = _matrix_data(filters, columns)
    return columns, data, _sort_states(_filtered_states(filters, data), filters, data, language)


# --- Filters ----------------------------------------------------------------------------------------------------------


def _available_filter_values() -> AvailableFilterValues:
    """Return the procedures, bodies and years that occur in findings and documents, in two queries."""
    findings = monitoring.Finding.objects.order_by().values_list("procedure", "body", "year").distinct()
    documents = (
        monitoring.Document.objects.exclude(sections=None).order_by().values_list("procedure", "body").distinct()
    )
    rows = [*findings, *((procedure, body, None) for procedure, body in documents)]
    return AvailableFilterValues(
        procedures=tuple(sorted({procedure for procedure, _body, _year in rows if procedure})),
        bodies=tuple(sorted({body for _procedure, body, _year in rows if body})),
        years=tuple(sorted({year for _procedure, _body, year in rows if year}, reverse=True)),
    )


def parse_filters(params: Mapping[str, str], available: AvailableFilterValues) -> MatrixFilterValues:
    """Return the valid filters; invalid values are listed in `invalid_values`."""
    allowed: dict[str, Iterable[str]] = {
        "procedure": available.procedures,
        "body": available.bodies,
        "strength": [strength.value for strength in Strength],
        "form": [form.value for form in Violence],
        "since": [str(year) for year in available.years],
        "states": STATE_FILTERS,
        "sort": ["findings", *map(str, ARTICLES)],
    }
    values = {name: params.get(name, "").strip() for name in allowed}
    valid = {name: value for name, value in values.items() if value and value in set(allowed[name])}
    invalid = tuple(value[:40] for name, value in values.items() if value and name not in valid)
    return MatrixFilterValues(**valid, all_articles=params.get("articles", "") == "all", invalid_values=invalid)


def _invalid_values_error(invalid_values: tuple[str, ...]) -> ErrorText | None:
    if not invalid_values:
        return None
    quoted_values = ", ".join(_("“%(word)s”") % {"word": value} for value in invalid_values)
    message = _("There is no filter option called %(asked)s.") % {"asked": quoted_values}
    return ErrorText(
        message, _("The matrix is shown without that filter."), _("Choose from the lists above the matrix.")
    )


def _build_filters(filters: MatrixFilterValues, available: AvailableFilterValues) -> forms.Form:
    """Return the filters as a form. The sort order is one, so that it works by keyboard, touch and without scripts."""
    # "any" agrees in gender with its noun in three of the languages
    procedures = [(procedure, labels.find_label(labels.PROCEDURES, procedure)) for procedure in available.procedures]
    bodies = [(body, labels.find_label(labels.BODIES, body)) for body in available.bodies]
    kinds = [("all", pgettext("states", "all")), ("real", _("real states")), ("fictional", _("fictional states"))]
    article = _("Article %(number)s")
    articles = [(str(number), article % {"number": number}) for number in ARTICLES]
    return build_filter_form(
        asdict(filters), "filter",
        procedure=(_("Procedure"), pgettext("procedure", "any"), procedures),
        body=(_("Body"), pgettext("body", "any"), bodies),
        strength=(_("Strength"), pgettext("strength", "any"), enum_choices(Strength)),
        form=(_("Form of violence"), pgettext("form of violence", "any"), enum_choices(Violence)),
        since=(_("Published since"), pgettext("year", "any"), [(str(year), str(year)) for year in available.years]),
        states=(_("States"), None, kinds),
        sort=(_("Sort by"), _("name"), [("findings", _("number of findings")), *articles]),
    )  # fmt: skip


# --- Data -------------------------------------------------------------------------------------------------------------


def _matrix_data(filters: MatrixFilterValues, columns: list[ArticleColumn]) -> MatrixData:
    """Return findings and sections by state and article, in three queries. A strength filter excludes all sections."""
    links = monitoring.FindingArticle.objects.exclude(finding__review="rejected").exclude(finding__state=None)
    treated = monitoring.SectionArticle.objects.exclude(section__document__state=None)
    if filters.procedure:
        links = links.filter(finding__procedure=filters.procedure)
        treated = treated.filter(section__document__procedure=filters.procedure)
    if filters.body:
        links = links.filter(finding__body=filters.body)
        treated = treated.filter(section__document__body=filters.body)
    if filters.since:
        links = links.filter(finding__year__gte=int(filters.since))
        treated = treated.filter(section__document__published__gte=filters.since)
    if filters.strength:
        links = links.filter(finding__strength=filters.strength)
        treated = treated.none()
    shown_links = links.filter(article__in=[column.number for column in columns])
    return MatrixData(_strongest_findings(shown_links), _section_counts(treated), _finding_totals(shown_links))


def _finding_totals(links: QuerySet[monitoring.FindingArticle]) -> dict[str, int]:
    return dict(links.order_by().values_list("finding__state_id").annotate(number=Count("finding", distinct=True)))


def _strongest_findings(links: QuerySet[monitoring.FindingArticle]) -> dict[tuple[str, int], tuple[int, str]]:
    weighed = (
        links.order_by().values("finding__state_id", "article").annotate(weight=Min(weight_expression("finding__rank")))
    )
    rows = weighed.annotate(number=Count("id")).values_list("finding__state_id", "article", "weight", "number")
    return {(state, article): (number, STRENGTHS_BY_WEIGHT[weight]) for state, article, weight, number in rows}


def _section_counts(treated: QuerySet[monitoring.SectionArticle]) -> dict[tuple[str, int], int]:
    rows = treated.order_by().values_list("section__document__state_id", "article").annotate(number=Count("id"))
    return {(state, article): number for state, article, number in rows}


def _filtered_states(filters: MatrixFilterValues, data: MatrixData) -> list[Territory]:
    """Return the states that are on the map or have data, filtered by kind."""
    with_data = {state for state, _article in (*data.findings, *data.sections)}
    candidates = [territory for territory in territories().values() if territory.tile or territory.code in with_data]
    match filters.states:
        case "real":
            return [territory for territory in candidates if territory.kind is not TerritoryKind.FICTIONAL]
        case "fictional":
            return [territory for territory in candidates if territory.kind is TerritoryKind.FICTIONAL]
        case _:
            return candidates


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
    """Sort the states by name, by number of findings, or by the strongest finding under one article."""
    by_name = sorted(states, key=lambda state: fold(state.name(language)))
    if filters.sort == "findings":
        return sorted(by_name, key=lambda state: -data.totals.get(state.code, 0))
    if filters.sort:
        order = [STRENGTHS_BY_WEIGHT[weight] for weight in sorted(STRENGTHS_BY_WEIGHT)]
        article = int(filters.sort)

        def strength_sort_key(state: Territory) -> tuple[int, int]:
            count, strength = data.findings.get((state.code, article), (0, ""))
            return (order.index(strength) if count else len(order), -data.sections.get((state.code, article), 0))

        return sorted(by_name, key=strength_sort_key)
    return by_name


def _legend_strengths(data: MatrixData) -> tuple[str, ...]:
    scale = tuple(strength.value for strength in Strength)
    return (*scale, "") if any(not strength for _number, strength in data.findings.values()) else scale


# --- HTML of the rows -------------------------------------------------------------------------------------------------


def _matrix_rows(
    states: list[Territory], columns: list[ArticleColumn], data: MatrixData, language: str
) -> tuple[MatrixRow, ...]:
    """Return all rows. Labels are looked up once, because one lookup per row took a tenth of the time (2026-11)."""
    letters = {strength: escape(str(letter)) for strength, letter in labels.STRENGTH_LETTERS.items()}
    names = {strength: escape(str(label)) for strength, label in labels.STRENGTHS.items()}
    dot = f'<td><span class="dot" role="img" aria-label="{escape(_("covered in a report"))}"></span></td>'
    countries = reverse("pages:countries")

    def render_cells(state: str, href: str) -> Iterable[str]:
        """Yield the cells of a row. All values are our own; labels are escaped nevertheless."""
        for column in columns:
            key = (state, column.number)
            if finding := data.findings.get(key):
                number, strength = finding
                description = f"{names[strength]} ({number})" if number > 1 else names[strength]
                yield (
                    f'<td data-strength="{strength}"><a href="{href}#article-{column.number}" title="{description}">'
                    f'{letters[strength]}<span class="ds-sr-only"> {description}</span></a></td>'
                )
            else:
                yield dot if key in data.sections else "<td></td>"

    return tuple(
        MatrixRow(
            code=state.code,
            name=state.name(language),
            fictional=state.fictional,
            href=(href := f"{countries}{state.code}/"),
            cells=mark_safe("".join(render_cells(state.code, href))),  # noqa: S308 - escaped words, codes and numbers of ours
            findings=data.totals.get(state.code, 0),
        )
        for state in states
    )


# --- Exports ----------------------------------------------------------------------------------------------------------


def matrix_json(*, params: Mapping[str, str], language: str) -> str:
    """Return JSON with an object for each cell that has data, in the order of the matrix."""
    return json.dumps(list(_export_cells(params, language)), ensure_ascii=False, indent=1)


def matrix_csv(*, params: Mapping[str, str], language: str) -> str:
    """Return a CSV with a row per country and a column per article.

    A cell contains the strength of the strongest finding ("asks" if it has none), "treated" if there are only sections,
    or nothing.
    """
    columns, data, states = _load_matrix(parse_filters(params, _available_filter_values()), language)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(["state", "name", "fictional", "findings", *(f"article_{column.number}" for column in columns)])
    for state in states:
        keys = [(state.code, column.number) for column in columns]
        values = [
            data.findings[key][1] or "asks" if key in data.findings else "treated" if key in data.sections else ""
            for key in keys
        ]
        fictional = "yes" if state.fictional else "no"
        writer.writerow([state.code, state.name(language), fictional, data.totals.get(state.code, 0), *values])
    return buffer.getvalue()


def _export_cells(params: Mapping[str, str], language: str) -> Iterable[dict[str, Any]]:
    columns, data, states = _load_matrix(parse_filters(params, _available_filter_values()), language)
    for state in states:
        for column in columns:
            key = (state.code, column.number)
            if key in data.findings or key in data.sections:
                number, strength = data.findings.get(key, (0, None))
                yield {
                    "state": state.code,
                    "name": state.name(language),
                    "fictional": state.fictional,
                    "article": str(column.number),
                    "strongest": strength,
                    "findings": number,
                    "sections": data.sections.get(key, 0),
                }
