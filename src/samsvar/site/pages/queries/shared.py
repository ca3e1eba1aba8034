"""Findings, sections and reservations as shown on both country pages and article pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from samsvar.convention.status import Reservation
from samsvar.convention.treaty import ISTANBUL
from samsvar.monitoring.rounds import STRENGTH_ORDER, ArticleRound
from samsvar.site.monitoring import models as monitoring
from samsvar.site.monitoring.citing import short_citation
from samsvar.site.monitoring.decisions import proposer_roles
from samsvar.site.pages.status_table import join_provisions
from samsvar.site.shell import labels
from samsvar.territories import territory_name

ANONYMOUS = AnonymousUser()

# parameters of a country's lists that are not filters; a tab keeps those of the others in its links
OTHER_PARAMETERS = ("on", "article", "page")
CLOSED = "closed"  # beside the strengths: a later text closes everything that the latest round asks for


def strength_value(result: ArticleRound) -> str:
    """Return the strength of a round under an article, "" if the body gives none, or "closed"."""
    return CLOSED if result.is_closed else (result.strength or "")


@dataclass(frozen=True, slots=True)
class HistoryStep:
    """A round in a history: its strength (or "closed"), the letter for it, and its year."""

    strength: str
    letter: str
    year: str


class HistoryTexts:
    """The words for a history of rounds in one language, looked up once rather than for each cell."""

    def __init__(self, language: str) -> None:
        self.strengths = {value: str(label) for value, label in labels.STRENGTHS.items()}
        self.letters = {value: str(letter) for value, letter in labels.STRENGTH_LETTERS.items()}
        self.colon = str(labels.COLON)
        self.article, self.undated, self.before = _("Article %(number)s"), _("no date"), _("before:")

    def name_article(self, number: int, title: str) -> str:
        """Return "Article 25 – Support for victims of sexual violence"."""
        return f"{self.article % {'number': number}} – {title}"

    def steps(self, history: Sequence[ArticleRound]) -> tuple[HistoryStep, ...]:
        """Return the rounds as letters with years, oldest first: U 2020, E 2024, S 2025."""
        values = [(strength_value(one), one.round.year or self.undated) for one in history]
        return tuple(HistoryStep(value, self.letters[value], str(year)) for value, year in values)

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
class FindingMark:
    """A finding as one of several marks on the card of a paragraph."""

    public_id: str
    strength: str
    later_text: str = ""


@dataclass(frozen=True, slots=True)
class FindingCard:
    """A paragraph with a finding, as shown in a list.

    A paragraph that praises and asks contains two findings. `marks` holds both, the stronger first, whose values the
    other attributes are.
    """

    keys: tuple[int, ...]  # primary keys of its findings
    public_id: str
    report_id: int
    state_id: str | None
    numbers: tuple[int, ...]
    strength: str
    citation: str
    text: str
    language: str
    review: str
    later_text: str = ""  # "closes" or "restates" if a later text does so
    proposed_by: str = ""  # the role that proposed the label, if a reviewer accepted a proposal
    texts: tuple[str, ...] = ()  # the sentences of all findings in the order of the report; () if there is only one
    marks: tuple[FindingMark, ...] = ()  # () if the paragraph has only this finding


@dataclass(frozen=True, slots=True)
class SectionRow:
    heading: str
    link: str
    language: str
    document: str
    inherited: bool
    published: str
    is_processed: bool  # the document's report has been processed, so its findings are known


@dataclass(frozen=True, slots=True)
class _CardRow:
    """The columns of a finding's row that a card needs."""

    pk: int
    public_id: str
    report_id: int
    state_id: str | None
    body: str
    year: int | None
    paragraph: str
    page: int
    strength: str
    text: str
    language: str
    review: str


CARD_COLUMNS = tuple(_CardRow.__slots__)


def finding_cards(findings: QuerySet[Any], later_texts: Mapping[int, str]) -> list[FindingCard]:
    """Return findings as cards, one for each paragraph of a report, in the order of their first findings.

    `later_texts` are those of `RoundRows`. Two queries select only the columns that are needed, because loading whole
    rows takes three times as long; findings that a person has reviewed need another.
    """
    return build_finding_cards(findings.values_list(*CARD_COLUMNS), later_texts)


def build_finding_cards(values: Iterable[Sequence[Any]], later_texts: Mapping[int, str]) -> list[FindingCard]:
    """Return cards from rows with `CARD_COLUMNS`, as `finding_cards` does; one query less, and none without rows."""
    rows = [_CardRow(*columns) for columns in values]
    if not rows:
        return []
    numbers: dict[int, list[int]] = defaultdict(list)
    links = monitoring.FindingArticle.objects.filter(finding__in=[card_row.pk for card_row in rows]).order_by("article")
    for finding, article in links.values_list("finding_id", "article"):
        numbers[finding].append(article)
    paragraphs: dict[tuple[int, str], list[_CardRow]] = defaultdict(list)
    for card_row in rows:
        paragraphs[card_row.report_id, card_row.paragraph or card_row.text].append(card_row)
    roles = proposer_roles([card_row.public_id for card_row in rows if card_row.review != "machine"])
    return [_build_card(same_paragraph, numbers, later_texts, roles) for same_paragraph in paragraphs.values()]


def _build_card(
    rows: list[_CardRow],
    numbers: Mapping[int, list[int]],
    later_texts: Mapping[int, str],
    roles: Mapping[str, str],
) -> FindingCard:
    texts = tuple(dict.fromkeys(card_row.text for card_row in rows))
    rows = sorted(rows, key=lambda card_row: STRENGTH_ORDER[card_row.strength])
    first = rows[0]
    return FindingCard(
        keys=tuple(card_row.pk for card_row in rows),
        public_id=first.public_id,
        report_id=first.report_id,
        state_id=first.state_id,
        numbers=tuple(sorted({number for card_row in rows for number in numbers[card_row.pk]})),
        strength=first.strength,
        citation=short_citation(first),
        text=first.text,
        language=first.language,
        review=first.review,
        later_text=later_texts.get(first.pk, ""),
        proposed_by=roles.get(first.public_id, ""),
        texts=texts if len(texts) > 1 else (),
        marks=tuple(
            FindingMark(card_row.public_id, card_row.strength, later_texts.get(card_row.pk, "")) for card_row in rows
        )
        if len(rows) > 1
        else (),
    )


ARTICLES = {int(article.number): article for article in ISTANBUL}


def article_title(number: int | None, language: str) -> str:
    return ARTICLES[number].title(language) if number in ARTICLES else ""


DOCUMENT_COLUMNS = ("document__language", "document__body", "document__reference", "document__published")
SECTION_COLUMNS = ("heading", "link", "inherited", *DOCUMENT_COLUMNS, "document__report__pk")


def section_row(
    heading: str,
    link: str,
    inherited: bool,
    language: str,
    body: str,
    reference: str,
    published: str,
    report: int | None,
) -> SectionRow:
    name = _document_name(body, reference, published)
    return SectionRow(heading, link, language, name, inherited, published, report is not None)


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
