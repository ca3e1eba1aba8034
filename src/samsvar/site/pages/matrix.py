"""The matrix: every country by every article, with the strongest finding in each cell."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from samsvar.convention.treaty import ISTANBUL, Violence
from samsvar.monitoring.report import Strength
from samsvar.site.monitoring import models as monitoring
from samsvar.site.pages.queries import ARTICLES, STRENGTH_OF_WEIGHT, weight_of
from samsvar.site.pages.query_params import Refusal
from samsvar.site.pages.status_table import alphabetical
from samsvar.site.shell import labels as words
from samsvar.site.shell.labels import Label
from samsvar.territories import Kind, Territory, territories

FIRST, LAST = 7, 65  # the articles that monitoring reports treat; all 81 on demand
NAMES = ("procedure", "body", "strength", "form", "since", "states")  # of the filters, as the address has them
KINDS_OF_STATES = ("all", "real", "invented")


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    word: Label
    chosen: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """One question the reader may ask of the matrix, with the answers that the database has."""

    name: str
    label: Label
    choices: tuple[Choice, ...]

    @property
    def options(self) -> SafeString:
        """The choices as options of a list, drawn here since there are two hundred on the page."""
        drawn = (
            f'<option value="{escape(one.value)}"{" selected" if one.chosen else ""}>{escape(str(one.word))}</option>'
            for one in self.choices
        )
        return mark_safe("".join(drawn))  # noqa: S308 - escaped above


@dataclass(frozen=True, slots=True)
class Column:
    number: int
    title: str
    href: str

    @property
    def key(self) -> str:
        """How the address names it as an order of rows."""
        return str(self.number)


@dataclass(frozen=True, slots=True)
class Heading:
    """A chapter over its columns."""

    roman: str
    title: str
    span: int


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One country. `cells` is the row's HTML, made here because three thousand template tags would cost 100 ms."""

    code: str
    name: str
    invented: bool
    href: str
    cells: SafeString
    findings: int


@dataclass(frozen=True, slots=True)
class MatrixPage:
    filters: tuple[Filter, ...]
    columns: tuple[Column, ...]
    chapters: tuple[Heading, ...]
    rows: tuple[MatrixRow, ...]
    strengths: tuple[str, ...]
    findings: int
    narrow: bool
    sort: str
    refusal: Refusal | None

    @property
    def width(self) -> int:
        return len(self.columns) + 2


@dataclass(frozen=True, slots=True)
class Asked:
    """What the reader asked of the matrix; "" where they did not."""

    procedure: str = ""
    body: str = ""
    strength: str = ""
    form: str = ""
    since: str = ""
    states: str = "all"
    sort: str = ""  # "" by name, "findings" by number, or an article's number: the strongest first
    whole: bool = False
    ignored: tuple[str, ...] = field(default=())  # questions that have no such answer


@dataclass(frozen=True, slots=True)
class Known:
    """What the database can be asked for."""

    procedures: tuple[str, ...]
    bodies: tuple[str, ...]
    years: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Cells:
    """What is known under (state, article), and of each state."""

    findings: Mapping[tuple[str, int], tuple[int, str]]  # how many, and the strongest
    sections: Mapping[tuple[str, int], int]
    totals: Mapping[str, int]  # findings of a state under the articles shown, each counted once


def matrix_page(*, questions: Mapping[str, str], language: str) -> MatrixPage:
    """The matrix that the questions of an address ask for. Five queries, whatever the size."""
    known = _known()
    asked = asked_in(questions, known)
    columns = _columns(asked, language)
    cells = _cells(asked, columns)
    states = _sorted(_states(asked, cells), asked, cells, language)
    return MatrixPage(
        filters=_filters(asked, known),
        columns=tuple(columns),
        chapters=_headings(columns, language),
        rows=_rows(states, columns, cells, language),
        strengths=_strengths(cells),
        findings=sum(cells.totals.get(state.code, 0) for state in states),
        narrow=not asked.whole,
        sort=asked.sort,
        refusal=_refusal(asked.ignored),
    )


# --- What is asked ----------------------------------------------------------------------------------------------------


def _known() -> Known:
    """The procedures, bodies and years that findings and documents have. Two queries."""
    found = monitoring.Finding.objects.order_by().values_list("procedure", "body", "year").distinct()
    documents = (
        monitoring.Document.objects.exclude(sections=None).order_by().values_list("procedure", "body").distinct()
    )
    rows = [*found, *((procedure, body, None) for procedure, body in documents)]
    return Known(
        procedures=tuple(sorted({procedure for procedure, _body, _year in rows if procedure})),
        bodies=tuple(sorted({body for _procedure, body, _year in rows if body})),
        years=tuple(sorted({year for _procedure, _body, year in rows if year}, reverse=True)),
    )


def asked_in(questions: Mapping[str, str], known: Known) -> Asked:
    """The questions that have an answer; the others are named and left out."""
    allowed: dict[str, Iterable[str]] = {
        "procedure": known.procedures,
        "body": known.bodies,
        "strength": [strength.value for strength in Strength],
        "form": [form.value for form in Violence],
        "since": [str(year) for year in known.years],
        "states": KINDS_OF_STATES,
        "sort": ["findings", *map(str, ARTICLES)],
    }
    given = {name: questions.get(name, "").strip() for name in allowed}
    good = {name: value for name, value in given.items() if value and value in set(allowed[name])}
    ignored = tuple(value[:40] for name, value in given.items() if value and name not in good)
    return Asked(**good, whole=questions.get("articles", "") == "all", ignored=ignored)


def _refusal(ignored: tuple[str, ...]) -> Refusal | None:
    if not ignored:
        return None
    return Refusal(
        _("Nothing here is called %(asked)s.")
        % {"asked": ", ".join(_("“%(word)s”") % {"word": one} for one in ignored)},
        _("The matrix is shown without that question."),
        _("Choose from the lists above the matrix."),
    )


def _filters(asked: Asked, known: Known) -> tuple[Filter, ...]:
    # "any" takes the gender of what it stands for in three of our languages
    lists: tuple[tuple[str, Label, Label, Iterable[tuple[str, Label]]], ...] = (
        (
            "procedure",
            _("Procedure"),
            pgettext("procedure", "any"),
            ((one, words.word(words.PROCEDURES, one)) for one in known.procedures),
        ),
        ("body", _("Body"), pgettext("body", "any"), ((one, words.word(words.BODIES, one)) for one in known.bodies)),
        (
            "strength",
            _("Strength"),
            pgettext("strength", "any"),
            ((one.value, words.STRENGTHS[one.value]) for one in Strength),
        ),
        (
            "form",
            _("Form of violence"),
            pgettext("form of violence", "any"),
            ((one.value, words.word(words.FORMS, one.value)) for one in Violence),
        ),
        ("since", _("Published since"), pgettext("year", "any"), ((str(year), str(year)) for year in known.years)),
    )
    filters = [
        Filter(
            name,
            label,
            (
                Choice("", any_word, not getattr(asked, name)),
                *(Choice(value, word, getattr(asked, name) == value) for value, word in choices),
            ),
        )
        for name, label, any_word, choices in lists
    ]
    kinds = {"all": pgettext("states", "all"), "real": _("real states"), "invented": _("invented states")}
    choices = tuple(Choice(kind, kinds[kind], asked.states == kind) for kind in KINDS_OF_STATES)
    return (*filters, Filter("states", _("States"), choices), _order(asked))


def _order(asked: Asked) -> Filter:
    """By what the rows are sorted: one more list, so that it works by keyboard, by touch and without script."""
    orders = [("", _("name")), ("findings", _("number of findings"))]
    article = _("Article %(number)s")
    orders += [(str(number), article % {"number": number}) for number in ARTICLES]
    return Filter("sort", _("Sorted by"), tuple(Choice(value, word, asked.sort == value) for value, word in orders))


# --- What is known ----------------------------------------------------------------------------------------------------


def _cells(asked: Asked, columns: list[Column]) -> Cells:
    """Findings and sections under each state and article. Three queries; sections have no strength."""
    links = monitoring.FindingArticle.objects.exclude(finding__review="rejected").exclude(finding__state=None)
    treated = monitoring.SectionArticle.objects.exclude(section__document__state=None)
    if asked.procedure:
        links = links.filter(finding__procedure=asked.procedure)
        treated = treated.filter(section__document__procedure=asked.procedure)
    if asked.body:
        links = links.filter(finding__body=asked.body)
        treated = treated.filter(section__document__body=asked.body)
    if asked.since:
        links = links.filter(finding__year__gte=int(asked.since))
        treated = treated.filter(section__document__published__gte=asked.since)
    if asked.strength:
        links = links.filter(finding__strength=asked.strength)
        treated = treated.none()
    shown = links.filter(article__in=[column.number for column in columns])
    return Cells(_strongest(shown), _numbers(treated), _totals(shown))


def _totals(links: QuerySet[monitoring.FindingArticle]) -> dict[str, int]:
    rows = links.order_by().values_list("finding__state_id").annotate(number=Count("finding", distinct=True))
    return dict(rows)


def _strongest(links: QuerySet[monitoring.FindingArticle]) -> dict[tuple[str, int], tuple[int, str]]:
    weighed = links.order_by().values("finding__state_id", "article").annotate(weight=Min(weight_of("finding__rank")))
    rows = weighed.annotate(number=Count("id")).values_list("finding__state_id", "article", "weight", "number")
    return {(state, article): (number, STRENGTH_OF_WEIGHT[weight]) for state, article, weight, number in rows}


def _numbers(treated: QuerySet[monitoring.SectionArticle]) -> dict[tuple[str, int], int]:
    rows = treated.order_by().values_list("section__document__state_id", "article").annotate(number=Count("id"))
    return {(state, article): number for state, article, number in rows}


def _states(asked: Asked, cells: Cells) -> list[Territory]:
    """The states of the map and those with something to show, as far as the reader wants them."""
    something = {state for state, _article in (*cells.findings, *cells.sections)}
    wanted = [known for known in territories().values() if known.tile or known.code in something]
    match asked.states:
        case "real":
            return [known for known in wanted if known.kind is not Kind.INVENTED]
        case "invented":
            return [known for known in wanted if known.kind is Kind.INVENTED]
        case _:
            return wanted


def _columns(asked: Asked, language: str) -> list[Column]:
    articles = reverse("pages:articles")
    return [
        Column(number, article.title(language), f"{articles}{number}/")
        for number, article in ARTICLES.items()
        if (asked.whole or FIRST <= number <= LAST) and (not asked.form or article.violence == asked.form)
    ]


def _headings(columns: list[Column], language: str) -> tuple[Heading, ...]:
    shown = {column.number for column in columns}
    spans = [(chapter, sum(int(number) in shown for number in chapter.articles)) for chapter in ISTANBUL.chapters]
    return tuple(Heading(chapter.number, chapter.title(language), span) for chapter, span in spans if span)


def _sorted(states: list[Territory], asked: Asked, cells: Cells, language: str) -> list[Territory]:
    """By name; by the number of findings; or by the strongest finding under one article."""
    by_name = sorted(states, key=lambda state: alphabetical(state.name(language)))
    if asked.sort == "findings":
        return sorted(by_name, key=lambda state: -cells.totals.get(state.code, 0))
    if asked.sort:
        order = {
            strength: place
            for place, strength in enumerate(STRENGTH_OF_WEIGHT[weight] for weight in sorted(STRENGTH_OF_WEIGHT))
        }
        article = int(asked.sort)
        nothing = len(order)

        def place(state: Territory) -> tuple[int, int]:
            number, strength = cells.findings.get((state.code, article), (0, ""))
            return (order[strength] if number else nothing, -cells.sections.get((state.code, article), 0))

        return sorted(by_name, key=place)
    return by_name


def _strengths(cells: Cells) -> tuple[str, ...]:
    scale = tuple(strength.value for strength in Strength)
    return (*scale, "") if any(not strength for _number, strength in cells.findings.values()) else scale


# --- How a row is drawn -----------------------------------------------------------------------------------------------


def _rows(states: list[Territory], columns: list[Column], cells: Cells, language: str) -> tuple[MatrixRow, ...]:
    """Every row, with words looked up once and not once a row: they were a tenth of the page's cost (2026-11)."""
    letters = {strength: escape(str(letter)) for strength, letter in words.LETTERS.items()}
    names = {strength: escape(str(word)) for strength, word in words.STRENGTHS.items()}
    dot = f'<td><span class="dot" role="img" aria-label="{escape(_("treated in a report"))}"></span></td>'
    countries = reverse("pages:countries")

    def drawn(state: str, href: str) -> Iterable[str]:
        """The cells of one row. Every value in it is one of our own words or numbers, escaped all the same."""
        for column in columns:
            key = (state, column.number)
            if found := cells.findings.get(key):
                number, strength = found
                said = f"{names[strength]} ({number})" if number > 1 else names[strength]
                yield (
                    f'<td data-strength="{strength}"><a href="{href}#article-{column.number}" title="{said}">'
                    f'{letters[strength]}<span class="ds-sr-only"> {said}</span></a></td>'
                )
            else:
                yield dot if key in cells.sections else "<td></td>"

    return tuple(
        MatrixRow(
            code=state.code,
            name=state.name(language),
            invented=state.invented,
            href=(href := f"{countries}{state.code}/"),
            cells=mark_safe("".join(drawn(state.code, href))),  # noqa: S308 - escaped words, codes and numbers of ours
            findings=cells.totals.get(state.code, 0),
        )
        for state in states
    )


# --- Exports ----------------------------------------------------------------------------------------------------------


def matrix_json(*, questions: Mapping[str, str], language: str) -> str:
    """One JSON object for each cell that has something, in the matrix's order."""
    return json.dumps(list(_lines(questions, language)), ensure_ascii=False, indent=1)


def matrix_csv(*, questions: Mapping[str, str], language: str) -> str:
    """One row for each country, one column for each article: the strength's code, "treated", or nothing."""
    asked = asked_in(questions, _known())
    columns = _columns(asked, language)
    cells = _cells(asked, columns)
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(["state", "name", "invented", "findings", *(f"article_{column.number}" for column in columns)])
    for state in _sorted(_states(asked, cells), asked, cells, language):
        keys = [(state.code, column.number) for column in columns]
        values = [
            cells.findings[key][1] or "asks" if key in cells.findings else "treated" if key in cells.sections else ""
            for key in keys
        ]
        invented = "yes" if state.invented else "no"
        table.writerow([state.code, state.name(language), invented, cells.totals.get(state.code, 0), *values])
    return out.getvalue()


def _lines(questions: Mapping[str, str], language: str) -> Iterable[dict[str, Any]]:
    asked = asked_in(questions, _known())
    columns = _columns(asked, language)
    cells = _cells(asked, columns)
    for state in _sorted(_states(asked, cells), asked, cells, language):
        for column in columns:
            key = (state.code, column.number)
            if key in cells.findings or key in cells.sections:
                number, strength = cells.findings.get(key, (0, None))
                yield {
                    "state": state.code,
                    "name": state.name(language),
                    "invented": state.invented,
                    "article": str(column.number),
                    "strongest": strength,
                    "findings": number,
                    "sections": cells.sections.get(key, 0),
                }
