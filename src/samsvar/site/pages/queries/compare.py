"""Queries for comparing what the rounds of monitoring say of several countries; they return frozen dataclasses.

Countries are never ranked: they have the order in which the reader chose them, or that of their names. What is not
known (no report processed, not monitored) is kept apart from a round that has no finding on an article.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from itertools import chain
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from samsvar.convention.treaty import ISTANBUL
from samsvar.interchange.tables import TableRow
from samsvar.monitoring.rounds import CONVENTION_BODIES, STRENGTH_ORDER, ArticleRound, Round
from samsvar.site.convention import models as convention
from samsvar.site.convention.queries import cached_statuses
from samsvar.site.convention.query_params import RequestedDay
from samsvar.site.monitoring import models as monitoring
from samsvar.site.monitoring.rounds import (
    RoundRows,
    StateRounds,
    round_rows_of_all_states,
    round_rows_of_states,
    was_published_by,
)
from samsvar.site.pages.queries.shared import ARTICLES, CLOSED, article_title, strength_value
from samsvar.site.pages.status_table import StatusRow, status_row
from samsvar.site.shell import labels
from samsvar.site.shell.errors import ErrorText
from samsvar.site.shell.filters import build_filter_form
from samsvar.site.shell.html_fragments import render_round_steps
from samsvar.territories import Territory, TerritoryKind, is_fictional, territories, territory_name
from samsvar.text import fold

MIN_STATES, MAX_STATES = 2, 6  # more columns do not fit a screen or a sheet of paper
LATEST = "latest"  # in place of a kind of round: only the latest round on each article


class StepStatus(StrEnum):
    """What is known of a round under an article."""

    FINDINGS = "findings"
    NO_FINDING = "no_finding"  # the round was processed and has no finding on the article
    NOT_PROCESSED = "not_processed"  # a section of an official report covers the article, but was not processed


class Coverage(StrEnum):
    """What is known of the monitoring of a state."""

    PROCESSED = "processed"  # at least one report of the bodies that monitor the Convention
    NOT_PROCESSED = "not_processed"  # reports are known, none of which has been processed
    NOT_MONITORED = "not_monitored"  # no report is known


@dataclass(frozen=True, slots=True)
class CellStep:
    """A round under an article: its status, strongest label (or "closed") and number of findings."""

    status: StepStatus
    body: str
    procedure: str
    published: str
    strength: str = ""
    findings: int = 0
    confirmed: int = 0  # findings whose label a reviewer confirmed
    href: str = ""

    @property
    def year(self) -> str:
        return self.published[:4]


@dataclass(frozen=True, slots=True)
class ComparedCell:
    """What is known of a state under an article: its rounds, oldest first; () if nothing is known."""

    state: str
    name: str
    coverage: Coverage
    steps: tuple[CellStep, ...]

    @property
    def html(self) -> str:
        return render_round_steps(self)


@dataclass(frozen=True, slots=True)
class ComparedArticle:
    """A row of a comparison: an article, or None for findings under no article, with a cell for each state."""

    number: int | None
    title: str
    cells: tuple[ComparedCell, ...]

    @property
    def is_known(self) -> bool:
        """Whether a round shown has a finding on the article, or an official report covers it."""
        return any(step.status is not StepStatus.NO_FINDING for cell in self.cells for step in cell.steps)


@dataclass(frozen=True, slots=True)
class ComparedChapter:
    """The rows of a chapter; the last group, with the findings under no article, has no roman numeral."""

    roman: str
    title: str
    articles: tuple[ComparedArticle, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar: the number of findings with a strength, in percent of the bar."""

    strength: str
    number: int
    x: str
    width: str


@dataclass(frozen=True, slots=True)
class RoundBar:
    """The findings of a round by strength, or the countries of a kind of round; all bars are equally long."""

    name: str
    published: str
    total: int
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class ComparedState:
    """A column of a comparison."""

    code: str
    name: str
    fictional: bool
    status: StatusRow
    has_status: bool
    coverage: Coverage
    bars: tuple[RoundBar, ...]  # of the findings shown, oldest round first
    findings: int  # shown, each counted once
    confirmed: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the rounds say of several states under the articles shown."""

    states: tuple[ComparedState, ...]
    chapters: tuple[ComparedChapter, ...]
    strengths: tuple[str, ...]  # for the legend
    has_unprocessed: bool

    @property
    def is_mixed(self) -> bool:
        """Whether fictional states are compared with real ones."""
        return len({state.fictional for state in self.states}) > 1


@dataclass(frozen=True, slots=True)
class ComparePage:
    """The page: its filters, and a comparison if at least two states were chosen."""

    form: forms.Form
    real: tuple[tuple[str, str, bool], ...]  # code, name and whether it is chosen
    fictional: tuple[tuple[str, str, bool], ...]
    chosen: int
    requested: RequestedDay
    errors: tuple[ErrorText, ...]
    comparison: Comparison | None
    permalink: str  # the query of this page with its day


@dataclass(frozen=True, slots=True)
class CompareFilters:
    """The reader's filters; "" means no filter."""

    round: str = ""  # "latest", or a body and a procedure: "grevio-baseline"
    chapter: str = ""  # Roman numeral
    articles: str = ""  # "all": also those on which nothing is known


def compare_page(
    *, codes: Sequence[str], requested: RequestedDay, params: Mapping[str, str], language: str
) -> ComparePage:
    """Return the comparison of two to six states, or only the choice of states, in at most nine queries.

    Unknown codes, and those after the sixth, are named in the errors of the page.
    """
    offered = _offered_states()
    wanted = list(dict.fromkeys(code.strip().upper() for code in codes if code.strip()))
    known = [code for code in wanted if code in offered]
    chosen, too_many = known[:MAX_STATES], known[MAX_STATES:]
    is_compared = len(chosen) >= MIN_STATES
    day = requested.past_day
    loaded = _load(chosen, round_rows_of_states(chosen, day), day) if is_compared else None
    form = _filter_form(params, loaded.kinds if loaded else (), language)
    filters = _filters(params, loaded.kinds if loaded else ())
    names = {code: territory_.name(language) for code, territory_ in offered.items()}
    order = sorted(names, key=lambda code: fold(names[code]))
    by_kind = {
        fictional: tuple((code, names[code], code in chosen) for code in order if offered[code].fictional is fictional)
        for fictional in (False, True)
    }
    unknown = [code for code in wanted if code not in offered]
    return ComparePage(
        form=form,
        real=by_kind[False],
        fictional=by_kind[True],
        chosen=len(chosen),
        requested=requested,
        errors=tuple(
            filter(
                None,
                (
                    requested.error,
                    _describe_unknown(unknown),
                    _describe_too_many([names[code] for code in too_many]),
                    form.error,  # type: ignore[attr-defined]
                ),
            )
        ),
        comparison=_build_comparison(loaded, filters, requested, language) if loaded else None,
        permalink=_permalink(chosen, filters, requested.day),
    )


def _offered_states() -> dict[str, Territory]:
    """Return the states to choose from, in one query: those of the map, fictional ones, and others with documents."""
    has_documents = Exists(monitoring.Document.objects.filter(state=OuterRef("pk")))
    stored = dict(convention.State.objects.annotate(known=has_documents).values_list("code", "known"))
    return {
        code: state
        for code, state in territories().items()
        if code in stored and (state.tile or state.kind is TerritoryKind.FICTIONAL or stored[code])
    }


def _describe_unknown(codes: Sequence[str]) -> ErrorText | None:
    if not codes:
        return None
    return ErrorText(
        _("There is no state with the code “%(code)s” to compare.")
        % {"code": "”, “".join(one[:10] for one in codes[:5])},
        _("The other states were kept."),
        _("Choose from the list of states."),
    )


def _describe_too_many(names: Sequence[str]) -> ErrorText | None:
    if not names:
        return None
    return ErrorText(
        _("At most six states can be compared."),
        _("The first six are shown, without %(names)s.") % {"names": ", ".join(names[:10])},
        _("Remove a state to add another."),
    )


def _permalink(states: Sequence[str], filters: CompareFilters, day: date) -> str:
    """Return the query of a comparison that shows the same later on: it names the day."""
    values = [("round", filters.round), ("chapter", filters.chapter), ("articles", filters.articles)]
    query = [*(("state", code) for code in states), *((name, value) for name, value in values if value)]
    return urlencode([*query, ("on", day.isoformat())])


def _filter_form(params: Mapping[str, str], kinds: Sequence[tuple[str, str]], language: str) -> forms.Form:
    rounds = [(LATEST, _("latest round on each article")), *((_kind_key(*kind), kind_name(*kind)) for kind in kinds)]
    chapters = [(chapter.number, f"{chapter.number}. {chapter.title(language)}") for chapter in ISTANBUL.chapters]
    return build_filter_form(
        params, "filter", also=("state", "on", "format"),
        round=(_("Round"), pgettext("round of monitoring", "all"), rounds),
        chapter=(_("Articles of chapter"), pgettext("chapters", "all"), chapters),
        articles=(_("Rows"), _("articles on which something is known"), [("all", _("all 81 articles"))]),
    )  # fmt: skip


def _filters(params: Mapping[str, str], kinds: Sequence[tuple[str, str]]) -> CompareFilters:
    """Return the filters that the page has; the form names the others."""
    allowed = {
        "round": {LATEST, *(_kind_key(*kind) for kind in kinds)},
        "chapter": {chapter.number for chapter in ISTANBUL.chapters},
        "articles": {"all"},
    }
    values = {name: params.get(name, "").strip() for name in allowed}
    return CompareFilters(**{name: value for name, value in values.items() if value in allowed[name]})


def _kind_key(body: str, procedure: str) -> str:
    return f"{body}-{procedure}"


def kind_name(body: str, procedure: str) -> str:
    """Return the name of a kind of round: "GREVIO, baseline evaluation"."""
    names = labels.find_label(labels.BODIES, body), labels.find_label(labels.PROCEDURES, procedure)
    return ", ".join(str(name) for name in names if name)


# --- Data -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Loaded:
    """The rows of a comparison, from which its cells are built."""

    codes: Sequence[str]
    rounds: Mapping[str, StateRounds]
    confirmed: frozenset[int]  # primary keys of findings
    sections: Mapping[tuple[str, int], tuple[CellStep, ...]]  # of documents that were not processed
    monitored: frozenset[str]  # states with a known document
    kinds: tuple[tuple[str, str], ...] = field(default=())  # bodies and procedures of the rounds, oldest first

    def knows(self, code: str, number: int) -> bool:
        """Return whether a round of a state was processed, or an official report covers the article."""
        return bool(self.rounds[code].rounds) or (code, number) in self.sections

    def coverage(self, code: str) -> Coverage:
        if self.rounds[code].rounds:
            return Coverage.PROCESSED
        return Coverage.NOT_PROCESSED if code in self.monitored else Coverage.NOT_MONITORED


def _load(codes: Sequence[str], rows: RoundRows, day: date | None, *, article: int | None = None) -> _Loaded:
    """Return the rows of a comparison, in three more queries; with an article, only its sections."""
    rounds = {code: rows.build(code) for code in codes}
    findings = monitoring.Finding.objects.filter(state_id__in=codes, body__in=CONVENTION_BODIES)
    confirmed = findings.filter(review=monitoring.Finding.Review.CONFIRMED).values_list("pk", flat=True)
    documents = monitoring.Document.objects.filter(state_id__in=codes, body__in=CONVENTION_BODIES)
    monitored = {
        code for code, published in documents.order_by().values_list("state_id", "published")
        if day is None or was_published_by(published, day)
    }  # fmt: skip
    first_days: dict[tuple[str, str], str] = {}
    for round_ in chain.from_iterable(state_rounds.rounds for state_rounds in rounds.values()):
        kind = round_.body, round_.procedure
        first_days[kind] = min(first_days.get(kind, round_.published), round_.published)
    kinds = sorted(first_days, key=lambda kind: (first_days[kind], kind))
    sections = _unprocessed_sections(codes, day, article)
    return _Loaded(codes, rounds, frozenset(confirmed), sections, frozenset(monitored), tuple(kinds))


def _unprocessed_sections(
    codes: Sequence[str], day: date | None, article: int | None
) -> dict[tuple[str, int], tuple[CellStep, ...]]:
    """Return a step for each unprocessed document with a section that covers an article, by state and article."""
    sections = monitoring.SectionArticle.objects.filter(
        section__document__state_id__in=codes,
        section__document__body__in=CONVENTION_BODIES,
        section__document__report=None,
    )
    if article is not None:
        sections = sections.filter(article=article)
    columns = ("state_id", "body", "procedure", "published")
    rows = sections.order_by("section__document__published").values_list(
        "article", *(f"section__document__{column}" for column in columns)
    )
    steps: dict[tuple[str, int], dict[CellStep, None]] = defaultdict(dict)
    for number, code, body, procedure, published in rows.distinct():
        if day is None or was_published_by(published, day):
            steps[code, number][CellStep(StepStatus.NOT_PROCESSED, body, procedure, published)] = None
    return {key: tuple(value) for key, value in steps.items()}


def _build_comparison(loaded: _Loaded, filters: CompareFilters, requested: RequestedDay, language: str) -> Comparison:
    cells = _Cells(loaded, filters.round, requested, language)
    chapters = tuple(_chapters(loaded, cells, filters, language))
    statuses = cached_statuses(requested.day)
    shown = [cell for chapter in chapters for article in chapter.articles for cell in article.cells]
    return Comparison(
        states=tuple(
            _compared_state(code, loaded, cells, status_row(code, statuses.get(code), language), language)
            for code in loaded.codes
        ),
        chapters=chapters,
        strengths=_strengths_of(shown),
        has_unprocessed=_has_unprocessed(shown),
    )


def _strengths_of(cells: Iterable[ComparedCell]) -> tuple[str, ...]:
    """Return the strengths for the legend, strongest first."""
    shown = {step.strength for cell in cells for step in cell.steps if step.status is StepStatus.FINDINGS}
    return tuple(value for value in (*STRENGTH_ORDER, CLOSED) if value in shown)


def _has_unprocessed(cells: Iterable[ComparedCell]) -> bool:
    return any(step.status is StepStatus.NOT_PROCESSED for cell in cells for step in cell.steps)


def _chapters(loaded: _Loaded, cells: _Cells, filters: CompareFilters, language: str) -> Iterator[ComparedChapter]:
    """Yield the chapters with the articles to be shown, and last the findings under no article."""
    for chapter in ISTANBUL.chapters:
        if filters.chapter in ("", chapter.number):
            numbers = [int(number) for number in chapter.articles if filters.articles or cells.has_data(int(number))]
            articles = [
                ComparedArticle(number, article_title(number, language), cells.of_article(number)) for number in numbers
            ]
            rows = tuple(article for article in articles if filters.articles or article.is_known)
            if rows:
                yield ComparedChapter(chapter.number, chapter.title(language), rows)
    if not filters.chapter and any(None in state_rounds.histories for state_rounds in loaded.rounds.values()):
        yield ComparedChapter("", "", (ComparedArticle(None, "", cells.of_article(None)),))


class _Cells:
    """Builds the cells of a comparison, and notes which findings they show."""

    def __init__(self, loaded: _Loaded, kind: str, requested: RequestedDay, language: str) -> None:
        self.loaded, self.kind, self.on = loaded, kind, requested.on_param
        self.names = {code: territory_name(code, language) for code in loaded.codes}
        self.countries = reverse("pages:countries")
        # strengths of the findings shown, by state, round and finding
        self.shown: dict[str, dict[Round, dict[Any, str]]] = {code: {} for code in loaded.codes}

    def has_data(self, number: int) -> bool:
        return any(
            number in state_rounds.histories or (code, number) in self.loaded.sections
            for code, state_rounds in self.loaded.rounds.items()
        )

    def of_article(self, number: int | None) -> tuple[ComparedCell, ...]:
        return tuple(self.cell(code, number) for code in self.loaded.codes)

    def cell(self, code: str, number: int | None) -> ComparedCell:
        state_rounds = self.loaded.rounds[code]
        results = {result.round: result for result in state_rounds.histories.get(number, ())}
        rounds = [round_ for round_ in state_rounds.rounds if self._is_shown(round_.body, round_.procedure)]
        if self.kind == LATEST:
            rounds = list(results)[-1:] or rounds[-1:]
        steps = [self._step(code, number, round_, results.get(round_)) for round_ in rounds]
        newest = rounds[-1].published if rounds else ""
        for step in self.loaded.sections.get((code, number), ()) if number is not None else ():
            if self._is_shown(step.body, step.procedure) and (self.kind != LATEST or step.published > newest):
                steps.append(step)
        steps.sort(key=lambda step: step.published)
        return ComparedCell(code, self.names[code], self.loaded.coverage(code), tuple(steps))

    def _is_shown(self, body: str, procedure: str) -> bool:
        return self.kind in ("", LATEST, _kind_key(body, procedure))

    def _step(self, code: str, number: int | None, round_: Round, result: ArticleRound | None) -> CellStep:
        if result is None:
            return CellStep(StepStatus.NO_FINDING, round_.body, round_.procedure, round_.published)
        findings = {finding.finding: finding.strength for finding in result.findings}
        self.shown[code].setdefault(round_, {}).update(findings)
        article = str(number or "none")
        query = {"article": article, "round": f"{round_.body}-{round_.procedure}-{round_.published}"}
        address = urlencode(query | ({"on": self.on} if self.on else {}))
        return CellStep(
            StepStatus.FINDINGS, round_.body, round_.procedure, round_.published,
            strength=strength_value(result),
            findings=len(findings),
            confirmed=len(self.loaded.confirmed.intersection(findings)),
            href=f"{self.countries}{code}/articles/?{address}#article-{article}",
        )  # fmt: skip


def _compared_state(code: str, loaded: _Loaded, cells: _Cells, status: StatusRow, language: str) -> ComparedState:
    shown = cells.shown[code]
    findings = {key for by_finding in shown.values() for key in by_finding}
    return ComparedState(
        code=code,
        name=cells.names[code],
        fictional=status.fictional,
        status=status,
        has_status=bool(status.confidence) or not status.fictional,
        coverage=loaded.coverage(code),
        bars=tuple(
            build_bar(kind_name(round_.body, round_.procedure), round_.published, shown[round_].values())
            for round_ in loaded.rounds[code].rounds
            if round_ in shown
        ),
        findings=len(findings),
        confirmed=len(loaded.confirmed.intersection(findings)),
    )


def build_bar(name: str, published: str, strengths: Iterable[str]) -> RoundBar:
    """Return a bar whose segments have the shares of the strengths, strongest first."""
    counts = Counter(strengths)
    total, before, segments = counts.total(), 0, []
    for strength in (*STRENGTH_ORDER, CLOSED, StepStatus.NO_FINDING.value, StepStatus.NOT_PROCESSED.value):
        if number := counts[strength]:
            segments.append(Segment(strength, number, f"{100 * before / total:.2f}%", f"{100 * number / total:.2f}%"))
            before += number
    return RoundBar(name, published, total, tuple(segments))


# --- One article across countries -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CountryLine:
    """A country under one article: what each kind of round says, in the order of the columns."""

    state: ComparedState
    cells: tuple[tuple[str, ComparedCell], ...]  # each with the name of its column


@dataclass(frozen=True, slots=True)
class ArticleCountriesPage:
    """One article across all countries of which something is known, by kind of round."""

    number: int
    title: str
    requested: RequestedDay
    filters: forms.Form
    columns: tuple[str, ...]  # names of the kinds of rounds, oldest first
    bars: tuple[RoundBar, ...]  # countries by the strongest label, for each kind of round
    lines: tuple[CountryLine, ...]  # by the name of the country
    comparison: Comparison  # the same, for the export
    previous_number: int | None
    next_number: int | None


STATE_KINDS = ("real", "fictional")


def article_countries_page(
    *, number: int, requested: RequestedDay, params: Mapping[str, str], language: str
) -> ArticleCountriesPage | None:
    """Return an article across countries, or None if it does not exist, in at most eight queries.

    Countries are those with processed reports, or with an official report that covers the article.
    """
    if number not in ARTICLES:
        return None
    day = requested.past_day
    rows = round_rows_of_all_states(day)
    kind = params.get("states", "").strip()
    offered = {
        code: territory_name(code, language)
        for code in {*rows.findings, *_states_with_sections(number)}
        if kind not in STATE_KINDS or is_fictional(code) is (kind == "fictional")
    }
    loaded = _load(sorted(offered, key=lambda code: fold(offered[code])), rows, day, article=number)
    # those of which something is known on the day
    loaded = replace(loaded, codes=[code for code in loaded.codes if loaded.knows(code, number)])
    cells = _Cells(loaded, "", requested, language)
    article = ComparedArticle(number, article_title(number, language), cells.of_article(number))
    statuses = cached_statuses(requested.day)
    states = [
        _compared_state(code, loaded, cells, status_row(code, statuses.get(code), language), language)
        for code in loaded.codes
    ]
    by_kind = {
        kind_name(*pair): [_steps_of_kind(cell, *pair) for cell in article.cells] for pair in _kinds_of(article.cells)
    }
    return ArticleCountriesPage(
        number=number,
        title=article.title,
        requested=requested,
        filters=build_filter_form(
            params, "filter", also=("on", "format"),
            states=(
                _("States"), pgettext("states", "all"),
                [("real", _("real states")), ("fictional", _("fictional states"))],
            ),
        ),
        columns=tuple(by_kind),
        bars=tuple(_country_bar(name, of_kind) for name, of_kind in by_kind.items()),
        lines=tuple(
            CountryLine(state, tuple((name, of_kind[place]) for name, of_kind in by_kind.items()))
            for place, state in enumerate(states)
        ),
        comparison=Comparison(
            states=tuple(states),
            chapters=(ComparedChapter("", "", (article,)),),
            strengths=_strengths_of(article.cells),
            has_unprocessed=_has_unprocessed(article.cells),
        ),
        previous_number=number - 1 if number - 1 in ARTICLES else None,
        next_number=number + 1 if number + 1 in ARTICLES else None,
    )  # fmt: skip


def _kinds_of(cells: Iterable[ComparedCell]) -> list[tuple[str, str]]:
    """Return the bodies and procedures of the rounds in cells, oldest first."""
    first_days: dict[tuple[str, str], str] = {}
    for step in (step for cell in cells for step in cell.steps):
        kind = step.body, step.procedure
        first_days[kind] = min(first_days.get(kind, step.published), step.published)
    return sorted(first_days, key=lambda kind: (first_days[kind], kind))


def _steps_of_kind(cell: ComparedCell, body: str, procedure: str) -> ComparedCell:
    return replace(cell, steps=tuple(step for step in cell.steps if (step.body, step.procedure) == (body, procedure)))


def _states_with_sections(number: int) -> set[str]:
    """Return the states with an unprocessed report that covers an article. One query."""
    sections = monitoring.SectionArticle.objects.filter(
        article=number, section__document__body__in=CONVENTION_BODIES, section__document__report=None
    ).exclude(section__document__state=None)
    return set(sections.order_by().values_list("section__document__state_id", flat=True).distinct())


def _country_bar(name: str, cells: Iterable[ComparedCell]) -> RoundBar:
    """Return the number of countries by the strongest label of their latest round of a kind."""
    latest = [cell.steps[-1] for cell in cells if cell.steps]
    values = [step.strength if step.status is StepStatus.FINDINGS else step.status.value for step in latest]
    return build_bar(name, "", values)


# --- Exports ----------------------------------------------------------------------------------------------------------

EXPORT_COLUMNS = (
    "as_on", "state", "name", "fictional", "treaty_status", "article", "article_title", "body", "procedure",
    "published", "status", "strength", "findings", "confirmed_findings",
)  # fmt: skip
EXPORT_NUMBERS = ("findings", "confirmed_findings")


def export_comparison(comparison: Comparison, day: date) -> Iterator[TableRow]:
    """Yield a row for each round in each cell that is shown, in the order of the page.

    A cell in which nothing is known has one row with the status "not_processed" or "not_monitored", or "unknown" if
    the state has processed reports but none of the kind shown. A strength is "asks" if the body gives none.
    """
    statuses = {state.code: state.status.status if state.has_status else "" for state in comparison.states}
    fictional = {state.code: "yes" if state.fictional else "no" for state in comparison.states}
    for article in (article for chapter in comparison.chapters for article in chapter.articles):
        for cell in article.cells:
            common = {
                "as_on": day.isoformat(), "state": cell.state, "name": cell.name, "fictional": fictional[cell.state],
                "treaty_status": statuses[cell.state], "article": str(article.number or ""),
                "article_title": article.title,
            }  # fmt: skip
            for step in cell.steps:
                yield common | {
                    "body": step.body, "procedure": step.procedure, "published": step.published,
                    "status": step.status.value,
                    "strength": (step.strength or "asks") if step.status is StepStatus.FINDINGS else "",
                    "findings": step.findings if step.status is not StepStatus.NOT_PROCESSED else "",
                    "confirmed_findings": step.confirmed if step.status is StepStatus.FINDINGS else "",
                }  # fmt: skip
            if not cell.steps:
                unknown = "unknown" if cell.coverage is Coverage.PROCESSED else cell.coverage.value
                yield common | dict.fromkeys(EXPORT_COLUMNS[7:], "") | {"status": unknown}
