"""What the pages show, each as one frozen object: home, map, countries, country, articles, article."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, F, PositiveSmallIntegerField, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import pgettext

from samsvar.convention.provisions import Provision
from samsvar.convention.status import Reservation, StateStatus
from samsvar.convention.treaty import ISTANBUL
from samsvar.monitoring.report import Strength
from samsvar.site.convention import models as convention
from samsvar.site.convention.queries import all_events, all_statuses, square_status
from samsvar.site.meetings.meeting.queries.meetings import meetings_of_state, next_meeting
from samsvar.site.meetings.models import Meeting
from samsvar.site.monitoring import models as monitoring
from samsvar.site.network.access.permissions import User
from samsvar.site.pages.query_params import OPENED, AskedDay, Refusal
from samsvar.site.pages.status_table import Count as StatusCount
from samsvar.site.pages.status_table import (
    Row,
    Square,
    alphabetical,
    counts,
    days_of_change,
    provisions_of,
    row,
    squares,
)
from samsvar.site.shell import labels as words
from samsvar.site.shell.labels import Label
from samsvar.territories import Kind, Territory, territories, territory

NOBODY = AnonymousUser()

# The order in which a cell's strongest finding is chosen: what is asked comes before praise, so an asking without a
# strength (the Universal Periodic Review has none) stands behind "invites" and before "welcomes".
NO_STRENGTH = 9  # models.Finding.rank where the body gives none
PRAISE = 10  # behind NO_STRENGTH


def weight_of(rank: str) -> Case:
    """The weight of a finding in a query, from its `rank` (the column's name): the strongest is the smallest."""
    praise = When(**{rank: Strength.WELCOMES.rank}, then=Value(PRAISE))
    return Case(praise, default=F(rank), output_field=PositiveSmallIntegerField())


STRENGTH_OF_WEIGHT = {**{strength.rank: strength.value for strength in Strength}, NO_STRENGTH: "", PRAISE: "welcomes"}
WEIGHT_OF_STRENGTH = {**{strength.value: strength.rank for strength in Strength}, "": NO_STRENGTH, "welcomes": PRAISE}


@dataclass(frozen=True, slots=True)
class News:
    """One line under "What is new"."""

    day: str
    title: str
    what: Label
    href: str
    invented: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What happened on the very day of the map."""

    state: str
    kind: str


@dataclass(frozen=True, slots=True)
class MapPage:
    """The map of one day, and the same as a table. Counts are of the squares."""

    day: date
    today: date
    on: str
    first: date
    squares: tuple[Square, ...]
    counts: tuple[StatusCount, ...]
    rows: tuple[Row, ...]
    invented: tuple[Row, ...]
    changes: tuple[Change, ...]
    before: date | None
    after: date | None
    change_numbers: tuple[int, ...]  # days from `first`, for the slider
    refusal: Refusal | None

    @property
    def day_number(self) -> int:
        return (self.day - self.first).days

    @property
    def last_number(self) -> int:
        return (self.today - self.first).days


@dataclass(frozen=True, slots=True)
class HomePage:
    map: MapPage
    news: tuple[News, ...]
    next_meeting: Meeting | None


@dataclass(frozen=True, slots=True)
class CountryLine:
    """One state in the list of countries."""

    code: str
    name: str
    status: str
    findings: int
    documents: int


@dataclass(frozen=True, slots=True)
class CountryGroup:
    kind: str
    title: Label
    rows: tuple[CountryLine, ...]


@dataclass(frozen=True, slots=True)
class CountriesPage:
    day: date
    groups: tuple[CountryGroup, ...]


@dataclass(frozen=True, slots=True)
class ReservationLine:
    """One reservation, active or ended, as the country's and the article's page show it."""

    code: str
    name: str
    provisions: str  # "" where no source names them
    since: str
    until: str
    stage: str  # samsvar.convention.status.Stage
    active: bool
    confidence: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One article in the strip."""

    number: int
    title: str
    findings: int
    strength: str
    treated: bool  # a section of an official report treats it


@dataclass(frozen=True, slots=True)
class StripChapter:
    roman: str
    title: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class FindingCard:
    """A finding as a list shows it."""

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
    def more_articles(self) -> bool:
        return len(self.numbers) > 1


@dataclass(frozen=True, slots=True)
class ArticleFindings:
    """The findings that stand first under one article; `number` None where a finding is under none."""

    number: int | None
    title: str
    findings: tuple[FindingCard, ...]

    @property
    def key(self) -> str:
        return str(self.number or "none")


@dataclass(frozen=True, slots=True)
class SectionLine:
    heading: str
    link: str
    language: str
    document: str
    inherited: bool


@dataclass(frozen=True, slots=True)
class ArticleSections:
    number: int | None
    title: str
    sections: tuple[SectionLine, ...]


@dataclass(frozen=True, slots=True)
class DocumentLine:
    body: str
    kind: str
    procedure: str
    reference: str
    published: str
    link: str
    confidence: str
    report_id: str  # public id of the report that was read in, "" where none was
    findings: int


@dataclass(frozen=True, slots=True)
class CountryPage:
    code: str
    name: str
    invented: bool
    day: date
    on: str
    refusal: Refusal | None
    status: Row
    reservations: tuple[ReservationLine, ...]
    events: tuple[convention.TreatyEvent, ...]
    chapters: tuple[StripChapter, ...]
    strengths: tuple[str, ...]  # those that the legend explains
    treated: bool
    groups: tuple[ArticleFindings, ...]
    finding_count: int
    confirmed_count: int
    sections: tuple[ArticleSections, ...]
    documents: tuple[DocumentLine, ...]
    meetings: tuple[tuple[Meeting, str], ...]  # with what the state was there

    @property
    def has_standing(self) -> bool:
        """An invented state without invented treaty events is neither in nor out."""
        return bool(self.events) or not self.invented

    @property
    def active_reservations(self) -> int:
        return sum(one.active for one in self.reservations)


@dataclass(frozen=True, slots=True)
class ArticleLine:
    number: int
    title: str
    summary: str
    findings: int
    sections: int


@dataclass(frozen=True, slots=True)
class ChapterLines:
    roman: str
    title: str
    pillar: str
    articles: tuple[ArticleLine, ...]


@dataclass(frozen=True, slots=True)
class ArticlesPage:
    chapters: tuple[ChapterLines, ...]


@dataclass(frozen=True, slots=True)
class ToldGroup:
    strength: str
    findings: tuple[FindingCard, ...]


@dataclass(frozen=True, slots=True)
class StateSections:
    code: str
    sections: tuple[SectionLine, ...]


@dataclass(frozen=True, slots=True)
class ArticlePage:
    number: int
    title: str
    wording: str  # whose words the title is in: samsvar.convention.treaty.Wording
    roman: str
    chapter: str
    pillar: str
    form: str
    paragraphs: int
    summary: str  # our own sentence, in the reader's language
    day: date
    told: tuple[ToldGroup, ...]
    told_count: int
    praised: tuple[FindingCard, ...]
    pages: Page
    reservations: tuple[ReservationLine, ...]
    sections: tuple[StateSections, ...]
    section_count: int
    before: int | None
    after: int | None


# --- Home and map -----------------------------------------------------------------------------------------------------


def home_page(*, asked: AskedDay, language: str, user: User = NOBODY) -> HomePage:
    """The map of today, what is new, and the next meeting that this user may know of. Five queries."""
    return HomePage(
        map_page(asked=asked, language=language), _news(language), next_meeting(user, timezone.now().date())
    )


def map_page(*, asked: AskedDay, language: str) -> MapPage:
    """Where every state stood on the day asked for. Two queries: the change number and, after a change, the events."""
    events, statuses = all_events(), all_statuses(asked.day)
    shown = squares(statuses, language)
    on_the_map = {square.code for square in shown}
    rows = sorted((row(code, statuses.get(code), language) for code in on_the_map | set(statuses)), key=_by_name)
    days = days_of_change(event for event in events if event.state in on_the_map)
    return MapPage(
        day=asked.day,
        today=asked.today,
        on=asked.on,
        first=OPENED,
        squares=shown,
        counts=counts(shown),
        rows=tuple(line for line in rows if not line.invented and _has_standing(line, on_the_map)),
        invented=tuple(line for line in rows if line.invented),
        changes=tuple(
            Change(event.state, event.kind.value)
            for event in events
            if event.date
            and event.date.precision == "day"
            and event.date.earliest == asked.day
            and event.state in on_the_map
        ),
        before=max((day for day in days if day < asked.day), default=None),
        after=min((day for day in days if asked.day < day <= asked.today), default=None),
        change_numbers=tuple((day - OPENED).days for day in days if OPENED <= day <= asked.today),
        refusal=asked.refusal,
    )


def _has_standing(line: Row, on_the_map: set[str]) -> bool:
    """States off the map (Canada, Japan …) stand in the table only once they have done something."""
    return line.code in on_the_map or line.status != "none"


def _by_name(line: Row) -> str:
    return alphabetical(line.name)


NEWS = 6  # lines on the home page


def _news(language: str) -> tuple[News, ...]:
    """The latest reports read in, documents and treaty events, newest first; what is unverified is no news."""
    reports = monitoring.Report.objects.select_related("document").order_by("-read_at")[: NEWS // 2]
    documents = (
        monitoring.Document.objects.filter(report=None, origin__in=("catalogue", "hudoc"))
        .exclude(published="")
        .exclude(confidence="from-memory")
        .order_by("-published", "public_id")[:NEWS]
    )
    events = (
        convention.TreatyEvent.objects.exclude(confidence="from-memory")
        .exclude(day="")
        .exclude(kind="domestic_event")
        .order_by("-day", "public_id")[:NEWS]
    )
    news = [
        News(
            report.read_at.date().isoformat(),
            _about(report.document.state_id, _named(report.document), language),
            words.word(words.NEWS, "report_read_in"),
            reverse("monitoring:report", args=[report.public_id]),
            _invented(report.document.state_id),
        )
        for report in reports
    ]
    news += [
        News(
            document.published,
            _about(document.state_id, _named(document), language),
            words.word(words.NEWS, "published"),
            reverse("pages:country", args=[document.state_id]) if document.state_id else reverse("pages:about-data"),
            _invented(document.state_id),
        )
        for document in documents
    ]
    news += [
        News(
            event.day,
            _about(event.state_id, words.word(words.EVENTS, event.kind), language),
            words.word(words.NEWS, "treaty_event"),
            reverse("pages:country", args=[event.state_id]),
            _invented(event.state_id),
        )
        for event in events
    ]
    return tuple(sorted(news, key=lambda line: line.day, reverse=True)[:NEWS])


def _named(document: monitoring.Document) -> str:
    kind = words.word(words.DOCUMENT_KINDS, _kind(document.kind, document.procedure))
    return ", ".join(filter(None, (str(words.word(words.BODIES, document.body)), str(kind))))


def _about(state: str | None, what: Label, language: str) -> str:
    known = territory(state) if state else None
    return f"{known.name(language)}{pgettext('after a name', ':')} {what}" if known else str(what)


def _invented(state: str | None) -> bool:
    known = territory(state) if state else None
    return bool(known and known.invented)


# --- Countries --------------------------------------------------------------------------------------------------------


def countries_page(*, day: date, language: str) -> CountriesPage:
    """Every state that has anything to show, by kind. Four queries."""
    statuses = all_statuses(day)
    findings = _numbers(monitoring.Finding.objects.exclude(review="rejected"))
    documents = _numbers(monitoring.Document.objects.all())
    stored = set(convention.State.objects.values_list("code", flat=True))
    groups = []
    for kind in Kind:
        lines = [
            CountryLine(
                known.code,
                known.name(language),
                square_status(statuses.get(known.code)),
                findings.get(known.code, 0),
                documents.get(known.code, 0),
            )
            for known in territories().values()
            if known.kind is kind and _worth_a_line(known, stored, statuses, findings, documents)
        ]
        if lines:
            title = words.word(words.GROUPS_OF_STATES, kind.value)
            groups.append(
                CountryGroup(kind.value, title, tuple(sorted(lines, key=lambda line: alphabetical(line.name))))
            )
    return CountriesPage(day, tuple(groups))


def _worth_a_line(
    known: Territory, stored: set[str], *anything: dict[str, object] | dict[str, int] | dict[str, StateStatus]
) -> bool:
    return known.code in stored and (known.tile is not None or any(known.code in one for one in anything))


def _numbers(rows: QuerySet[Any]) -> dict[str, int]:
    """How many rows each state has."""
    return dict(rows.exclude(state=None).order_by().values_list("state_id").annotate(number=Count("id")))


def country_page(*, code: str, asked: AskedDay, language: str, user: User = NOBODY) -> CountryPage | None:
    """All that is known of one state; None where there is no such state. At most eleven queries, whatever the size."""
    known = territory(code)
    if known is None or not convention.State.objects.filter(code=known.code).exists():
        return None
    status = all_statuses(asked.day).get(known.code)
    findings = _cards(
        monitoring.Finding.objects.filter(state_id=known.code)
        .exclude(review="rejected")
        .order_by("report_id", "ordinal")
    )
    sections = _sections(monitoring.Section.objects.filter(document__state_id=known.code))
    documents = _documents(known.code)
    cells = _strongest(findings)
    treated = {number for numbers, _line in sections for number in numbers}
    return CountryPage(
        code=known.code,
        name=known.name(language),
        invented=known.invented,
        day=asked.day,
        on=asked.on,
        refusal=asked.refusal,
        status=row(known.code, status, language),
        reservations=tuple(_reservation_line(known.code, one, language) for one in status.reservations)
        if status
        else (),
        events=tuple(convention.TreatyEvent.objects.filter(state_id=known.code).order_by("-day", "id")),
        chapters=_strip(cells, treated, language),
        strengths=_legend(findings),
        treated=bool(treated),
        groups=_grouped(findings, language),
        finding_count=len(findings),
        confirmed_count=sum(card.review == "confirmed" for card in findings),
        sections=_sections_by_article(sections, language),
        documents=documents,
        meetings=tuple(meetings_of_state(user, known.code)),
    )


CARD_COLUMNS = ("public_id", "state_id", "strength", "paragraph", "page", "text", "language", "review")


def _cards(findings: QuerySet[Any]) -> list[FindingCard]:
    """Findings as cards, each with its articles. Two queries, of columns: whole rows cost three times as much."""
    rows = list(findings.values_list("id", *CARD_COLUMNS))
    numbers: dict[int, list[int]] = defaultdict(list)
    links = monitoring.FindingArticle.objects.filter(finding__in=[row[0] for row in rows]).order_by("article")
    for finding, article in links.values_list("finding_id", "article"):
        numbers[finding].append(article)
    return [
        FindingCard(numbers=tuple(numbers[row[0]]), **dict(zip(CARD_COLUMNS, row[1:], strict=True))) for row in rows
    ]


def _strongest(findings: Iterable[FindingCard]) -> dict[int, tuple[int, str]]:
    """For each article the number of findings and the strongest strength among them."""
    strengths: dict[int, list[str]] = defaultdict(list)
    for card in findings:
        for number in card.numbers:
            strengths[number].append(card.strength)
    return {number: (len(said), min(said, key=WEIGHT_OF_STRENGTH.__getitem__)) for number, said in strengths.items()}


def _strip(cells: dict[int, tuple[int, str]], treated: set[int], language: str) -> tuple[StripChapter, ...]:
    """All articles of the treaty, in their chapters."""
    return tuple(
        StripChapter(
            chapter.number,
            chapter.title(language),
            tuple(
                Cell(number, _title(number, language), *cells.get(number, (0, "")), treated=number in treated)
                for number in map(int, chapter.articles)
            ),
        )
        for chapter in ISTANBUL.chapters
    )


def _legend(findings: Sequence[FindingCard]) -> tuple[str, ...]:
    """The strengths to explain: the scale, and "asks" only where a finding has no strength; none without findings."""
    if not findings:
        return ()
    scale = tuple(strength.value for strength in Strength)
    return (*scale, "") if any(not card.strength for card in findings) else scale


def _grouped(findings: Sequence[FindingCard], language: str) -> tuple[ArticleFindings, ...]:
    """Each finding once, under the first of its articles, in the order of the treaty; those under none come last."""
    groups: dict[int | None, list[FindingCard]] = defaultdict(list)
    for card in findings:
        groups[card.numbers[0] if card.numbers else None].append(card)
    return tuple(
        ArticleFindings(number, _title(number, language), tuple(groups[number]))
        for number in sorted(groups, key=lambda number: number or 1000)
    )


ARTICLES = {int(article.number): article for article in ISTANBUL}


def _title(number: int | None, language: str) -> str:
    return ARTICLES[number].title(language) if number in ARTICLES else ""


DOCUMENT_COLUMNS = ("document__language", "document__body", "document__reference", "document__published")
SECTION_COLUMNS = ("heading", "link", "inherited", *DOCUMENT_COLUMNS)


def _sections(sections: QuerySet[monitoring.Section]) -> list[tuple[tuple[int, ...], SectionLine]]:
    """Sections of documents with the articles they treat. Two queries."""
    ordered = sections.order_by("document__published", "document_id", "number", "id")
    rows = list(ordered.values_list("id", *SECTION_COLUMNS))
    numbers: dict[int, list[int]] = defaultdict(list)
    links = monitoring.SectionArticle.objects.filter(section__in=sections.order_by()).order_by("article")
    for section, article in links.values_list("section_id", "article"):
        numbers[section].append(article)
    return [(tuple(numbers[row[0]]), _section_line(*row[1:])) for row in rows]


def _section_line(
    heading: str, link: str, inherited: bool, language: str, body: str, reference: str, published: str
) -> SectionLine:
    return SectionLine(heading, link, language, _document_name(body, reference, published), inherited)


def _document_name(body: str, reference: str, published: str) -> str:
    return " · ".join(filter(None, (reference or str(words.word(words.BODIES, body)), published[:4])))


def _sections_by_article(
    sections: Sequence[tuple[tuple[int, ...], SectionLine]], language: str
) -> tuple[ArticleSections, ...]:
    """A section stands under each article it treats; those that treat none come last."""
    groups: dict[int | None, list[SectionLine]] = defaultdict(list)
    for numbers, line in sections:
        for number in numbers or (None,):
            groups[number].append(line)
    return tuple(
        ArticleSections(number, _title(number, language), tuple(groups[number]))
        for number in sorted(groups, key=lambda number: number or 1000)
    )


def _documents(code: str) -> tuple[DocumentLine, ...]:
    """The state's documents, oldest first, each with the report read from it. One query."""
    documents = monitoring.Document.objects.filter(state_id=code).order_by("published", "public_id")
    counted = documents.annotate(found=Count("report__findings", filter=~Q(report__findings__review="rejected")))
    columns = ("body", "kind", "procedure", "reference", "published", "link", "source", "confidence")
    return tuple(
        DocumentLine(
            body, _kind(kind, procedure), procedure, reference, day, link or source, confidence, report or "", found
        )
        for body, kind, procedure, reference, day, link, source, confidence, report, found in counted.values_list(
            *columns, "report__public_id", "found"
        )
    )


def _kind(kind: str, procedure: str) -> str:
    """A report that was read in is called what its procedure is, where that is a kind of document."""
    return procedure if kind == "report" and procedure in words.DOCUMENT_KINDS else kind


def _reservation_line(code: str, reservation: Reservation, language: str) -> ReservationLine:
    known = territory(code)
    return ReservationLine(
        code=code,
        name=known.name(language) if known else code,
        provisions=provisions_of([reservation]),
        since=str(reservation.made),
        until=str(reservation.until or ""),
        stage=reservation.stage.value,
        active=reservation.active,
        confidence=reservation.confidence.value,
    )


# --- Articles ---------------------------------------------------------------------------------------------------------


def articles_page(*, language: str) -> ArticlesPage:
    """The treaty from end to end, with how much is known under each article. Two queries."""
    findings = dict(
        monitoring.FindingArticle.objects.exclude(finding__review="rejected")
        .order_by()
        .values_list("article")
        .annotate(Count("id"))
    )
    sections = dict(monitoring.SectionArticle.objects.order_by().values_list("article").annotate(Count("id")))
    return ArticlesPage(
        tuple(
            ChapterLines(
                chapter.number,
                chapter.title(language),
                ARTICLES[int(chapter.articles[0])].pillar.value,
                tuple(
                    ArticleLine(
                        number,
                        _title(number, language),
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


CARDS_ON_A_PAGE = 50


def article_page(*, number: int, day: date, page: str, language: str) -> ArticlePage | None:
    """What one article asks for, and who was told what about it; None for no article of the treaty. Nine queries."""
    if number not in ARTICLES:
        return None
    article = ARTICLES[number]
    chapter = ISTANBUL.chapter(article.chapter)
    found = (
        monitoring.Finding.objects.filter(articles__article=number)
        .exclude(review="rejected")
        .annotate(weight=weight_of("rank"))
        .order_by("weight", "state_id", "report_id", "ordinal")
    )
    pages = Paginator(found, CARDS_ON_A_PAGE).get_page(page)
    cards = _cards(found[pages.start_index() - 1 : pages.end_index()] if pages.paginator.count else found.none())
    told: dict[str, list[FindingCard]] = defaultdict(list)
    for card in cards:
        told[card.strength].append(card)
    praised = told.pop(Strength.WELCOMES.value, [])
    sections = _sections_by_state(number)
    return ArticlePage(
        number=number,
        title=article.title(language),
        wording=article.wording(language).value,
        roman=chapter.number,
        chapter=chapter.title(language),
        pillar=article.pillar.value,
        form=article.violence.value if article.violence else "",
        paragraphs=article.paragraphs,
        summary=article.summary(language) or "",
        day=day,
        told=tuple(ToldGroup(strength, tuple(group)) for strength, group in told.items()),
        told_count=pages.paginator.count,
        praised=tuple(praised),
        pages=pages,
        reservations=_reservations_on(number, day, language),
        sections=sections,
        section_count=sum(len(group.sections) for group in sections),
        before=number - 1 if number - 1 in ARTICLES else None,
        after=number + 1 if number + 1 in ARTICLES else None,
    )


def _sections_by_state(number: int) -> tuple[StateSections, ...]:
    """The sections that treat the article, by state. One query."""
    found = monitoring.Section.objects.filter(articles__article=number)
    rows = found.order_by("document__state_id", "document__published", "number", "id")
    groups: dict[str, list[SectionLine]] = defaultdict(list)
    for state, *columns in rows.values_list("document__state_id", *SECTION_COLUMNS):
        groups[state or ""].append(_section_line(*columns))
    return tuple(StateSections(code, tuple(lines)) for code, lines in groups.items())


def _reservations_on(number: int, day: date, language: str) -> tuple[ReservationLine, ...]:
    """The active reservations on a provision of the article, by the state's name."""
    lines = [
        _reservation_line(code, reservation, language)
        for code, status in all_statuses(day).items()
        for reservation in status.reservations
        if reservation.active and reservation.provision and Provision(number).covers(reservation.provision)
    ]
    return tuple(sorted(lines, key=lambda line: alphabetical(line.name)))
