"""Queries for the pages on findings and reports, with a fixed number of SQL queries for each page."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Length

from samsvar.ids import stable_id
from samsvar.monitoring.pipeline import UNKNOWN_LANGUAGE
from samsvar.monitoring.profile import GENERAL as GENERAL_PROFILE
from samsvar.monitoring.report import Finding as FindingValue
from samsvar.monitoring.report import StatePosition, Strength
from samsvar.site.monitoring.citing import short_citation
from samsvar.site.monitoring.decisions import proposer_roles
from samsvar.site.monitoring.issues import IssueLine, issue_of_finding
from samsvar.site.monitoring.labels import DETAIL_LABELS, SET_ASIDE_LABELS, find_detail_value_label
from samsvar.site.monitoring.models import (
    DetailsChange,
    Document,
    Finding,
    FindingArticle,
    FindingLink,
    FindingSuccession,
    LinkDecision,
    Passage,
    Report,
    Upload,
)
from samsvar.site.monitoring.permissions import can_edit, can_publish, can_review, can_see_report, is_bound_to
from samsvar.site.monitoring.rounds import end_of, find_open_findings, later_texts_of, was_published_by
from samsvar.site.monitoring.sources import SourceChange, earlier_version_exists, find_source_change
from samsvar.site.network.access.permissions import User
from samsvar.site.shell.labels import Label
from samsvar.spans import Box

FINDINGS_A_PAGE = 25
PASSAGES_A_PAGE = 40
TEXT_A_PAGE = 100_000  # characters
REPORTS_A_PAGE = 50
MAX_LINKS = 100  # to and from a finding; a report has a few at most
MAX_PAGE_IMAGES = 3  # a finding on more pages shows only the first images
CONTEXT_LENGTH = 5_000  # characters of a paragraph before and after a finding; hardly any paragraph is as long
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
    issue: IssueLine | None  # what the rounds say about the issue of the finding
    is_corrected: bool  # a reviewer changed the automatic strength or articles
    is_from_later: bool  # it was published after the day that the page is about

    @property
    def context(self) -> tuple[str, str]:
        """The text of the paragraph before and after the finding's own part, shortened if it is long."""
        finding, passage = self.finding, self.passage
        if passage is None or finding.start is None:
            return "", ""
        before, after = passage.text[: finding.start], passage.text[finding.start + len(finding.text) :]
        if len(before) > CONTEXT_LENGTH:
            before = "… " + before[-CONTEXT_LENGTH:].partition(" ")[2]
        if len(after) > CONTEXT_LENGTH:
            after = after[:CONTEXT_LENGTH].rpartition(" ")[0] + " …"
        return before, after

    @property
    def requested_actions(self) -> tuple[str, ...]:
        """The requested actions; () if there is only one and it repeats the paragraph, which is quoted anyway."""
        actions = tuple(self.finding.actions)
        return () if len(actions) == 1 and actions[0].split() == self.finding.text.split() else actions


def finding_page(public_id: str, user: User, day: date | None = None) -> FindingPage | None:
    """Return the data for a finding's page, or None if the user can see no such finding.

    Four queries, and up to two more for its issue. With a day, later texts and decisions are left out, in two more
    queries. Links that a reviewer set aside are only for those who can review.
    """
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
    stored_links = (
        FindingLink.objects.filter(Q(later=finding) | Q(earlier=finding))
        .select_related("later__report__document", "earlier__report__document")
        .order_by("-certain", "-similarity", "earlier__report__document__published", "id")[:MAX_LINKS]
    )
    links = list(stored_links) if day is None else links_on(stored_links, day)
    if not can_review(user, finding):
        links = [link for link in links if link.later_text != FindingLink.LaterText.SET_ASIDE]
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
        issue=issue_of_finding(finding, day) if any(link.is_fact for link in links) else None,
        is_corrected=(finding.machine.get("strength"), finding.machine.get("articles"))
        != (finding.strength, list(numbers)),
        is_from_later=bool(day and report.document.published and not was_published_by(report.document.published, day)),
    )


def links_on(links: Iterable[FindingLink], day: date) -> list[FindingLink]:
    """Return links from texts published by a day, with what was decided about them by then. One query."""
    links = [link for link in links if was_published_by(link.later.report.document.published, day)]
    later = [link.later_id for link in links]
    lines = LinkDecision.objects.filter(at__lt=end_of(day), later__pk__in=later).order_by("pk")
    decisions = {(line.later_id, line.earlier_id): line for line in lines}
    for link in links:
        line = decisions.get((link.later.public_id, link.earlier.public_id), LinkDecision())
        link.later_text, link.reason, link.decided_at = line.later_text, line.reason, line.at
    return links


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
    boxes = finding.boxes or (finding.passage.boxes if finding.passage else [])
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
    """Filters for the list of findings; "" for no filter. An unknown value matches nothing; its form names it."""

    state: str = ""
    article: str = ""
    strength: str = ""
    body: str = ""
    year: str = ""
    review: str = ""
    status: str = ""  # "open"

    @classmethod
    def from_params(cls, params: Mapping[str, str]) -> FindingFilters:
        given = {name: str(params.get(name, ""))[:40].strip() for name in cls.__slots__}
        return cls(**{**given, "state": given["state"].upper()})

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
    """Return the filtered findings, strongest first, in at most twelve queries; rejected ones only on request."""
    filters = FindingFilters.from_params(params)
    findings = Paginator(_filter_findings(filters), FINDINGS_A_PAGE).get_page(params.get("page"))
    add_card_values(findings.object_list)
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


def add_card_values(findings: Iterable[Any]) -> None:
    """Add to rows of `Finding` what their cards show and the rows do not have, in at most two queries."""
    findings = list(findings)
    later_texts = later_texts_of([finding.public_id for finding in findings])
    roles = proposer_roles([one.public_id for one in findings if one.review != Finding.Review.MACHINE])
    for finding in findings:
        finding.numbers = get_article_numbers(finding)
        finding.citation = short_citation(finding)
        finding.later_text = later_texts.get(finding.public_id, "")
        finding.proposed_by = roles.get(finding.public_id, "")


def _filter_findings(filters: FindingFilters) -> QuerySet[Finding]:
    findings = Finding.objects.select_related("report__document").prefetch_related("articles")
    review = filters.review
    findings = findings.filter(review=review) if review else findings.exclude(review=Finding.Review.REJECTED)
    if filters.state:
        findings = findings.filter(state_id=filters.state.upper())
    if filters.status:
        open_findings = find_open_findings(filters.state.upper()) if filters.status == "open" else ()
        findings = findings.filter(pk__in=open_findings)
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
    def label(self) -> Label:
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
    ocr: Mapping[str, Any] | None  # the fields of an `OcrSummary`; None unless the report is a scan

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
    findings: Page[Any]
    finding_count: int
    counts_by_strength: Mapping[str, int] = field(default_factory=dict)  # findings by strength, strongest first
    reviewed_count: int = 0
    passage_count: int = 0
    history: tuple[tuple[DetailsChange, tuple[DetailDifference, ...]], ...] = ()


def report_page(public_id: str, user: User, page: str | None = None) -> ReportPage | None:
    """Return a page of a report's findings, or None if the user can see no such report. At most nine queries."""
    report = (
        Report.everything.select_related("document__state")
        .annotate(passage_count=Count("passages"))
        .filter(public_id=public_id)
        .first()
    )
    if report is None or not can_see_report(user, report):
        return None
    rows = report.findings.order_by().values_list("review", "strength", "rank").annotate(Count("id"))
    counts: dict[str, int] = {}
    for review, strength, _rank, count in sorted(rows, key=lambda values: values[2]):
        if review != Finding.Review.REJECTED:
            counts[strength] = counts.get(strength, 0) + count
    findings = report.findings.prefetch_related("articles").defer("boxes", "actions", "heading")
    pages = Paginator(findings, FINDINGS_A_PAGE).get_page(page)
    add_card_values(pages.object_list)
    return ReportPage(
        report=report,
        document=report.document,
        extraction=build_extraction_summary(report),
        findings=pages,
        finding_count=pages.paginator.count,
        counts_by_strength=counts,
        reviewed_count=sum(count for review, *_values, count in rows if review != Finding.Review.MACHINE),
        passage_count=report.passage_count,
        history=details_history(report),
    )


@dataclass(frozen=True, slots=True)
class DetailDifference:
    """A detail of a report that differs from what the title page states or from what a person entered."""

    field: str
    current: str
    other: str

    @property
    def label(self) -> Label:
        return DETAIL_LABELS[self.field]

    @property
    def current_label(self) -> Label:
        return find_detail_value_label(self.field, self.current)

    @property
    def other_label(self) -> Label:
        return find_detail_value_label(self.field, self.other)


@dataclass(frozen=True, slots=True)
class DetailsPage:
    """The data for the page that asks whether the details of a report are right."""

    report: Report
    document: Document
    extraction: ExtractionSummary
    finding_count: int
    passage_count: int
    title_page_differences: tuple[DetailDifference, ...]
    upload: Upload | None  # a later upload of the same file
    upload_differences: tuple[DetailDifference, ...]  # what was entered then
    by_state: bool  # uploaded by someone with a role limited to the state under review
    can_publish: bool
    seen: str  # see `report_state`
    source_change: SourceChange | None  # what its publisher changed, if an earlier version of it was harvested


def details_page(public_id: str, user: User, upload_id: str = "") -> DetailsPage | None:
    """Return the details of a report that the user can edit, or None; with those of a later upload of its file."""
    report = (
        Report.everything.select_related("document", "read_by")
        .annotate(passage_count=Count("passages", distinct=True), finding_count=Count("findings", distinct=True))
        .filter(public_id=public_id)
        .first()
    )
    if report is None or not can_edit(user, report):
        return None
    document = report.document
    upload = find_own_upload(user, upload_id) if _is_uuid(upload_id) else None
    if upload and upload.content_hash != report.content_hash:
        upload = None
    return DetailsPage(
        report=report,
        document=document,
        extraction=build_extraction_summary(report),
        finding_count=report.finding_count,
        passage_count=report.passage_count,
        title_page_differences=_find_differences(document, report.title_page),
        upload=upload,
        upload_differences=upload_differences(upload, document) if upload else (),
        by_state=report.read_by is not None and is_bound_to(report.read_by, document.state_id),
        can_publish=can_publish(user, report),
        seen=report_state(report),
        source_change=find_source_change(report),
    )


def upload_differences(upload: Upload, document: Document) -> tuple[DetailDifference, ...]:
    """Return what was entered with an upload and differs from the details of the report that was there already."""
    body = "" if upload.body == "auto" else upload.body
    entered = {"body": body, "state": upload.state_id or "", "published": str(upload.published or "")}
    return _find_differences(document, entered)


def get_details(document: Document) -> dict[str, str]:
    """Return the details of a report as strings, by the names of `labels.DETAIL_LABELS`; "" for each not specified."""
    details = {name: getattr(document, name) for name in DETAIL_LABELS if name != "state"}
    return {**details, "state": document.state_id or ""}


def details_history(report: Report) -> tuple[tuple[DetailsChange, tuple[DetailDifference, ...]], ...]:
    """Return the changes of a report's details since it was first published, oldest first. One query.

    In each difference, `current` is the value before the change and `other` the one after it.
    """
    return tuple(
        (change, tuple(DetailDifference(name, value, change.after[name]) for name, value in change.before.items()))
        for change in report.details_changes.defer("by")
    )


def _find_differences(document: Document, other: Mapping[str, str]) -> tuple[DetailDifference, ...]:
    """Return the details that differ from those of `other` that are not ""."""
    return tuple(
        DetailDifference(name, value, other[name])
        for name, value in get_details(document).items()
        if other.get(name) and other[name] not in (value, GENERAL_PROFILE, UNKNOWN_LANGUAGE)
    )


def report_state(report: Report) -> str:
    """Return a report's details and status as a string for a hidden form field, to detect concurrent changes."""
    document = report.document
    details = (document.body, document.state_id, document.procedure, document.reference, document.published)
    return stable_id(*map(str, (*details, document.title, document.language, report.status, report.reader)))


def unpublished_reports(user: User) -> list[Report]:
    """Return the drafts and the withdrawn reports that a user can see, newest first; two queries."""
    reports = (
        Report.everything.exclude(status=Report.Status.PUBLISHED)
        .select_related("document", "read_by")
        .annotate(finding_count=Count("findings", distinct=True), is_new_version=earlier_version_exists())
        .order_by("-read_at", "-id")
    )
    return [report for report in reports if can_see_report(user, report)]


def find_current_version(finding_id: str) -> Finding | None:
    """Return the public finding that took the place of one of an earlier version of its text; None without any."""
    seen: set[str] = set()
    while finding_id not in seen:
        seen.add(finding_id)
        succession = FindingSuccession.objects.filter(earlier__public_id=finding_id, later__isnull=False).first()
        if succession is None:
            return None
        finding_id = str(succession.later_id)
        if current := Finding.objects.filter(public_id=finding_id).select_related("report__document").first():
            return current
    return None


def find_earlier_ids(finding_id: str) -> set[str]:
    """Return the public IDs of the findings of earlier versions that this one took the place of."""
    earlier_ids: set[str] = set()
    newest = {finding_id}
    while newest:
        before = FindingSuccession.objects.filter(later__public_id__in=newest).values_list(
            "earlier__public_id", flat=True
        )
        newest = set(before) - earlier_ids - {finding_id}
        earlier_ids |= newest
    return earlier_ids


def undecided_reports(user: User) -> list[Report]:
    """Return the published reports with findings of an earlier version that the user must decide about."""
    undecided = FindingSuccession.objects.filter(report=OuterRef("pk"), later=None, is_closed=False)
    reports = Report.objects.filter(Exists(undecided)).select_related("document")
    return [report for report in reports if can_publish(user, report)]


def withdrawn_report(*, report_id: str = "", finding_id: str = "") -> Report | None:
    """Return the withdrawn report with this public ID, or the one of the finding with this public ID; else None."""
    reports = Report.everything.filter(status=Report.Status.WITHDRAWN)
    return reports.filter(Q(findings__public_id=finding_id) if finding_id else Q(public_id=report_id)).first()


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


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
        ocr=extraction_report.get("ocr"),
    )


@dataclass(frozen=True, slots=True)
class TextPage:
    """One page of a report's paragraphs."""

    report: Report
    document: Document
    passages: Page[Any]


class TextPaginator(Paginator[Any]):
    """A paginator of passages whose pages end after 40 passages or 100,000 characters, whichever comes first."""

    def __init__(self, passages: QuerySet[Passage]) -> None:
        super().__init__(passages, PASSAGES_A_PAGE)
        self.passages = passages

    @cached_property
    def starts(self) -> list[int]:
        """The position of each page's first passage; [0] for a report without passages."""
        starts, length = [0], 0
        for position, size in enumerate(self.passages.values_list(Length("text"), flat=True)):
            if position > starts[-1] and (position - starts[-1] >= PASSAGES_A_PAGE or length + size > TEXT_A_PAGE):
                starts.append(position)
                length = 0
            length += size
        return starts

    @cached_property
    def num_pages(self) -> int:
        return len(self.starts)

    def page(self, number: int | str) -> Page[Any]:
        number = self.validate_number(number)
        start, end = (*self.starts, None)[number - 1 : number + 1]
        return Page(self.passages[start:end], number, self)

    def page_of(self, position: int) -> int:
        """Return the number of the page with the passage at this position."""
        return bisect_right(self.starts, position)


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
    pages = TextPaginator(passages)
    if at is not None and at.isascii() and at.isdigit() and len(at) < 7:
        page = str(pages.page_of(int(at)))
    return TextPage(report, report.document, pages.get_page(page))


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
    return Upload.objects.select_related("report__document").filter(pk=upload_id, uploaded_by=user).first()


def latest_uploads(user: Any, limit: int = 10) -> list[Upload]:
    """Return the user's latest uploads."""
    return list(Upload.objects.select_related("report__document").filter(uploaded_by=user)[:limit])
