"""Queries for the list of articles and for an article's page; they return frozen dataclasses."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet

from samsvar.convention.provisions import Provision
from samsvar.convention.treaty import ISTANBUL
from samsvar.monitoring.report import Strength
from samsvar.site.convention.queries import cached_statuses
from samsvar.site.monitoring import models as monitoring
from samsvar.site.pages.queries.shared import (
    ARTICLES,
    SECTION_COLUMNS,
    FindingCard,
    ReservationRow,
    SectionRow,
    article_title,
    finding_cards,
    reservation_row,
    section_row,
    weight_expression,
)
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
class StrengthGroup:
    strength: str
    findings: tuple[FindingCard, ...]


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
    day: date
    strength_groups: tuple[StrengthGroup, ...]
    finding_count: int
    welcomed_findings: tuple[FindingCard, ...]
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


CARDS_PER_PAGE = 50


def article_page(*, number: int, day: date, page: str, language: str) -> ArticlePage | None:
    """Return an article with its findings, sections and reservations, in nine queries; None if it does not exist."""
    if number not in ARTICLES:
        return None
    article = ARTICLES[number]
    chapter = ISTANBUL.chapter(article.chapter)
    findings = (
        monitoring.Finding.objects.filter(articles__article=number)
        .exclude(review="rejected")
        .annotate(weight=weight_expression("rank"))
        .order_by("weight", "state_id", "report_id", "ordinal")
    )
    pages = Paginator(findings, CARDS_PER_PAGE).get_page(page)
    on_page = findings[pages.start_index() - 1 : pages.end_index()] if pages.paginator.count else findings.none()
    by_strength: dict[str, list[FindingCard]] = defaultdict(list)
    for card in finding_cards(on_page):
        by_strength[card.strength].append(card)
    welcomed = by_strength.pop(Strength.WELCOMES.value, [])
    sections = _sections_by_state(number)
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
        day=day,
        strength_groups=tuple(StrengthGroup(strength, tuple(group)) for strength, group in by_strength.items()),
        finding_count=pages.paginator.count,
        welcomed_findings=tuple(welcomed),
        pages=pages,
        reservations=_current_reservations(number, day, language),
        sections=sections,
        section_count=sum(len(group.sections) for group in sections),
        previous_number=number - 1 if number - 1 in ARTICLES else None,
        next_number=number + 1 if number + 1 in ARTICLES else None,
    )


def _sections_by_state(number: int) -> tuple[StateSections, ...]:
    """Return the sections that cover the article, grouped by state, in one query."""
    sections = monitoring.Section.objects.filter(articles__article=number)
    rows = sections.order_by("document__state_id", "document__published", "number", "id")
    groups: dict[str, list[SectionRow]] = defaultdict(list)
    for state, *columns in rows.values_list("document__state_id", *SECTION_COLUMNS):
        groups[state or ""].append(section_row(*columns))
    return tuple(StateSections(code, tuple(section_rows)) for code, section_rows in groups.items())


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
