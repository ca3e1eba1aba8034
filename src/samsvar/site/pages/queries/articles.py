"""Queries for the list of articles and for an article's page; they return frozen dataclasses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet

from samsvar.convention.provisions import Provision
from samsvar.convention.treaty import ISTANBUL
from samsvar.monitoring.report import Strength
from samsvar.monitoring.rounds import CONVENTION_BODIES, STRENGTH_ORDER, group_into_rounds
from samsvar.site.convention.queries import cached_statuses
from samsvar.site.convention.query_params import RequestedDay
from samsvar.site.monitoring import models as monitoring
from samsvar.site.monitoring.issues import IssueLine, issues_of_article
from samsvar.site.monitoring.rounds import RoundRows, round_rows_of_article, was_published_by
from samsvar.site.pages.queries.shared import (
    ARTICLES,
    CARD_COLUMNS,
    CLOSED,
    SECTION_COLUMNS,
    FindingCard,
    HistoryStep,
    ReservationRow,
    SectionRow,
    article_title,
    build_finding_cards,
    finding_cards,
    history_texts,
    reservation_row,
    section_row,
    strength_value,
)
from samsvar.site.shell.compiled_queries import CompiledQuery
from samsvar.territories import territory_name
from samsvar.text import fold


@dataclass(frozen=True, slots=True)
class ArticleRow:
    number: int
    title: str
    summary: str
    findings: int
    sections: int


@dataclass(frozen=True, slots=True)
class ChapterArticles:
    roman: str
    title: str
    pillar: str
    articles: tuple[ArticleRow, ...]


@dataclass(frozen=True, slots=True)
class ArticlesPage:
    chapters: tuple[ChapterArticles, ...]


@dataclass(frozen=True, slots=True)
class StateFindings:
    """What the latest round says of a state under the article."""

    code: str
    steps: tuple[HistoryStep, ...]
    history: str
    findings: tuple[FindingCard, ...]  # of the latest round, strongest first
    earlier: int  # number of findings of earlier rounds
    issues: tuple[IssueLine, ...] = ()


@dataclass(frozen=True, slots=True)
class StateSections:
    code: str
    sections: tuple[SectionRow, ...]


@dataclass(frozen=True, slots=True)
class ArticlePage:
    number: int
    title: str
    wording: str  # origin of the title: samsvar.convention.treaty.Wording
    roman: str
    chapter: str
    pillar: str
    form: str
    paragraphs: int
    summary: str  # our own summary, in the reader's language
    requested: RequestedDay
    day: date
    states: tuple[StateFindings, ...]  # strongest first; one page of them
    state_count: int
    open: int  # open recommendations under the article
    welcomed_findings: tuple[FindingCard, ...]  # those of the states that contain praise
    other_bodies: tuple[FindingCard, ...]  # findings of bodies that monitor other treaties
    pages: Page
    reservations: tuple[ReservationRow, ...]
    sections: tuple[StateSections, ...]
    section_count: int
    previous_number: int | None
    next_number: int | None


def articles_page(*, language: str) -> ArticlesPage:
    """Return all articles, each with its number of findings and sections, in two queries."""
    findings = _count_by_article(monitoring.FindingArticle.objects.exclude(finding__review="rejected"))
    sections = _count_by_article(monitoring.SectionArticle.objects.all())
    return ArticlesPage(
        tuple(
            ChapterArticles(
                chapter.number,
                chapter.title(language),
                ARTICLES[int(chapter.articles[0])].pillar.value,
                tuple(
                    ArticleRow(
                        number,
                        article_title(number, language),
                        ARTICLES[number].summary(language) or "",
                        findings.get(number, 0),
                        sections.get(number, 0),
                    )
                    for number in map(int, chapter.articles)
                ),
            )
            for chapter in ISTANBUL.chapters
        )
    )


def _count_by_article(links: QuerySet[Any]) -> dict[int, int]:
    return dict(links.order_by().values_list("article").annotate(Count("id")))


STATES_PER_PAGE = 20
MAX_OTHER_FINDINGS = 200  # of other bodies, of which the newest are shown


def article_page(*, number: int, requested: RequestedDay, page: str, language: str) -> ArticlePage | None:
    """Return an article with its findings, sections and reservations; None if it does not exist.

    This takes at most twelve queries. As on an earlier day, later texts and decisions are left out.
    """
    if number not in ARTICLES:
        return None
    article = ARTICLES[number]
    chapter = ISTANBUL.chapter(article.chapter)
    day, past_day = requested.day, requested.past_day
    rows = round_rows_of_article(number, past_day)
    states, finding_keys, open_count = _states_by_strength(number, rows, language)
    pages = Paginator(states, STATES_PER_PAGE).get_page(page)
    shown = _with_cards(list(pages.object_list), finding_keys, rows.later_texts)
    shown = _with_issues(number, shown, rows, past_day)
    sections = _sections_by_state(number, language, past_day)
    return ArticlePage(
        number=number,
        title=article.title(language),
        wording=article.title_source(language).value,
        roman=chapter.number,
        chapter=chapter.title(language),
        pillar=article.pillar.value,
        form=article.violence.value if article.violence else "",
        paragraphs=article.paragraphs,
        summary=article.summary(language) or "",
        requested=requested,
        day=day,
        states=shown,
        state_count=len(states),
        open=open_count,
        welcomed_findings=tuple(card for state in shown for card in state.findings if _contains_praise(card)),
        other_bodies=_other_bodies(number, rows.later_texts, past_day),
        pages=pages,
        reservations=_current_reservations(number, day, language),
        sections=sections,
        section_count=sum(len(group.sections) for group in sections),
        previous_number=number - 1 if number - 1 in ARTICLES else None,
        next_number=number + 1 if number + 1 in ARTICLES else None,
    )


def _states_by_strength(
    number: int, rows: RoundRows, language: str
) -> tuple[list[StateFindings], dict[str, list[Any]], int]:
    """Return the states with findings, strongest latest round first.

    The findings themselves are not loaded yet; the second value holds the keys of those of the latest round, by state.
    The third is the number of open recommendations.
    """
    texts = history_texts(language)
    order = [*STRENGTH_ORDER, CLOSED]
    weights: dict[str, tuple[int, str]] = {}
    states, keys, open_count = [], {}, 0
    for code in rows.findings:
        state_rounds = rows.build(code)
        if history := state_rounds.histories.get(number):
            earlier = sum(len(result.findings) for result in history[:-1])
            states.append(StateFindings(code, texts.steps(history), texts.describe(history), (), earlier))
            keys[code] = [finding.finding for finding in history[-1].findings]
            weights[code] = order.index(strength_value(history[-1])), fold(territory_name(code, language))
            open_count += len(state_rounds.open_under(number))
    return sorted(states, key=lambda state: weights[state.code]), keys, open_count


def _with_cards(
    states: list[StateFindings], keys: dict[str, list[Any]], later_texts: Mapping[int, str]
) -> tuple[StateFindings, ...]:
    """Return the states with the findings of their latest rounds, in at most three queries."""
    wanted = [key for state in states for key in keys[state.code]]
    findings = monitoring.Finding.objects.filter(pk__in=wanted)
    cards: dict[str | None, list[FindingCard]] = defaultdict(list)
    for card in finding_cards(findings.order_by("report_id", "ordinal"), later_texts):
        cards[card.state_id].append(card)
    return tuple(
        replace(state, findings=tuple(sorted(cards[state.code], key=lambda card: STRENGTH_ORDER[card.strength])))
        for state in states
    )


def _with_issues(
    number: int, states: tuple[StateFindings, ...], rows: RoundRows, day: date | None
) -> tuple[StateFindings, ...]:
    """Return the states with their issues under the article, in at most two queries.

    Only states with earlier rounds can have some.
    """
    rounds = {state.code: group_into_rounds(rows.state_documents.get(state.code, ())) for state in states}
    issues = issues_of_article(number, {code: of_state for code, of_state in rounds.items() if of_state[1:]}, day)
    return tuple(replace(state, issues=issues.get(state.code, ())) for state in states)


def _contains_praise(card: FindingCard) -> bool:
    return Strength.WELCOMES in (card.strength, *(mark.strength for mark in card.marks))


def _other_bodies(number: int, later_texts: Mapping[int, str], day: date | None) -> tuple[FindingCard, ...]:
    """Return the newest findings of other bodies that a reviewer placed under the article, in at most three queries."""
    rows = [
        columns
        for published, *columns in _other_findings(number).fetch_rows()
        if day is None or was_published_by(published, day)
    ]
    return tuple(build_finding_cards(rows[:STATES_PER_PAGE], later_texts))


@lru_cache(maxsize=128)  # articles of the treaty; see `rounds.round_rows_of_article`
def _other_findings(number: int) -> CompiledQuery:
    findings = monitoring.Finding.objects.filter(articles__article=number).exclude(body__in=CONVENTION_BODIES)
    accepted = findings.exclude(review=monitoring.Finding.Review.REJECTED)
    ordered = accepted.order_by("-year", "report_id", "ordinal")
    return CompiledQuery(lambda: ordered.values_list("report__document__published", *CARD_COLUMNS)[:MAX_OTHER_FINDINGS])


def _sections_by_state(number: int, language: str, day: date | None) -> tuple[StateSections, ...]:
    """Return the sections that cover the article, grouped by state and sorted by its name, in one query."""
    groups: dict[str, list[SectionRow]] = defaultdict(list)
    for state, *columns in _article_sections(number).fetch_rows():
        section = section_row(*columns)
        if day is None or was_published_by(section.published, day):
            groups[state or ""].append(section)
    names = {code: fold(territory_name(code, language)) if code else "" for code in groups}
    return tuple(StateSections(code, tuple(groups[code])) for code in sorted(groups, key=names.__getitem__))


@lru_cache(maxsize=128)  # as above
def _article_sections(number: int) -> CompiledQuery:
    sections = monitoring.Section.objects.filter(articles__article=number)
    rows = sections.order_by("document__state_id", "document__published", "number", "id")
    return CompiledQuery(lambda: rows.values_list("document__state_id", *SECTION_COLUMNS))


def _current_reservations(number: int, day: date, language: str) -> tuple[ReservationRow, ...]:
    """Return the reservations to provisions of the article that are or may be in force, sorted by state name."""
    reservations = [
        reservation_row(code, reservation, language)
        for code, status in cached_statuses(day).items()
        for reservation in status.reservations
        if (reservation.is_active or reservation.is_uncertain)
        and reservation.provision
        and Provision(number).covers(reservation.provision)
    ]
    return tuple(sorted(reservations, key=lambda line: fold(line.name)))
