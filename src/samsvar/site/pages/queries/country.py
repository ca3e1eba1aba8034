"""Queries for a country's page and its tabs; they return frozen dataclasses.

Every tab begins with the same head: the country's status, the figures of the latest rounds and the other tabs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from samsvar.convention.treaty import ISTANBUL
from samsvar.monitoring.issues import StepChange
from samsvar.monitoring.profiles.upr.states import find_state_code
from samsvar.monitoring.report import StatePosition, Strength
from samsvar.monitoring.rounds import (
    CONVENTION_BODIES,
    STRENGTH_ORDER,
    ArticleRound,
    Round,
    Trend,
    compare_with_earlier,
)
from samsvar.site.convention import models as convention
from samsvar.site.convention.queries import cached_statuses
from samsvar.site.convention.query_params import RequestedDay
from samsvar.site.meetings.meeting.queries.meetings import meetings_of_state
from samsvar.site.meetings.models import Meeting
from samsvar.site.monitoring import models as monitoring
from samsvar.site.monitoring.issues import IssueLine, issues_of_state
from samsvar.site.monitoring.permissions import can_upload, reviewable_states
from samsvar.site.monitoring.rounds import StateRounds, round_rows_of_state, was_published_by
from samsvar.site.network.access.permissions import User
from samsvar.site.pages.queries.country_progress import ProgressList, progress_list
from samsvar.site.pages.queries.shared import (
    ANONYMOUS,
    CLOSED,
    OTHER_PARAMETERS,
    SECTION_COLUMNS,
    FindingCard,
    HistoryStep,
    ReservationRow,
    SectionRow,
    article_title,
    document_kind,
    finding_cards,
    history_texts,
    reservation_row,
    section_row,
    strength_value,
)
from samsvar.site.pages.status_table import StatusRow, status_row
from samsvar.site.shell import labels
from samsvar.site.shell.compiled_queries import CompiledQuery
from samsvar.site.shell.errors import ErrorText
from samsvar.site.shell.filters import build_filter_form
from samsvar.site.shell.labels import enum_choices, enum_label
from samsvar.territories import territory, territory_name
from samsvar.text import fold_letters

CARDS_PER_PAGE = 25  # at most twelve screens of a phone
ISSUES_PER_PAGE = 15  # as many screens


class Tab(StrEnum):
    """A part of a country's page, with an address of its own."""

    OVERVIEW = ""
    ARTICLES = "articles"
    ROUNDS = "rounds"
    PROGRESS = "progress"
    REPORTS = "reports"
    EVENTS = "events"
    MEETINGS = "meetings"
    FUNDING = "funding"
    UPR = "upr"
    OTHER_BODIES = "other-bodies"


@dataclass(frozen=True, slots=True)
class TabLink:
    key: str
    href: str
    number: int | None  # what the tab contains, None if it is not counted
    is_current: bool


@dataclass(frozen=True, slots=True)
class StrengthCount:
    strength: str
    number: int


@dataclass(frozen=True, slots=True)
class TrendCount:
    """The articles whose latest round differs from the one before in the same way."""

    trend: str  # samsvar.monitoring.rounds.Trend
    articles: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RoundLine:
    """A round in words: "GREVIO, first thematic evaluation, 2025"."""

    key: str  # its value in the filter
    body: str
    procedure: str
    published: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What the latest rounds say of a country."""

    open: int
    open_by_strength: tuple[StrengthCount, ...]  # strongest first
    articles: int  # number of articles with an open recommendation
    welcomed: int  # positive findings of the latest rounds
    trends: tuple[TrendCount, ...]
    latest: RoundLine | None


@dataclass(frozen=True, slots=True)
class ArticleCell:
    """A cell of the article strip, the row of all articles on a country's page."""

    number: int
    title: str
    strength: str
    history: str  # the latest round and those before it in words, "" if no finding is about the article
    is_covered: bool  # a section of an official report covers it


@dataclass(frozen=True, slots=True)
class ArticleStripChapter:
    roman: str
    title: str
    cells: tuple[ArticleCell, ...]


@dataclass(frozen=True, slots=True)
class UrgentFinding:
    """An open recommendation on the overview, with the first of its articles."""

    card: FindingCard
    number: int | None
    title: str


@dataclass(frozen=True, slots=True)
class CountryDocumentRow:
    body: str
    kind: str
    procedure: str
    reference: str
    published: str
    link: str
    confidence: str
    report_id: str  # public ID of the processed report, "" if there is none
    findings: int


@dataclass(frozen=True, slots=True)
class Overview:
    chapters: tuple[ArticleStripChapter, ...]
    strengths: tuple[str, ...]  # those explained in the legend
    has_covered_articles: bool
    urgent: tuple[UrgentFinding, ...]
    documents: tuple[CountryDocumentRow, ...]  # the newest
    document_count: int
    section_count: int
    events: tuple[convention.TreatyEvent, ...]  # the newest; () if there are findings, which come first
    can_upload: bool


@dataclass(frozen=True, slots=True)
class RoundFindings:
    """What one round says under an article."""

    line: RoundLine
    findings: tuple[FindingCard, ...]
    is_latest: bool


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article in the list of articles; `number` is None for findings and sections about no article."""

    number: int | None
    title: str
    steps: tuple[HistoryStep, ...]
    history: str
    trend: str  # samsvar.monitoring.rounds.Trend, "" without findings
    rounds: tuple[RoundFindings, ...]  # newest first
    sections: tuple[SectionRow, ...]
    unprocessed_year: str  # the year of a newer report on the article that has not been processed; "" if there is none
    is_unfolded: bool

    @property
    def finding_count(self) -> int:
        return sum(len(one.findings) for one in self.rounds)


@dataclass(frozen=True, slots=True)
class ArticleList:
    filters: forms.Form | None  # None without findings, when there is nothing to filter
    is_filtered: bool
    rows: tuple[ArticleRow, ...]


@dataclass(frozen=True, slots=True)
class IssueRow:
    """An issue over the rounds, under the first of its articles, with the text of its first finding."""

    line: IssueLine
    numbers: tuple[int, ...]
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class IssueList:
    """The issues of a country that more than one text raises."""

    filters: forms.Form | None  # None without issues, when there is nothing to filter
    pages: Page[Any]
    rows: tuple[IssueRow, ...]
    proposed: int  # links that the computer proposed, which join no findings
    unlinked: int  # findings of earlier rounds that no later text is linked to
    has_rounds: bool  # whether the report of any round was processed, so that its findings are known
    can_review: bool


@dataclass(frozen=True, slots=True)
class UprRow:
    """A recommendation of the Universal Periodic Review; `position` is "" if the report does not state it.

    Its text is the whole passage, not the reading of what a single state recommends.
    """

    card: FindingCard
    text: str
    from_states: tuple[str, ...]  # their names in the language of the page; as printed if no state has that name
    position: str


@dataclass(frozen=True, slots=True)
class UprList:
    filters: forms.Form
    counts: tuple[tuple[str, int], ...]  # number of recommendations by position
    pages: Page[Any]
    rows: tuple[UprRow, ...]


@dataclass(frozen=True, slots=True)
class OtherBodies:
    pages: Page[Any]
    findings: tuple[FindingCard, ...]


@dataclass(frozen=True, slots=True)
class CountryPage:
    code: str
    name: str
    fictional: bool
    tab: str
    tabs: tuple[TabLink, ...]
    requested: RequestedDay
    day: Any
    on_param: str
    error: ErrorText | None
    status: StatusRow
    reservations: tuple[ReservationRow, ...]
    has_events: bool
    figures: Figures
    finding_count: int  # of the bodies that monitor the Convention
    overview: Overview | None = None
    article_list: ArticleList | None = None
    issues: IssueList | None = None
    progress: ProgressList | None = None
    documents: tuple[CountryDocumentRow, ...] = ()
    events: tuple[convention.TreatyEvent, ...] = ()
    meetings: tuple[tuple[Meeting, str], ...] = ()  # each with the state's role in it
    upr: UprList | None = None
    other_bodies: OtherBodies | None = None

    @property
    def is_as_on_day(self) -> bool:
        """Return whether the tab leaves out what came after the day of the page, if it has one."""
        return self.tab not in {Tab.PROGRESS, Tab.MEETINGS, Tab.FUNDING}

    @property
    def has_status(self) -> bool:
        """Return whether the state has a status; a fictional state without treaty events has none."""
        return self.has_events or not self.fictional

    @property
    def active_reservation_count(self) -> int:
        return sum(one.active for one in self.reservations)

    @property
    def has_uncertain_reservations(self) -> bool:
        """Return whether it is not known of some reservation if it is in force."""
        return any(reservation.uncertain for reservation in self.reservations)


@dataclass(frozen=True, slots=True)
class _State:
    """What every tab needs of a state: rows of findings, its rounds, documents and events."""

    code: str
    language: str
    day: date | None  # an earlier day, as on which everything is shown
    findings: Mapping[Any, tuple[Any, str]]  # (key of the report, strength) by key of the finding, of all bodies
    later_texts: Mapping[int, str]  # of `RoundRows`
    bodies: Mapping[Any, str]  # body by key of the report
    rounds: StateRounds
    documents: tuple[CountryDocumentRow, ...]  # newest first
    events: tuple[convention.TreatyEvent, ...]  # newest first

    def count_findings(self, *bodies: str) -> int:
        return sum(self.bodies.get(report) in bodies for report, _strength in self.findings.values())


def country_page(
    *,
    code: str,
    requested: RequestedDay,
    language: str,
    user: User = ANONYMOUS,
    tab: str = Tab.OVERVIEW,
    params: Mapping[str, str] | None = None,
) -> CountryPage | None:
    """Return a tab of a country's page, or None if there is no such state.

    This takes at most eleven queries, however much data there is. `params` holds the filters of the tab. As on an
    earlier day, texts published and events that happened after it are left out.
    """
    territory_ = territory(code)
    if territory_ is None:
        return None
    events = tuple(convention.TreatyEvent.objects.filter(state_id=code).order_by("-day", "id"))
    if not events and not convention.State.objects.filter(code=code).exists():
        return None
    state = _load_state(code, language, events, requested.past_day)
    status = cached_statuses(requested.day).get(code)
    reservations = status.reservations if status else ()
    return CountryPage(
        code=code,
        name=territory_.name(language),
        fictional=territory_.fictional,
        tab=tab,
        tabs=_tab_links(state, tab, requested.on_param),
        requested=requested,
        day=requested.day,
        on_param=requested.on_param,
        error=requested.error,
        status=status_row(code, status, language),
        reservations=tuple(reservation_row(code, reservation, language) for reservation in reservations),
        has_events=bool(events),
        figures=_figures(state.rounds),
        finding_count=state.count_findings(*CONVENTION_BODIES),
        **_tab_content(tab, state, user, params or {}),
    )


def _load_state(
    code: str, language: str, events: tuple[convention.TreatyEvent, ...], day: date | None = None
) -> _State:
    """Return what every tab needs, in four queries."""
    rows = round_rows_of_state(code, day)
    return _State(
        code=code,
        language=language,
        day=day,
        findings={finding.finding: (finding.document, finding.strength) for finding in rows.findings.get(code, ())},
        later_texts=rows.later_texts,
        bodies={key: document.body for key, document in rows.documents.items()},
        rounds=rows.build(code),
        documents=tuple(row for row in _document_rows(code) if day is None or was_published_by(row.published, day)),
        events=tuple(event for event in events if day is None or was_published_by(event.day, day)),
    )


def _tab_content(tab: str, state: _State, user: User, params: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of a page that belong to its tab."""
    match tab:
        case Tab.OVERVIEW:
            return {"overview": _overview(state, user)}
        case Tab.ARTICLES:
            return {"article_list": _article_list(state, params)}
        case Tab.ROUNDS:
            return {"issues": _issue_list(state, user, params)}
        case Tab.PROGRESS:
            return {"progress": progress_list(state.code, state.rounds.open, params)}
        case Tab.REPORTS:
            return {"documents": state.documents}
        case Tab.EVENTS:
            return {"events": state.events}
        case Tab.MEETINGS:
            return {"meetings": tuple(meetings_of_state(user, state.code))}
        case Tab.UPR:
            return {"upr": _upr_list(state, params)}
        case Tab.OTHER_BODIES:
            return {"other_bodies": _other_bodies(state, params)}
    return {}  # the tab of funding consists of panels of other apps


def _tab_links(state: _State, current: str, on_param: str) -> tuple[TabLink, ...]:
    """Return the tabs; those for other bodies only if there is something in them."""
    upr = state.count_findings("upr")
    others = len(state.findings) - upr - state.count_findings(*CONVENTION_BODIES)
    numbers: dict[Tab, int | None] = dict.fromkeys(Tab)
    numbers[Tab.REPORTS], numbers[Tab.EVENTS] = len(state.documents), len(state.events)
    numbers[Tab.UPR], numbers[Tab.OTHER_BODIES] = upr, others
    address, query = reverse("pages:country", args=[state.code]), f"?on={on_param}" if on_param else ""
    return tuple(
        TabLink(tab.value, f"{address}{tab.value}/{query}" if tab.value else address + query, number, tab == current)
        for tab, number in numbers.items()
        if number or tab not in (Tab.UPR, Tab.OTHER_BODIES)
    )


# --- Figures ----------------------------------------------------------------------------------------------------------


def _figures(rounds: StateRounds) -> Figures:
    """Return the figures of the latest rounds. No article is one bucket, whose history is not compared."""
    by_strength = Counter(rounds.open.values())
    articles: set[int] = set()
    welcomed: set[Any] = set()
    trends: dict[Trend, list[int]] = {trend: [] for trend in Trend}
    for number, history in sorted(rounds.histories.items(), key=lambda item: item[0] or 0):
        latest = history[-1].findings
        welcomed |= {finding.finding for finding in latest if finding.strength == Strength.WELCOMES}
        if number is not None:
            trends[compare_with_earlier(history)].append(number)
            if rounds.open_under(number):
                articles.add(number)
    return Figures(
        open=len(rounds.open),
        open_by_strength=tuple(
            StrengthCount(strength, by_strength[strength]) for strength in STRENGTH_ORDER if by_strength[strength]
        ),
        articles=len(articles),
        welcomed=len(welcomed),
        trends=tuple(TrendCount(trend.value, tuple(numbers)) for trend, numbers in trends.items() if numbers),
        latest=_round_line(rounds.rounds[-1]) if rounds.rounds else None,
    )


def _round_line(round_: Round) -> RoundLine:
    key = f"{round_.body}-{round_.procedure}-{round_.published}"
    return RoundLine(key, round_.body, round_.procedure, round_.published)


# --- Overview ---------------------------------------------------------------------------------------------------------

OVERVIEW_LINES = 3  # findings, documents and events: the overview fits two screens of 1280 by 800 pixels


def _overview(state: _State, user: User) -> Overview:
    """Return the overview, in three more queries."""
    sections = _section_rows(state.code, state.day)
    treated = {number for numbers, _section in sections for number in numbers}
    histories = state.rounds.histories
    return Overview(
        chapters=_article_strip(histories, treated, state.language),
        strengths=_legend_strengths(histories),
        has_covered_articles=bool(treated),
        urgent=_urgent_findings(state),
        documents=state.documents[:OVERVIEW_LINES],
        document_count=len(state.documents),
        section_count=len(sections),
        events=() if histories else state.events[:OVERVIEW_LINES],
        can_upload=user.is_authenticated and can_upload(user, state.code),
    )


def _article_strip(
    histories: Mapping[int | None, tuple[ArticleRound, ...]], treated: set[int], language: str
) -> tuple[ArticleStripChapter, ...]:
    """Return the article strip, grouped by chapter: the chapters on which something is known."""
    texts = history_texts(language)

    def build_cell(number: int) -> ArticleCell:
        history = histories.get(number)
        title, is_covered = article_title(number, language), number in treated
        if not history:
            return ArticleCell(number, title, "", "", is_covered)
        return ArticleCell(number, title, strength_value(history[-1]), texts.describe(history), is_covered)

    known = treated.union(histories)
    return tuple(
        ArticleStripChapter(
            chapter.number, chapter.title(language), tuple(build_cell(int(number)) for number in chapter.articles)
        )
        for chapter in ISTANBUL.chapters
        if not known.isdisjoint(map(int, chapter.articles))
    )


def _legend_strengths(histories: Mapping[int | None, tuple[ArticleRound, ...]]) -> tuple[str, ...]:
    """Return the strengths for the legend, or () without findings; those outside the scale only if a cell has them."""
    shown = {strength_value(history[-1]) for number, history in histories.items() if number is not None}
    if not shown:
        return ()
    return (*(strength.value for strength in Strength), *(value for value in ("", CLOSED) if value in shown))


def _urgent_findings(state: _State) -> tuple[UrgentFinding, ...]:
    """Return the strongest open recommendations, those of the newest round first, then in the order of the treaty."""
    places = {document: place for place, one in enumerate(state.rounds.rounds) for document in one.documents}
    first_articles: dict[Any, int] = {}
    for number in sorted(number for number in state.rounds.histories if number is not None):
        for finding in state.rounds.histories[number][-1].findings:
            first_articles.setdefault(finding.finding, number)

    def urgency(key: Any) -> tuple[int, int, int, int]:
        report, strength = state.findings[key]
        return STRENGTH_ORDER[strength], -places[report], first_articles.get(key, 100), key

    chosen = sorted(state.rounds.open, key=urgency)[:OVERVIEW_LINES]
    urgent = finding_cards(monitoring.Finding.objects.filter(pk__in=chosen), state.later_texts)
    cards = {key: card for card in urgent for key in card.keys}
    return tuple(
        UrgentFinding(
            cards[key],
            first_articles.get(key),
            article_title(first_articles.get(key), state.language),
        )
        for key in chosen
        if key in cards
    )


# --- By article -------------------------------------------------------------------------------------------------------


def _article_list(state: _State, params: Mapping[str, str]) -> ArticleList:
    """Return a row for each article with findings or sections, in at most four more queries.

    A filter keeps the findings that match it, and the articles with such findings.
    """
    findings = monitoring.Finding.objects.filter(state_id=state.code, body__in=CONVENTION_BODIES)
    accepted = findings.exclude(review=monitoring.Finding.Review.REJECTED)
    ordered = finding_cards(accepted.order_by("report_id", "ordinal"), state.later_texts)
    cards = {key: card for card in ordered for key in card.keys}
    filters = {name: params.get(name, "").strip() for name in ("body", "round", "strength", "status")}
    is_filtered = any(filters.values())
    sections = {} if is_filtered else _sections_by_article(state.code, state.day)
    unfolded = params.get("article", "")
    numbers: set[int | None] = {*state.rounds.histories, *sections}
    rows = (
        _article_row(number, state, cards, filters, sections.get(number, ()), unfolded)
        for number in sorted(numbers, key=lambda number: number or 1000)
    )
    return ArticleList(
        filters=_article_filters(state, {**params, **filters}) if state.rounds.histories else None,
        is_filtered=is_filtered,
        rows=tuple(line for line in rows if line.rounds or line.sections),
    )


def _article_row(
    number: int | None,
    state: _State,
    cards: Mapping[Any, FindingCard],
    filters: Mapping[str, str],
    sections: tuple[SectionRow, ...],
    unfolded: str,
) -> ArticleRow:
    texts = history_texts(state.language)
    history = state.rounds.histories.get(number, ())
    rounds = []
    open_findings = state.rounds.open_under(number)
    for result in reversed(history):
        line = _round_line(result.round)
        matching = [
            finding
            for finding in result.findings
            if filters["strength"] in ("", finding.strength or "none")
            and (filters["status"] != "open" or (result is history[-1] and finding.finding in open_findings))
        ]
        shown = dict.fromkeys(cards[finding.finding] for finding in matching if finding.finding in cards)
        if shown and filters["body"] in ("", line.body) and filters["round"] in ("", line.key):
            strongest_first = sorted(shown, key=lambda card: STRENGTH_ORDER[card.strength])
            rounds.append(RoundFindings(line, tuple(strongest_first), result is history[-1]))
    newest = max((section.published for section in sections if not section.is_processed), default="")
    return ArticleRow(
        number=number,
        title=article_title(number, state.language),
        steps=texts.steps(history),
        history=texts.describe(history) if history else "",
        trend=compare_with_earlier(history).value if history and number is not None else "",
        rounds=tuple(rounds),
        sections=sections,
        unprocessed_year=newest[:4] if history and newest > history[-1].round.published else "",
        is_unfolded=unfolded == str(number or "none"),
    )


def _article_filters(state: _State, filters: Mapping[str, str]) -> forms.Form:
    lines = [_round_line(one) for one in reversed(state.rounds.rounds)]
    bodies = [(body, labels.find_label(labels.BODIES, body)) for body in dict.fromkeys(line.body for line in lines)]
    strengths = [*enum_choices(Strength), ("none", labels.STRENGTHS[""])]
    return build_filter_form(
        filters, "filter", also=OTHER_PARAMETERS,
        body=(_("Body"), pgettext("body", "any"), bodies),
        round=(_("Round"), pgettext("round of monitoring", "all"), [(line.key, round_name(line)) for line in lines]),
        strength=(_("Strength"), pgettext("strength", "any"), strengths),
        status=(_("Status"), pgettext("findings", "all"), [("open", _("open recommendations"))]),
    )  # fmt: skip


def round_name(line: RoundLine) -> str:
    """Return the name of a round: "GREVIO 2025, first thematic evaluation"."""
    body = str(labels.find_label(labels.BODIES, line.body))
    procedure = str(labels.find_label(labels.PROCEDURES, line.procedure)) if line.procedure else ""
    return ", ".join(filter(None, (f"{body} {line.published[:4]}".strip(), procedure)))


_SECTIONS_QUERY = CompiledQuery(
    lambda code: (
        monitoring.Section.objects.filter(document__state_id=code)
        .order_by("document__published", "document_id", "number", "id", "articles__article")
        .values_list("id", "articles__article", *SECTION_COLUMNS)
    ),
    str,
)


def _section_rows(code: str, day: date | None) -> list[tuple[list[int], SectionRow]]:
    """Return the sections of a state's documents, each with the articles that it covers, in one query."""
    by_section: dict[int, tuple[list[int], SectionRow]] = {}
    for section, article, *columns in _SECTIONS_QUERY.fetch_rows(code):
        if section not in by_section:
            by_section[section] = [], section_row(*columns)
        if article is not None:
            by_section[section][0].append(article)
    return [
        (numbers, section)
        for numbers, section in by_section.values()
        if day is None or was_published_by(section.published, day)
    ]


def _sections_by_article(code: str, day: date | None) -> dict[int | None, tuple[SectionRow, ...]]:
    """List each section under every article that it covers, and those that cover none under None."""
    groups: dict[int | None, list[SectionRow]] = defaultdict(list)
    for numbers, section in _section_rows(code, day):
        for number in numbers or (None,):
            groups[number].append(section)
    return {number: tuple(sections) for number, sections in groups.items()}


# --- Issues over the rounds -------------------------------------------------------------------------------------------


def _issue_list(state: _State, user: User, params: Mapping[str, str]) -> IssueList:
    """Return a page of the issues, in the order of the articles, in two more queries."""
    issues = issues_of_state(state.code, state.rounds.rounds, state.day)
    numbers: dict[Any, set[int]] = defaultdict(set)
    for number, history in state.rounds.histories.items():
        for finding in (finding for result in history for finding in result.findings):
            if number is not None:
                numbers[finding.finding].add(number)
    articles = {
        line: tuple(sorted({number for linked in line.findings for number in numbers[linked.pk]}))
        for line in issues.lines
    }
    filters = {name: params.get(name, "").strip() for name in ("article", "change")}
    matching = [
        line
        for line in sorted(issues.lines, key=lambda line: (articles[line] or (1000,), line.first.published))
        if filters["article"] in ("", *map(str, articles[line])) and filters["change"] in ("", line.latest_change)
    ]
    pages = Paginator(matching, ISSUES_PER_PAGE).get_page(params.get("page"))
    shown = list(pages.object_list)
    texts = monitoring.Finding.objects.filter(pk__in=[line.first.pk for line in shown])
    text_of = {key: (text, language) for key, text, language in texts.values_list("pk", "text", "language")}
    linked = {linked_finding.pk for line in issues.lines for linked_finding in line.findings}
    earlier = {
        finding.finding
        for history in state.rounds.histories.values()
        for result in history
        for finding in result.findings
        if result.round != state.rounds.rounds[-1] and finding.strength != Strength.WELCOMES
    }
    return IssueList(
        filters=_issue_filters(params, issues.lines, articles) if issues.lines else None,
        pages=pages,
        rows=tuple(IssueRow(line, articles[line], *text_of.get(line.first.pk, ("", ""))) for line in shown),
        proposed=issues.proposed,
        unlinked=len(earlier - linked),
        has_rounds=bool(state.rounds.rounds),
        can_review=user.is_authenticated and reviewable_states(user) != [],
    )


def _issue_filters(
    params: Mapping[str, str], lines: Iterable[IssueLine], articles: Mapping[IssueLine, tuple[int, ...]]
) -> forms.Form:
    numbers = sorted({number for of_line in articles.values() for number in of_line})
    changes = {line.latest_change for line in lines}
    return build_filter_form(
        params, "filter", also=("on", "page"),
        article=(
            _("Article"), pgettext("articles", "all"),
            [(str(number), Truncator(f"{number} {article_title(number, get_language() or 'en')}").chars(43))
             for number in numbers],
        ),
        change=(
            _("Latest step"), pgettext("steps", "any"),
            [(change.value, enum_label(change)) for change in StepChange if change in changes],
        ),
    )  # fmt: skip


# --- Reports ----------------------------------------------------------------------------------------------------------

_DOCUMENTS_QUERY = CompiledQuery(
    lambda code: (
        monitoring.Document.objects.filter(state_id=code)
        .annotate(finding_count=Count("report__findings", filter=~Q(report__findings__review="rejected")))
        .order_by("-published", "public_id")
        .values_list(
            *("body", "kind", "procedure", "reference", "published", "link", "source", "confidence"),
            *("report__public_id", "finding_count"),
        )
    ),
    str,
)


def _document_rows(code: str) -> tuple[CountryDocumentRow, ...]:
    """Return the state's documents, newest first, each with its processed report if any, in one query."""
    return tuple(
        CountryDocumentRow(
            body=body,
            kind=document_kind(kind, procedure),
            procedure=procedure,
            reference=reference,
            published=published,
            link=link or source,
            confidence=confidence,
            report_id=report or "",
            findings=findings,
        )
        for body, kind, procedure, reference, published, link, source, confidence, report, findings
        in _DOCUMENTS_QUERY.fetch_rows(code)
    )  # fmt: skip


# --- Other bodies -----------------------------------------------------------------------------------------------------


def _upr_list(state: _State, params: Mapping[str, str]) -> UprList:
    """Return a page of the recommendations of the Universal Periodic Review, newest report first, in three queries.

    The states are filtered here, because no condition on a list of names exists on both databases.
    """
    findings = _other_findings(state).filter(body="upr")
    rows = {
        key: (position, tuple(dict.fromkeys(map(_identify_state, names))))
        for key, position, names in findings.values_list(*_UPR_COLUMNS)
    }
    filters = {name: params.get(name, "").strip() for name in ("position", "by")}
    filters["by"] = _identify_state(filters["by"])
    matching = [
        key
        for key, (position, states) in rows.items()
        if filters["position"] in ("", position or "none") and filters["by"] in ("", *states)
    ]
    pages = Paginator(matching, CARDS_PER_PAGE).get_page(params.get("page"))
    cards = finding_cards(findings.filter(pk__in=list(pages.object_list)), state.later_texts)
    counts = Counter(position for position, _states in rows.values())
    stated = [(position.value, enum_label(position)) for position in StatePosition if counts[position]]
    others = [("none", _("not stated"))] if counts[""] else []
    language = get_language() or "en"
    keys = {key for _position, states in rows.values() for key in states}
    by = sorted(((key, territory_name(key, language)) for key in keys), key=lambda state: fold_letters(state[1]))
    return UprList(
        filters=build_filter_form(
            {**params, **filters}, "filter", also=OTHER_PARAMETERS,
            position=(_("State’s position"), pgettext("position", "any"), [*stated, *others]),
            by=(_("Recommending state"), pgettext("states", "all"), by),
        ),
        counts=tuple((position, counts[position]) for position in (*StatePosition, "") if counts[position]),
        pages=pages,
        rows=tuple(_upr_row(card, rows, language) for card in cards),
    )  # fmt: skip


def _identify_state(printed: str) -> str:
    """Return the code of a recommending state, under whichever of its names it is printed; the name if it is unknown.

    Reports print "United States" and "United States of America", which are one state in the list and its filter.
    """
    return find_state_code(printed) or printed


def _upr_row(card: FindingCard, rows: Mapping[int, tuple[str, tuple[str, ...]]], language: str) -> UprRow:
    states = dict.fromkeys(state for key in card.keys for state in rows[key][1])
    names = tuple(territory_name(state, language) for state in states)
    return UprRow(card, max(card.texts or (card.text,), key=len), names, rows[card.keys[0]][0])


_UPR_COLUMNS = ("pk", "state_position", "from_states")


def _other_findings(state: _State) -> Any:
    """Return the findings on a state by bodies that do not monitor the Convention, newest report first."""
    shown = {} if state.day is None else {"pk__in": list(state.findings)}
    return (
        monitoring.Finding.objects.filter(state_id=state.code, **shown)
        .exclude(body__in=CONVENTION_BODIES)
        .exclude(review=monitoring.Finding.Review.REJECTED)
        .order_by("-report__document__published", "report_id", "ordinal")
    )


def _other_bodies(state: _State, params: Mapping[str, str]) -> OtherBodies:
    """Return a page of the findings of other bodies, in four queries."""
    findings = _other_findings(state).exclude(body="upr")
    pages = Paginator(findings, CARDS_PER_PAGE).get_page(params.get("page"))
    on_page = findings[pages.start_index() - 1 : pages.end_index()] if pages.paginator.count else findings.none()
    return OtherBodies(pages, tuple(finding_cards(on_page, state.later_texts)))
