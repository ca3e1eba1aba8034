"""What pages about documents, reports and findings show: each one frozen page object and a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils.functional import Promise

from samsvar.monitoring.report import Finding as FindingValue
from samsvar.monitoring.report import Strength
from samsvar.site.monitoring.labels import ASIDES
from samsvar.site.monitoring.models import Document, Finding, FindingArticle, FindingLink, Passage, Report, Upload
from samsvar.spans import Box

FINDINGS_A_PAGE = 25
PASSAGES_A_PAGE = 40
REPORTS_A_PAGE = 50
MOST_PICTURES = 3  # a finding that runs over more pages shows its first ones
MARGIN = 4.0  # points between a paragraph and the mark round it


# --- One finding ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mark:
    """A rectangle on a page's picture, in points from its top left corner."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Picture:
    """One page of the report with the places that are marked on it; width and height in points."""

    page: int
    width: float
    height: float
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class FindingPage:
    """One finding, its place and its neighbours in the report."""

    finding: Finding
    report: Report
    document: Document
    numbers: tuple[int, ...]  # its articles
    passage: Passage | None
    pictures: tuple[Picture, ...]
    cited: tuple[Finding | str, ...]  # findings of this report whose paragraph it cites; else what it cites, as printed
    citing: tuple[Finding, ...]  # findings of this report that cite its paragraph
    previous: Finding | None
    next: Finding | None
    takes_up: tuple[FindingLink, ...]  # links to findings of earlier rounds, certain ones first
    taken_up_by: tuple[FindingLink, ...]  # links from findings of later rounds
    machine_differs: bool  # a person gave another strength or other articles than the reader did

    @property
    def asked_for(self) -> tuple[str, ...]:
        """The actions asked for; () where the only one is the paragraph itself, which is quoted already."""
        actions = tuple(self.finding.actions)
        return () if len(actions) == 1 and actions[0].split() == self.finding.text.split() else actions


def finding_page(public_id: str) -> FindingPage | None:
    """All that the page of one finding shows; None where there is no such finding. Four queries."""
    finding = (
        Finding.objects.select_related("report__document", "passage", "reviewed_by", "state")
        .prefetch_related("articles")
        .filter(public_id=public_id)
        .first()
    )
    if finding is None:
        return None
    report = finding.report
    others = list(
        report.findings.filter(
            Q(ordinal__in=[finding.ordinal - 1, finding.ordinal + 1])
            | Q(paragraph__in=[cite for cite in finding.cites if cite])
            | ~Q(cites=[])
        ).only("public_id", "ordinal", "paragraph", "strength", "cites", "report_id")
    )
    by_ordinal = {one.ordinal: one for one in others}
    by_paragraph = {one.paragraph: one for one in reversed(others) if one.paragraph}
    links = (
        FindingLink.objects.filter(Q(later=finding) | Q(earlier=finding))
        .select_related("later__report__document", "earlier__report__document")
        .order_by("-certain", "-likeness", "earlier__report__document__published", "id")
    )
    numbers = numbers_of(finding)
    return FindingPage(
        finding=finding,
        report=report,
        document=report.document,
        numbers=numbers,
        passage=finding.passage,
        pictures=_pictures(finding, report),
        cited=tuple(by_paragraph.get(cite, cite) for cite in finding.cites),
        citing=tuple(
            one for one in others if finding.paragraph and finding.paragraph in one.cites and one.pk != finding.pk
        ),
        previous=by_ordinal.get(finding.ordinal - 1),
        next=by_ordinal.get(finding.ordinal + 1),
        takes_up=tuple(link for link in links if link.later_id == finding.pk),
        taken_up_by=tuple(link for link in links if link.earlier_id == finding.pk),
        machine_differs=(finding.machine.get("strength"), finding.machine.get("articles"))
        != (finding.strength, list(numbers)),
    )


def finding_value(row: Finding) -> FindingValue:
    """The library's value of a row whose `articles` were fetched with it."""
    return FindingValue(
        document=row.report.filename,
        body=row.body,
        state=row.state_id,
        procedure=row.procedure or None,
        paragraph=row.paragraph,
        page=row.page,
        pages=tuple(row.pages),
        boxes=tuple(Box(int(page), *rest) for page, *rest in row.boxes),
        heading=row.heading,
        articles=tuple(str(number) for number in numbers_of(row)),
        strength=Strength(row.strength) if row.strength else None,
        verb=row.verb,
        addressee=row.addressee or None,
        from_state=tuple(row.from_states),
        actions=tuple(row.actions),
        text=row.text,
        language=row.language,
        reader=row.reader,
        deadline=row.deadline or None,
        cites=tuple(row.cites),
    )


def numbers_of(finding: Finding) -> tuple[int, ...]:
    """The articles of a finding whose `articles` were fetched with it."""
    return tuple(sorted(one.article for one in finding.articles.all()))


def _pictures(finding: Finding, report: Report) -> tuple[Picture, ...]:
    """The pages a finding stands on, where the report has pages to look at."""
    if report.format != "pdf":
        return ()
    boxes = finding.boxes
    pages = list(dict.fromkeys([*(int(box[0]) for box in boxes), *finding.pages, finding.page]))[:MOST_PICTURES]
    return tuple(
        Picture(page, *_size(report, page), tuple(_mark(box) for box in boxes if int(box[0]) == page))
        for page in sorted(pages)
        if 1 <= page <= report.page_count
    )


def _size(report: Report, page: int) -> tuple[float, float]:
    try:
        width, height = report.page_sizes[page - 1]
    except (IndexError, ValueError):
        return 595.0, 842.0
    return width, height


def _mark(box: Sequence[float]) -> Mark:
    _page, left, top, right, bottom = box
    return Mark(
        round(left - MARGIN, 1),
        round(top - MARGIN, 1),
        round(right - left + 2 * MARGIN, 1),
        round(bottom - top + 2 * MARGIN, 1),
    )


# --- The list of findings ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filters:
    """What a reader asks of the list; "" where nothing. Unknown values find nothing instead of failing."""

    state: str = ""
    article: str = ""
    strength: str = ""
    body: str = ""
    year: str = ""
    review: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Filters:
        return cls(**{name: str(asked.get(name, ""))[:40].strip() for name in cls.__slots__})

    @property
    def any(self) -> bool:
        return any(getattr(self, name) for name in self.__slots__)


@dataclass(frozen=True, slots=True)
class FindingsPage:
    """A page of the list, and what can be asked of it."""

    findings: Page[Any]
    filters: Filters
    states: tuple[str, ...]
    bodies: tuple[str, ...]
    years: tuple[int, ...]
    articles: tuple[int, ...]
    any_at_all: bool


def findings_page(asked: Mapping[str, str]) -> FindingsPage:
    """Findings as asked, strongest first within their report, in seven queries. Rejected ones only where asked for."""
    filters = Filters.of(asked)
    found = Paginator(_filtered(filters), FINDINGS_A_PAGE).get_page(asked.get("page"))
    for finding in found.object_list:
        finding.numbers = numbers_of(finding)  # type: ignore[attr-defined]  # what finding_card.html shows
    everything = Finding.objects.order_by()
    states = tuple(everything.exclude(state=None).values_list("state_id", flat=True).distinct().order_by("state_id"))
    return FindingsPage(
        findings=found,
        filters=filters,
        states=states,
        bodies=tuple(everything.values_list("body", flat=True).distinct().order_by("body")),
        years=tuple(year for year in everything.values_list("year", flat=True).distinct().order_by("-year") if year),
        articles=tuple(FindingArticle.objects.values_list("article", flat=True).distinct().order_by("article")),
        any_at_all=found.paginator.count > 0 or everything.exists(),
    )


def _filtered(filters: Filters) -> QuerySet[Finding]:
    findings = Finding.objects.select_related("report__document").prefetch_related("articles")
    review = filters.review
    findings = findings.filter(review=review) if review else findings.exclude(review=Finding.Review.REJECTED)
    if filters.state:
        findings = findings.filter(state_id=filters.state.upper())
    if filters.article:
        number = int(filters.article) if filters.article.isascii() and filters.article.isdigit() else 0
        findings = findings.filter(articles__article=number if number < 1000 else 0)
    if filters.strength:
        findings = findings.filter(strength=filters.strength)
    if filters.body:
        findings = findings.filter(body=filters.body)
    if filters.year:
        year = int(filters.year) if filters.year.isascii() and filters.year.isdigit() else 0
        findings = findings.filter(year=year if year < 10_000 else 0)
    return findings.order_by("rank", "-year", "report_id", "ordinal")


# --- Reports ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Aside:
    """Characters set aside for one reason."""

    reason: str
    characters: int

    @property
    def word(self) -> str | Promise:
        return ASIDES.get(self.reason, self.reason.replace("_", " "))


@dataclass(frozen=True, slots=True)
class Books:
    """The account of a reading, in characters: read = understood + set aside + unexplained."""

    read: int
    understood: int
    set_aside: tuple[Aside, ...]
    unexplained: tuple[Mapping[str, Any], ...]  # text and page of each line
    unexplained_characters: int
    notes: tuple[str, ...]

    @property
    def understood_share(self) -> float:
        """In per cent of what was read."""
        return 100 * self.understood / self.read if self.read else 0.0

    @property
    def unexplained_share(self) -> float:
        return 100 * self.unexplained_characters / self.read if self.read else 0.0


@dataclass(frozen=True, slots=True)
class ReportPage:
    """One report that was read in: its account and its findings."""

    report: Report
    document: Document
    books: Books
    findings: tuple[Finding, ...]
    counts: Mapping[str, int] = field(default_factory=dict)  # findings by strength, strongest first
    reviewed: int = 0
    passages: int = 0


def report_page(public_id: str) -> ReportPage | None:
    """All that the page of one report shows; None where there is none. Four queries."""
    report = (
        Report.objects.select_related("document__state")
        .annotate(passage_count=Count("passages"))
        .filter(public_id=public_id)
        .first()
    )
    if report is None:
        return None
    findings = tuple(report.findings.prefetch_related("articles").defer("boxes", "actions", "heading"))
    for finding in findings:
        finding.numbers = numbers_of(finding)  # type: ignore[attr-defined]  # what finding_card.html shows
    kept = [finding for finding in findings if finding.review != Finding.Review.REJECTED]
    counts: dict[str, int] = {}
    for finding in sorted(kept, key=lambda one: one.rank):
        counts[finding.strength] = counts.get(finding.strength, 0) + 1
    return ReportPage(
        report=report,
        document=report.document,
        books=books_of(report),
        findings=findings,
        counts=counts,
        reviewed=sum(finding.review != Finding.Review.MACHINE for finding in findings),
        passages=report.passage_count,
    )


def books_of(report: Report) -> Books:
    """The stored account as a page shows it."""
    account = report.account
    unexplained = tuple(account.get("unexplained", ()))
    return Books(
        read=account.get("read", 0),
        understood=account.get("understood", 0),
        set_aside=tuple(Aside(reason, count) for reason, count in account.get("set_aside", {}).items() if count),
        unexplained=unexplained,
        unexplained_characters=sum(len("".join(line["text"].split())) for line in unexplained),
        notes=tuple(account.get("notes", ())),
    )


@dataclass(frozen=True, slots=True)
class TextPage:
    """The paragraphs of a report, a page of them at a time."""

    report: Report
    document: Document
    passages: Page[Any]


def text_page(public_id: str, *, page: str | None, at: str | None) -> TextPage | None:
    """The report's own text; `at` names the passage (its ordinal) that the page must hold. Four queries."""
    report = Report.objects.select_related("document").filter(public_id=public_id).first()
    if report is None:
        return None
    found = report.passages.prefetch_related(
        Prefetch("findings", Finding.objects.only("public_id", "strength", "passage_id"))
    )
    if at is not None and at.isascii() and at.isdigit() and len(at) < 7:
        page = str(int(at) // PASSAGES_A_PAGE + 1)
    return TextPage(report, report.document, Paginator(found, PASSAGES_A_PAGE).get_page(page))


def reports_page(asked: Mapping[str, str]) -> Page[Any]:
    """Reports that were read in, newest first, with the number of their findings. Two queries."""
    rejected = Finding.Review.REJECTED
    reports = (
        Report.objects.select_related("document__state")
        .annotate(finding_count=Count("findings", filter=~Q(findings__review=rejected)))
        .order_by("-document__published", "-read_at", "-id")
    )
    return Paginator(reports, REPORTS_A_PAGE).get_page(asked.get("page"))


def report_by_id(public_id: str) -> Report | None:
    return Report.objects.filter(public_id=public_id).first()


def upload_of(user: Any, upload: Any) -> Upload | None:
    """An upload that this user may follow: their own."""
    return Upload.objects.select_related("report").filter(pk=upload, uploaded_by=user).first()


def latest_uploads(user: Any, most: int = 10) -> list[Upload]:
    """What this user brought in lately."""
    return list(Upload.objects.select_related("report").filter(uploaded_by=user)[:most])
