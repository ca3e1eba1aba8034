"""Queries for the pages on findings and reports, with a fixed number of SQL queries for each page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils.functional import Promise

from samsvar.monitoring.report import Finding as FindingValue
from samsvar.monitoring.report import StatePosition, Strength
from samsvar.site.monitoring.citing import short_citation
from samsvar.site.monitoring.labels import SET_ASIDE_LABELS
from samsvar.site.monitoring.models import Document, Finding, FindingArticle, FindingLink, Passage, Report, Upload
from samsvar.site.monitoring.permissions import can_see_report
from samsvar.site.network.access.permissions import User
from samsvar.spans import Box

FINDINGS_A_PAGE = 25
PASSAGES_A_PAGE = 40
REPORTS_A_PAGE = 50
MAX_PAGE_IMAGES = 3  # a finding on more pages shows only the first images
MARGIN = 4.0  # points between a paragraph and its frame


# --- A finding --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PageMark:
    """A marked rectangle on the image of a page, in points from its top left corner."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page of a report with its marks, and its width and height in points."""

    page: int
    width: float
    height: float
    marks: tuple[PageMark, ...]


@dataclass(frozen=True, slots=True)
class FindingPage:
    """The data for a finding's page, including the findings before and after it and those linked to it."""

    finding: Finding
    report: Report
    document: Document
    article_numbers: tuple[int, ...]  # its articles
    passage: Passage | None
    page_images: tuple[PageImage, ...]
    # findings of this report that it cites; a citation as printed if it is not found
    citations: tuple[Finding | str, ...]
    cited_by: tuple[Finding, ...]  # findings of this report that cite it
    previous: Finding | None
    next: Finding | None
    takes_up: tuple[FindingLink, ...]  # links to findings of earlier rounds, certain ones first
    taken_up_by: tuple[FindingLink, ...]  # links from findings of later rounds
    is_corrected: bool  # a reviewer changed the automatic strength or articles

    @property
    def requested_actions(self) -> tuple[str, ...]:
        """The requested actions; () if there is only one and it repeats the paragraph, which is quoted anyway."""
        actions = tuple(self.finding.actions)
        return () if len(actions) == 1 and actions[0].split() == self.finding.text.split() else actions


def finding_page(public_id: str, user: User) -> FindingPage | None:
    """Return the data for a finding's page, or None if the user can see no such finding. Four queries."""
    finding = (
        Finding.everything.select_related("report__document", "passage", "reviewed_by", "state")
        .prefetch_related("articles")
        .filter(public_id=public_id)
        .first()
    )
    if finding is None or not can_see_report(user, finding.report):
        return None
    report = finding.report
    neighbours = list(
        report.findings.filter(
            Q(ordinal__in=[finding.ordinal - 1, finding.ordinal + 1])
            | Q(paragraph__in=[cite for cite in finding.cites if cite])
            | ~Q(cites=[])
        ).only("public_id", "ordinal", "paragraph", "strength", "cites", "report_id")
    )
    by_ordinal = {one.ordinal: one for one in neighbours}
    by_paragraph = {one.paragraph: one for one in reversed(neighbours) if one.paragraph}
    links = (
        FindingLink.objects.filter(Q(later=finding) | Q(earlier=finding))
        .select_related("later__report__document", "earlier__report__document")
        .order_by("-certain", "-similarity", "earlier__report__document__published", "id")
    )
    numbers = get_article_numbers(finding)
    return FindingPage(
        finding=finding,
        report=report,
        document=report.document,
        article_numbers=numbers,
        passage=finding.passage,
        page_images=_page_images(finding, report),
        citations=tuple(by_paragraph.get(cite, cite) for cite in finding.cites),
        cited_by=tuple(
            one for one in neighbours if finding.paragraph and finding.paragraph in one.cites and one.pk != finding.pk
        ),
        previous=by_ordinal.get(finding.ordinal - 1),
        next=by_ordinal.get(finding.ordinal + 1),
        takes_up=tuple(link for link in links if link.later_id == finding.pk),
        taken_up_by=tuple(link for link in links if link.earlier_id == finding.pk),
        is_corrected=(finding.machine.get("strength"), finding.machine.get("articles"))
        != (finding.strength, list(numbers)),
    )


def to_library_finding(finding: Finding) -> FindingValue:
    """Convert a finding row with prefetched `articles` to the library's `Finding`."""
    return FindingValue(
        document=finding.report.filename,
        body=finding.body,
        state=finding.state_id,
        procedure=finding.procedure or None,
        paragraph=finding.paragraph,
        page=finding.page,
        pages=tuple(finding.pages),
        boxes=tuple(Box(int(page), *rest) for page, *rest in finding.boxes),
        heading=finding.heading,
        articles=tuple(str(number) for number in get_article_numbers(finding)),
        strength=Strength(finding.strength) if finding.strength else None,
        verb=finding.verb,
        addressee=finding.addressee or None,
        from_state=tuple(finding.from_states),
        actions=tuple(finding.actions),
        text=finding.text,
        language=finding.language,
        reader=finding.reader,
        deadline=finding.deadline or None,
        cites=tuple(finding.cites),
        state_position=StatePosition(finding.state_position) if finding.state_position else None,
    )


def get_article_numbers(finding: Finding) -> tuple[int, ...]:
    """Return the article numbers of a finding row with prefetched `articles`."""
    return tuple(sorted(one.article for one in finding.articles.all()))


def _page_images(finding: Finding, report: Report) -> tuple[PageImage, ...]:
    """Return the pages of the report that show a finding; () unless the report is a PDF."""
    if report.format != "pdf":
        return ()
    boxes = finding.boxes
    pages = list(dict.fromkeys([*(int(box[0]) for box in boxes), *finding.pages, finding.page]))[:MAX_PAGE_IMAGES]
    return tuple(
        PageImage(page, *_page_size(report, page), tuple(_build_mark(box) for box in boxes if int(box[0]) == page))
        for page in sorted(pages)
        if 1 <= page <= report.page_count
    )


def _page_size(report: Report, page: int) -> tuple[float, float]:
    try:
        width, height = report.page_sizes[page - 1]
    except (IndexError, ValueError):
        return 595.0, 842.0
    return width, height


def _build_mark(box: Sequence[float]) -> PageMark:
    _page, left, top, right, bottom = box
    return PageMark(
        round(left - MARGIN, 1),
        round(top - MARGIN, 1),
        round(right - left + 2 * MARGIN, 1),
        round(bottom - top + 2 * MARGIN, 1),
    )


def find_link(public_id: str, key: int) -> FindingLink | None:
    """Return a link from or to the finding with this public id, or None."""
    links = FindingLink.everything.select_related("later", "earlier")
    return links.filter(Q(later__public_id=public_id) | Q(earlier__public_id=public_id), pk=key).first()


# --- List of findings -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FindingFilters:
    """Filters for the list of findings; "" for no filter. Unknown values match nothing and raise no error."""

    state: str = ""
    article: str = ""
    strength: str = ""
    body: str = ""
    year: str = ""
    review: str = ""

    @classmethod
    def from_params(cls, params: Mapping[str, str]) -> FindingFilters:
        return cls(**{name: str(params.get(name, ""))[:40].strip() for name in cls.__slots__})

    @property
    def is_active(self) -> bool:
        return any(getattr(self, name) for name in self.__slots__)


@dataclass(frozen=True, slots=True)
class FindingsPage:
    """A page of the list of findings, with the available filters."""

    findings: Page[Any]
    filters: FindingFilters
    states: tuple[str, ...]
    bodies: tuple[str, ...]
    years: tuple[int, ...]
    articles: tuple[int, ...]
    has_findings: bool


def findings_page(params: Mapping[str, str]) -> FindingsPage:
    """Return the filtered findings, strongest first, in seven queries. Rejected findings are listed only on request."""
    filters = FindingFilters.from_params(params)
    findings = Paginator(_filter_findings(filters), FINDINGS_A_PAGE).get_page(params.get("page"))
    for finding in findings.object_list:
        finding.numbers = get_article_numbers(finding)  # type: ignore[attr-defined]  # what a finding card shows
        finding.citation = short_citation(finding)  # type: ignore[attr-defined]
    all_findings = Finding.objects.order_by()
    states = tuple(all_findings.exclude(state=None).values_list("state_id", flat=True).distinct().order_by("state_id"))
    return FindingsPage(
        findings=findings,
        filters=filters,
        states=states,
        bodies=tuple(all_findings.values_list("body", flat=True).distinct().order_by("body")),
        years=tuple(year for year in all_findings.values_list("year", flat=True).distinct().order_by("-year") if year),
        articles=tuple(FindingArticle.objects.values_list("article", flat=True).distinct().order_by("article")),
        has_findings=findings.paginator.count > 0 or all_findings.exists(),
    )


def _filter_findings(filters: FindingFilters) -> QuerySet[Finding]:
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
class SetAsideCount:
    """The number of characters that the reader set aside for one reason, such as being a page number."""

    reason: str
    characters: int

    @property
    def label(self) -> str | Promise:
        return SET_ASIDE_LABELS.get(self.reason, self.reason.replace("_", " "))


@dataclass(frozen=True, slots=True)
class ExtractionSummary:
    """The coverage of an extraction in characters: read = understood + set aside + unexplained."""

    read: int
    understood: int
    set_aside: tuple[SetAsideCount, ...]
    unexplained: tuple[Mapping[str, Any], ...]  # text and page of each line
    unexplained_characters: int
    notes: tuple[str, ...]

    @property
    def understood_share(self) -> float:
        """The percentage of the characters read that were understood."""
        return 100 * self.understood / self.read if self.read else 0.0

    @property
    def unexplained_share(self) -> float:
        return 100 * self.unexplained_characters / self.read if self.read else 0.0


@dataclass(frozen=True, slots=True)
class ReportPage:
    """The data for a report's page: its extraction report and findings."""

    report: Report
    document: Document
    extraction: ExtractionSummary
    findings: tuple[Finding, ...]
    counts_by_strength: Mapping[str, int] = field(default_factory=dict)  # findings by strength, strongest first
    reviewed_count: int = 0
    passage_count: int = 0


def report_page(public_id: str, user: User) -> ReportPage | None:
    """Return the data for a report's page, or None if the user can see no such report. Four queries."""
    report = (
        Report.everything.select_related("document__state")
        .annotate(passage_count=Count("passages"))
        .filter(public_id=public_id)
        .first()
    )
    if report is None or not can_see_report(user, report):
        return None
    findings = tuple(report.findings.prefetch_related("articles").defer("boxes", "actions", "heading"))
    for finding in findings:
        finding.numbers = get_article_numbers(finding)  # type: ignore[attr-defined]  # what a finding card shows
        finding.citation = short_citation(finding)  # type: ignore[attr-defined]
    accepted = [finding for finding in findings if finding.review != Finding.Review.REJECTED]
    counts: dict[str, int] = {}
    for finding in sorted(accepted, key=lambda one: one.rank):
        counts[finding.strength] = counts.get(finding.strength, 0) + 1
    return ReportPage(
        report=report,
        document=report.document,
        extraction=build_extraction_summary(report),
        findings=findings,
        counts_by_strength=counts,
        reviewed_count=sum(finding.review != Finding.Review.MACHINE for finding in findings),
        passage_count=report.passage_count,
    )


def build_extraction_summary(report: Report) -> ExtractionSummary:
    """Summarise a report's stored extraction report for display."""
    extraction_report = report.account
    unexplained = tuple(extraction_report.get("unexplained", ()))
    return ExtractionSummary(
        read=extraction_report.get("read", 0),
        understood=extraction_report.get("understood", 0),
        set_aside=tuple(
            SetAsideCount(reason, count) for reason, count in extraction_report.get("set_aside", {}).items() if count
        ),
        unexplained=unexplained,
        unexplained_characters=sum(len("".join(line["text"].split())) for line in unexplained),
        notes=tuple(extraction_report.get("notes", ())),
    )


@dataclass(frozen=True, slots=True)
class TextPage:
    """One page of a report's paragraphs."""

    report: Report
    document: Document
    passages: Page[Any]


def text_page(public_id: str, user: User, *, page: str | None, at: str | None) -> TextPage | None:
    """Return a page of a report's text, or None if the user can see no such report. Four queries.

    `at` is the ordinal of a passage that the page must include; it overrides the page number `page`.
    """
    report = find_report(public_id, user)
    if report is None:
        return None
    passages = report.passages.prefetch_related(
        Prefetch("findings", Finding.everything.only("public_id", "strength", "passage_id"))
    )
    if at is not None and at.isascii() and at.isdigit() and len(at) < 7:
        page = str(int(at) // PASSAGES_A_PAGE + 1)
    return TextPage(report, report.document, Paginator(passages, PASSAGES_A_PAGE).get_page(page))


def reports_page(params: Mapping[str, str]) -> Page[Any]:
    """Return the imported reports, newest first, with the number of findings in each. Two queries."""
    rejected = Finding.Review.REJECTED
    reports = (
        Report.objects.select_related("document__state")
        .annotate(finding_count=Count("findings", filter=~Q(findings__review=rejected)))
        .order_by("-document__published", "-read_at", "-id")
    )
    return Paginator(reports, REPORTS_A_PAGE).get_page(params.get("page"))


def find_report(public_id: str, user: User) -> Report | None:
    """Return a report, or None if there is none that the user can see: a draft is shown only to its editors."""
    report = Report.everything.select_related("document").filter(public_id=public_id).first()
    return report if report and can_see_report(user, report) else None


def find_own_upload(user: Any, upload_id: Any) -> Upload | None:
    """Return one of the user's own uploads, or None."""
    return Upload.objects.select_related("report").filter(pk=upload_id, uploaded_by=user).first()


def latest_uploads(user: Any, limit: int = 10) -> list[Upload]:
    """Return the user's latest uploads."""
    return list(Upload.objects.select_related("report").filter(uploaded_by=user)[:limit])
