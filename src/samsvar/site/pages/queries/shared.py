"""Findings, sections and reservations as shown on both country pages and article pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, F, PositiveSmallIntegerField, QuerySet, Value, When
from django.utils.translation import gettext as _

from samsvar.convention.status import Reservation
from samsvar.convention.treaty import ISTANBUL
from samsvar.monitoring.report import Strength
from samsvar.monitoring.rounds import ArticleRound
from samsvar.site.monitoring import models as monitoring
from samsvar.site.pages.status_table import join_provisions
from samsvar.site.shell import labels
from samsvar.territories import territory_name

ANONYMOUS = AnonymousUser()

PRAISE_WEIGHT = 10  # after `Finding.rank` of a demand without a strength, which is 9


def weight_expression(rank: str) -> Case:
    """Return the weight of a finding as a query expression over its `rank` column; a lower weight is stronger."""
    praise = When(**{rank: Strength.WELCOMES.rank}, then=Value(PRAISE_WEIGHT))
    return Case(praise, default=F(rank), output_field=PositiveSmallIntegerField())


CLOSED = "closed"  # beside the strengths: a later text closes everything that the latest round asks for


def strength_value(result: ArticleRound) -> str:
    """Return the strength of a round under an article, "" if the body gives none, or "closed"."""
    return CLOSED if result.is_closed else (result.strength or "")


class HistoryTexts:
    """The words for a history of rounds in one language, looked up once rather than for each cell."""

    def __init__(self, language: str) -> None:
        self.strengths = {value: str(label) for value, label in labels.STRENGTHS.items()}
        self.letters = {value: str(letter) for value, letter in labels.STRENGTH_LETTERS.items()}
        self.colon = str(labels.COLON)
        self.article, self.undated, self.before = _("Article {}"), _("no date"), _("before:")

    def name_article(self, number: int, title: str) -> str:
        """Return "Article 25 – Support for victims of sexual violence"."""
        return f"{self.article.format(number)} – {title}"

    def describe(self, history: Sequence[ArticleRound]) -> str:
        """Return the latest round in words and those before it: "encourages 2024; before: urges 2020"."""
        steps = [f"{self.strengths[strength_value(one)]} {one.round.year or self.undated}" for one in history]
        return f"{steps[-1]}; {self.before} {', '.join(steps[:-1])}" if len(steps) > 1 else steps[-1]


@cache
def history_texts(language: str) -> HistoryTexts:
    """Return the words for a history in the language, which must be the active one."""
    return HistoryTexts(language)


@dataclass(frozen=True, slots=True)
class ReservationRow:
    """A reservation, active or ended, as shown on country and article pages."""

    code: str
    name: str
    provisions: str  # "" where no source names them
    since: str
    until: str
    stage: str  # samsvar.convention.status.Stage
    active: bool
    uncertain: bool  # whether it is in force is not known
    confidence: str


@dataclass(frozen=True, slots=True)
class FindingCard:
    """A finding as shown in a list."""

    public_id: str
    state_id: str | None
    numbers: tuple[int, ...]
    strength: str
    paragraph: str
    page: int
    text: str
    language: str
    review: str

    @property
    def has_several_articles(self) -> bool:
        return len(self.numbers) > 1


@dataclass(frozen=True, slots=True)
class SectionRow:
    heading: str
    link: str
    language: str
    document: str
    inherited: bool


CARD_COLUMNS = ("public_id", "state_id", "strength", "paragraph", "page", "text", "language", "review")


def finding_cards(findings: QuerySet[Any]) -> list[FindingCard]:
    """Return findings as cards, each with its articles.

    Two queries select only the columns that are needed, because loading whole rows takes three times as long.
    """
    rows = list(findings.values_list("id", *CARD_COLUMNS))
    numbers: dict[int, list[int]] = defaultdict(list)
    links = monitoring.FindingArticle.objects.filter(finding__in=[values[0] for values in rows]).order_by("article")
    for finding, article in links.values_list("finding_id", "article"):
        numbers[finding].append(article)
    return [
        FindingCard(numbers=tuple(numbers[values[0]]), **dict(zip(CARD_COLUMNS, values[1:], strict=True)))
        for values in rows
    ]


ARTICLES = {int(article.number): article for article in ISTANBUL}


def article_title(number: int | None, language: str) -> str:
    return ARTICLES[number].title(language) if number in ARTICLES else ""


DOCUMENT_COLUMNS = ("document__language", "document__body", "document__reference", "document__published")
SECTION_COLUMNS = ("heading", "link", "inherited", *DOCUMENT_COLUMNS)


def section_row(
    heading: str, link: str, inherited: bool, language: str, body: str, reference: str, published: str
) -> SectionRow:
    return SectionRow(heading, link, language, _document_name(body, reference, published), inherited)


def _document_name(body: str, reference: str, published: str) -> str:
    return " · ".join(filter(None, (reference or str(labels.find_label(labels.BODIES, body)), published[:4])))


def document_kind(kind: str, procedure: str) -> str:
    """Return the kind of a document; for a processed report, this is its procedure if that is also a document kind."""
    return procedure if kind == "report" and procedure in labels.DOCUMENT_KINDS else kind


def reservation_row(code: str, reservation: Reservation, language: str) -> ReservationRow:
    return ReservationRow(
        code=code,
        name=territory_name(code, language),
        provisions=join_provisions([reservation]),
        since=str(reservation.made_on),
        until=str(reservation.until or ""),
        stage=reservation.stage.value,
        active=reservation.is_active,
        uncertain=reservation.is_uncertain,
        confidence=reservation.confidence.value,
    )
