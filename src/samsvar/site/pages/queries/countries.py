"""Queries for the list of countries and for a country's page; they return frozen dataclasses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from samsvar.convention.status import StateStatus
from samsvar.convention.treaty import ISTANBUL
from samsvar.monitoring.report import Strength
from samsvar.monitoring.rounds import ArticleRound
from samsvar.site.convention import models as convention
from samsvar.site.convention.queries import cached_statuses, tile_status
from samsvar.site.meetings.meeting.queries.meetings import meetings_of_state
from samsvar.site.meetings.models import Meeting
from samsvar.site.monitoring import models as monitoring
from samsvar.site.monitoring.rounds import round_rows_of_state
from samsvar.site.network.access.permissions import User
from samsvar.site.pages.queries.shared import (
    ANONYMOUS,
    SECTION_COLUMNS,
    FindingCard,
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
from samsvar.site.pages.query_params import RequestedDay
from samsvar.site.pages.status_table import StatusRow, status_row
from samsvar.site.shell import labels
from samsvar.site.shell.compiled_queries import CompiledQuery
from samsvar.site.shell.errors import ErrorText
from samsvar.site.shell.labels import Label
from samsvar.territories import Territory, TerritoryKind, territories, territory
from samsvar.text import fold


@dataclass(frozen=True, slots=True)
class CountryRow:
    """A state in the list of countries."""

    code: str
    name: str
    status: str
    findings: int
    documents: int


@dataclass(frozen=True, slots=True)
class CountryGroup:
    kind: str
    title: Label
    rows: tuple[CountryRow, ...]


@dataclass(frozen=True, slots=True)
class CountriesPage:
    day: date
    groups: tuple[CountryGroup, ...]


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
class ArticleFindings:
    """The findings listed under an article; `number` is "" for findings without an article."""

    number: str
    title: str
    findings: tuple[FindingCard, ...]


@dataclass(frozen=True, slots=True)
class ArticleSections:
    """The sections of reports listed under an article; `number` is "" for sections without an article."""

    number: str
    title: str
    sections: tuple[SectionRow, ...]


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
class CountryPage:
    code: str
    name: str
    fictional: bool
    day: date
    on_param: str
    error: ErrorText | None
    status: StatusRow
    reservations: tuple[ReservationRow, ...]
    events: tuple[convention.TreatyEvent, ...]
    chapters: tuple[ArticleStripChapter, ...]
    strengths: tuple[str, ...]  # those explained in the legend
    has_covered_articles: bool
    groups: tuple[ArticleFindings, ...]
    finding_count: int
    confirmed_count: int
    sections: tuple[ArticleSections, ...]
    documents: tuple[CountryDocumentRow, ...]
    meetings: tuple[tuple[Meeting, str], ...]  # each with the state's role in it

    @property
    def has_status(self) -> bool:
        """Return whether the state has a status; a fictional state without treaty events has none."""
        return bool(self.events) or not self.fictional

    @property
    def active_reservation_count(self) -> int:
        return sum(one.active for one in self.reservations)

    @property
    def has_uncertain_reservations(self) -> bool:
        """Return whether it is not known of some reservation if it is in force."""
        return any(reservation.uncertain for reservation in self.reservations)


def countries_page(*, day: date, language: str) -> CountriesPage:
    """Return every state that has data, grouped by kind, in four queries."""
    statuses = cached_statuses(day)
    findings = _count_by_state(monitoring.Finding.objects.exclude(review="rejected"))
    documents = _count_by_state(monitoring.Document.objects.all())
    stored = set(convention.State.objects.values_list("code", flat=True))
    groups = []
    for kind in TerritoryKind:
        rows = [
            CountryRow(
                state.code,
                state.name(language),
                tile_status(statuses.get(state.code)),
                findings.get(state.code, 0),
                documents.get(state.code, 0),
            )
            for state in territories().values()
            if state.kind is kind and _is_listed(state, stored, statuses, findings, documents)
        ]
        if rows:
            title = labels.find_label(labels.STATE_GROUPS, kind.value)
            groups.append(CountryGroup(kind.value, title, tuple(sorted(rows, key=lambda line: fold(line.name)))))
    return CountriesPage(day, tuple(groups))


def _is_listed(
    state: Territory, stored: set[str], *counts: dict[str, object] | dict[str, int] | dict[str, StateStatus]
) -> bool:
    return state.code in stored and (state.tile is not None or any(state.code in codes for codes in counts))


def _count_by_state(rows: QuerySet[Any]) -> dict[str, int]:
    """Return the number of rows for each state."""
    return dict(rows.exclude(state=None).order_by().values_list("state_id").annotate(number=Count("id")))


def country_page(*, code: str, requested: RequestedDay, language: str, user: User = ANONYMOUS) -> CountryPage | None:
    """Return a country's page, or None if there is no such state.

    This takes at most nine queries, however much data there is.
    """
    state = territory(code)
    if state is None:
        return None
    events = tuple(convention.TreatyEvent.objects.filter(state_id=state.code).order_by("-day", "id"))
    if not events and not convention.State.objects.filter(code=state.code).exists():
        return None
    status = cached_statuses(requested.day).get(state.code)
    accepted = monitoring.Finding.objects.filter(state_id=state.code).exclude(review="rejected")
    findings = finding_cards(accepted.order_by("report_id", "ordinal"))
    sections = _section_rows(state.code)
    histories = round_rows_of_state(state.code).build(state.code).histories
    treated = {number for numbers, _section in sections for number in numbers}
    return CountryPage(
        code=state.code,
        name=state.name(language),
        fictional=state.fictional,
        day=requested.day,
        on_param=requested.on_param,
        error=requested.error,
        status=status_row(state.code, status, language),
        reservations=tuple(
            reservation_row(state.code, reservation, language)
            for reservation in (status.reservations if status else ())
        ),
        events=events,
        chapters=_article_strip(histories, treated, language),
        strengths=_legend_strengths(findings),
        has_covered_articles=bool(treated),
        groups=_group_findings_by_article(findings, language),
        finding_count=len(findings),
        confirmed_count=sum(card.review == "confirmed" for card in findings),
        sections=_sections_by_article(sections, language),
        documents=_document_rows(state.code),
        meetings=tuple(meetings_of_state(user, state.code)),
    )


def _article_strip(
    histories: Mapping[int | None, tuple[ArticleRound, ...]], treated: set[int], language: str
) -> tuple[ArticleStripChapter, ...]:
    """Return the article strip: all articles of the treaty, grouped by chapter."""
    texts = history_texts(language)

    def build_cell(number: int) -> ArticleCell:
        history = histories.get(number)
        title, is_covered = article_title(number, language), number in treated
        if not history:
            return ArticleCell(number, title, "", "", is_covered)
        return ArticleCell(number, title, strength_value(history[-1]), texts.describe(history), is_covered)

    return tuple(
        ArticleStripChapter(
            chapter.number, chapter.title(language), tuple(build_cell(int(number)) for number in chapter.articles)
        )
        for chapter in ISTANBUL.chapters
    )


def _legend_strengths(findings: Sequence[FindingCard]) -> tuple[str, ...]:
    """Return the strengths for the legend, or an empty tuple if there are no findings.

    The empty strength is included only if at least one finding has no strength.
    """
    if not findings:
        return ()
    scale = tuple(strength.value for strength in Strength)
    return (*scale, "") if any(not card.strength for card in findings) else scale


def _group_findings_by_article(findings: Sequence[FindingCard], language: str) -> tuple[ArticleFindings, ...]:
    """Group the findings by their first article, in the order of the treaty; findings without an article come last."""
    groups: dict[int | None, list[FindingCard]] = defaultdict(list)
    for card in findings:
        groups[card.numbers[0] if card.numbers else None].append(card)
    return tuple(
        ArticleFindings(str(number or ""), article_title(number, language), tuple(groups[number]))
        for number in sorted(groups, key=lambda number: number or 1000)
    )


_SECTIONS_QUERY = CompiledQuery(
    lambda code: (
        monitoring.Section.objects.filter(document__state_id=code)
        .order_by("document__published", "document_id", "number", "id", "articles__article")
        .values_list("id", "articles__article", *SECTION_COLUMNS)
    ),
    str,
)


def _section_rows(code: str) -> list[tuple[list[int], SectionRow]]:
    """Return the sections of a state's documents, each with the articles that it covers, in one query."""
    by_section: dict[int, tuple[list[int], SectionRow]] = {}
    for section, article, *columns in _SECTIONS_QUERY.fetch_rows(code):
        if section not in by_section:
            by_section[section] = [], section_row(*columns)
        if article is not None:
            by_section[section][0].append(article)
    return list(by_section.values())


def _sections_by_article(
    sections: Sequence[tuple[list[int], SectionRow]], language: str
) -> tuple[ArticleSections, ...]:
    """List each section under every article that it covers. Sections that cover no article come last."""
    groups: dict[int | None, list[SectionRow]] = defaultdict(list)
    for numbers, section in sections:
        for number in numbers or (None,):
            groups[number].append(section)
    return tuple(
        ArticleSections(str(number or ""), article_title(number, language), tuple(groups[number]))
        for number in sorted(groups, key=lambda number: number or 1000)
    )


_DOCUMENTS_QUERY = CompiledQuery(
    lambda code: (
        monitoring.Document.objects.filter(state_id=code)
        .annotate(finding_count=Count("report__findings", filter=~Q(report__findings__review="rejected")))
        .order_by("published", "public_id")
        .values_list(
            *("body", "kind", "procedure", "reference", "published", "link", "source", "confidence"),
            *("report__public_id", "finding_count"),
        )
    ),
    str,
)


def _document_rows(code: str) -> tuple[CountryDocumentRow, ...]:
    """Return the state's documents, oldest first, each with its processed report if any, in one query."""
    rows = _DOCUMENTS_QUERY.fetch_rows(code)
    return tuple(
        CountryDocumentRow(
            body,
            document_kind(kind, procedure),
            procedure,
            reference,
            day,
            link or source,
            confidence,
            report or "",
            count,
        )
        for body, kind, procedure, reference, day, link, source, confidence, report, count in rows
    )  # fmt: skip
