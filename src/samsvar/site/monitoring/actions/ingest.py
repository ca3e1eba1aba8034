"""Import of reports, and re-reading of stored reports with a newer reader.

A report is stored completely or not at all. Its file is stored first, under its content hash; its rows follow in one
transaction. If the process is killed in between, the file remains without rows until `uploads.delete_orphaned_files`
deletes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Model

from samsvar.errors import MonitoringError, ReportTooLarge
from samsvar.ids import hash_content, stable_id
from samsvar.monitoring.report import Finding, Passage, Reading
from samsvar.monitoring.review import Decision, ReadingChange, ReviewOutcome, compare_findings, get_review_outcome
from samsvar.site.audit.actions import record
from samsvar.site.convention.models import State
from samsvar.site.monitoring import models, storage
from samsvar.site.monitoring.actions.label_history import record_read_labels
from samsvar.site.monitoring.actions.links import keep_decisions, restore_decisions
from samsvar.site.monitoring.actions.publishing import DETAILS, get_details, make_public, record_details_change
from samsvar.site.monitoring.actions.reviews import link_findings, parse_day, strength_rank
from samsvar.site.monitoring.queries import to_library_finding
from samsvar.site.network.access.permissions import Account

type Reader = Callable[..., Reading]
type Actor = Account | None

OCR_TIME_FACTOR = 5  # by default ten minutes, in which Tesseract reads about 150 pages


class FileMissing(MonitoringError):
    """The stored file is missing or does not match its content hash."""

    advice = "Upload the report again."


def read_report_within_limits(content: bytes, **kwargs: Any) -> Reading:
    """Read a report in a child process with this site's time and memory limits; a scan has OCR_TIME_FACTOR as long."""
    from samsvar.monitoring.sandbox import read_report_sandboxed

    return read_report_sandboxed(
        content,
        seconds=settings.SAMSVAR_READ_SECONDS,
        ocr_seconds=OCR_TIME_FACTOR * settings.SAMSVAR_READ_SECONDS,
        megabytes=settings.SAMSVAR_READ_MEGABYTES,
        **kwargs,
    )


def import_report(
    *,
    content: bytes,
    filename: str,
    body: str = "auto",
    state: str | None = None,
    published: date | None = None,
    by: Actor = None,
    origin: str = models.Document.Origin.UPLOAD,
    about: dict[str, Any] | None = None,
    publish: bool = False,
    earlier: models.Report | None = None,
    read: Reader = read_report_within_limits,
) -> models.Report:
    """Read a report and store its file, document, passages, findings and extraction report, with an audit log entry.

    The report is a draft unless `publish` is true; only the operator's commands publish without an editor. If the same
    file was imported before, the existing report is returned, whatever its status. `about` contains other known fields
    of the document (reference, procedure, title, link, source …), and `read` is the function that reads the file. If
    reading fails, its error is raised and nothing is stored. `earlier` is the report of an earlier version of the same
    document, whose reviewers' decisions are kept as in `reread_report`.
    """
    hash_ = hash_content(content)
    if existing := models.Report.everything.filter(content_hash=hash_).first():
        return existing
    if len(content) > settings.SAMSVAR_UPLOAD_LIMIT:
        raise ReportTooLarge(
            f"“{filename}” has {len(content):,} bytes; the limit is {settings.SAMSVAR_UPLOAD_LIMIT:,}."
        )
    reading = read(content, document=filename, body=body, state=state, published=published)
    storage.store(content)
    try:
        with transaction.atomic():
            report = _store_report(
                reading, hash_, content, filename, by=by, origin=origin, about=about or {}, earlier=earlier
            )
            if publish:
                make_public(report=report, by=by)
    except IntegrityError:  # another process imported the same file first
        if existing := models.Report.everything.filter(content_hash=hash_).first():
            return existing
        raise
    if publish:
        link_findings(state=report.document.state_id)
    return report


def reread_report(
    *,
    report: models.Report,
    body: str = "",
    language: str = "",
    reason: str = "",
    by: Actor = None,
    read: Reader = read_report_within_limits,
) -> models.Report:
    """Read a stored report again with the current reader, keeping the reviewers' decisions.

    It is read as a report of `body` and in `language`; "" keeps the body, and the language that an editor entered.
    A reviewed finding is matched by paragraph and position. If its text is unchanged, the decision is kept. If its text
    has changed or is no longer found, the finding is kept, and returned to the list for review if the rules in
    `samsvar.monitoring.review` require it. `reason` is public if details of a report that was published change.
    """
    content = storage.fetch(report.content_hash)
    if content is None:
        raise FileMissing(f"The file of report {report.public_id} is missing from storage.")
    document = report.document
    reading = read(
        content,
        document=report.filename,
        body=body or document.body,
        state=document.state_id,
        published=parse_day(document.published),
        language=language or (document.language if "language" in document.edited else "auto"),
    )
    with transaction.atomic():
        details = get_details(document)
        _update_document(document, reading)
        reviewed = {
            finding.public_id: finding
            for finding in report.findings.exclude(review=models.Finding.Review.MACHINE).prefetch_related("articles")
        }
        link_decisions = keep_decisions(report)
        decisions = {key: (one, [article.article for article in one.articles.all()]) for key, one in reviewed.items()}
        before = {one.public_id: one for one in report.findings.prefetch_related("articles")}
        report.passages.all().delete()
        report.findings.all().delete()
        _set_report_fields(report, reading)
        report.revision += 1
        report.save()
        _create_passages_and_findings(report, reading, decisions)
        record_read_labels(report, before=before)
        restore_decisions(link_decisions)
        record_details_change(report, before=details, by=by, reason=reason, reader=report.reader)
        record(
            by=by, verb="read again", subject=f"report {report.public_id}", details={"reader": reading.reader},
            reason=reason,
        )  # fmt: skip
    if report.status == models.Report.Status.PUBLISHED:
        link_findings(state=document.state_id)
    return report


def _update_document(document: models.Document, reading: Reading) -> None:
    """Update the details that a new reading determines, except those that an editor or the catalogue has set."""
    in_catalogue = document.origin in models.Document.CATALOGUE_ORIGINS
    if document.body != reading.body:
        document.body = reading.body
        document.edited = sorted({*document.edited, "body"})
    for name in ("procedure", "language"):
        if not in_catalogue and name not in document.edited:
            setattr(document, name, getattr(reading, name) or "")
    document.save()


def _store_report(
    reading: Reading,
    hash_: str,
    content: bytes,
    filename: str,
    *,
    by: Actor,
    origin: str,
    about: dict[str, Any],
    earlier: models.Report | None,
) -> models.Report:
    document = _create_document(reading, hash_, origin=origin, about=about)
    report = models.Report(
        public_id=stable_id("report", hash_),
        document=document,
        content_hash=hash_,
        filename=truncate_to_column(models.Report, "filename", clean_for_storage(filename)),
        size=len(content),
        read_by=by,
    )
    _set_report_fields(report, reading)
    report.save()
    _create_passages_and_findings(report, reading, _list_decisions_on_earlier_version(report, earlier))
    record_read_labels(report)
    record(
        by=by,
        verb="imported a report",
        subject=f"report {report.public_id}",
        details={"reader": reading.reader, "findings": len(reading.findings), "origin": origin},
    )
    return report


def _list_decisions_on_earlier_version(
    report: models.Report, earlier: models.Report | None
) -> dict[str, tuple[models.Finding, list[int]]]:
    """Return the reviewed findings of an earlier version, by the public ids that they have in the new report."""
    decisions: dict[str, tuple[models.Finding, list[int]]] = {}
    seen_counts: dict[str, int] = {}
    for finding in earlier.findings.prefetch_related("articles").order_by("ordinal") if earlier else ():
        articles = [article.article for article in finding.articles.all()]
        public_id = _finding_id(report, finding.paragraph, finding.page, seen_counts)
        if finding.review != models.Finding.Review.MACHINE:
            finding.report, finding.public_id = report, public_id
            decisions[public_id] = (finding, articles)
    return decisions


def _finding_id(report: models.Report, paragraph: str, page: int, seen_counts: dict[str, int]) -> str:
    """Return the public id of the next finding at a place; `seen_counts` counts those before it."""
    location = paragraph or f"page {page}"
    seen_counts[location] = seen_counts.get(location, 0) + 1
    return stable_id("finding", report.content_hash, location, str(seen_counts[location]))


def _create_document(reading: Reading, hash_: str, *, origin: str, about: dict[str, Any]) -> models.Document:
    """Create the document of an imported file; when published, its report moves to the catalogue's, if there is one."""
    state = State.objects.filter(code=reading.state).first() if reading.state else None
    on_title_page = reading.title_page.reference if reading.title_page else None
    reference = about.get("reference") or reading.reference or on_title_page or ""
    day = reading.published or (reading.title_page.published if reading.title_page else None)
    published = about.get("published") or (day.isoformat() if day else "")
    details = {name: clean_for_storage(str(value)) for name, value in about.items() if name in _ABOUT_FIELDS}
    return models.Document.objects.create(
        **{
            "public_id": stable_id("document", hash_),
            "origin": origin,
            "body": reading.body,
            "state": state,
            "procedure": reading.procedure or "",
            "language": reading.language,
            "title": clean_for_storage(reading.title_page.title if reading.title_page else ""),
            **details,
            "reference": truncate_to_column(models.Document, "reference", clean_for_storage(reference)),
            "published": published,
            # given by a person: the file is not asked again
            "edited": sorted({*details, *(["published"] if reading.published else [])} & set(DETAILS)),
        }
    )


_ABOUT_FIELDS = frozenset(
    {"answers", "kind", "procedure", "title", "link", "source", "second_source", "confidence", "note"}
)


def _set_report_fields(report: models.Report, reading: Reading) -> None:
    extraction_report = reading.extraction_report
    report.format = reading.format
    report.page_count = reading.page_count
    report.page_sizes = [[round(width, 2), round(height, 2)] for width, height in reading.page_sizes]
    report.language = reading.language
    report.reader = truncate_to_column(models.Report, "reader", reading.reader)
    report.title_page = _title_page_values(reading)
    report.account = {
        "read": extraction_report.read,
        "understood": extraction_report.understood,
        "set_aside": dict(extraction_report.set_aside),
        "unexplained": [
            {"text": clean_for_storage(line.text), "page": line.page} for line in extraction_report.unexplained
        ],
        "notes": [clean_for_storage(note) for note in extraction_report.notes],
    }
    if ocr := extraction_report.ocr:
        doubtful = [asdict(word) | {"text": clean_for_storage(word.text)} for word in ocr.doubtful]
        report.account["ocr"] = asdict(ocr) | {"doubtful": doubtful}


def _title_page_values(reading: Reading) -> dict[str, str]:
    """Return the details that the first pages of a report state, as strings for the form; "" for each not stated."""
    if reading.title_page is None:
        return {}
    values = {name: str(value or "") for name, value in asdict(reading.title_page).items()}
    return {name: clean_for_storage(value) for name, value in values.items()}


def _create_passages_and_findings(
    report: models.Report, reading: Reading, decisions: dict[str, tuple[models.Finding, list[int]]]
) -> None:
    """Create a report's passages and findings; `decisions` maps public ids to reviewed findings and their articles."""
    passages = models.Passage.objects.bulk_create(
        (_build_passage(report, number, passage) for number, passage in enumerate(reading.passages)), batch_size=500
    )
    find_passage = _build_passage_finder(reading.passages, passages)
    findings: list[models.Finding] = []
    articles_by_finding: list[Sequence[int]] = []
    seen_counts: dict[str, int] = {}
    ends: dict[int, int] = {}  # by passage, where the text of its last finding ends
    remaining = dict(decisions)
    for ordinal, whole in enumerate(reading.findings):
        finding = replace(whole, text=whole.own_text, part=None)
        finding_row = _build_finding(
            report, ordinal, finding, _finding_id(report, finding.paragraph, finding.page, seen_counts)
        )
        finding_row.passage = find_passage(whole)
        _locate_in_passage(finding_row, ends)
        articles: Sequence[int] = finding_row.machine["articles"]
        if finding_row.public_id in remaining:
            articles = _carry_over_decision(finding_row, finding, *remaining.pop(finding_row.public_id))
        findings.append(finding_row)
        articles_by_finding.append(articles)
    for finding_row, articles in remaining.values():  # reviewed, but no longer found: kept for the reviewers
        finding_row.pk, finding_row.passage, finding_row.ordinal = None, None, len(findings)
        _return_missing_finding_to_review(finding_row, articles)
        findings.append(finding_row)
        articles_by_finding.append(articles)
    findings = models.Finding.objects.bulk_create(findings, batch_size=200)
    models.FindingArticle.objects.bulk_create(
        [
            models.FindingArticle(finding=finding_row, article=number)
            for finding_row, numbers in zip(findings, articles_by_finding, strict=True)
            for number in sorted(set(numbers))
        ],
        batch_size=1000,
    )


MAX_HEADING = 500  # characters; every paragraph below a heading repeats it
MAX_FINDING_PAGES = 20  # every finding of a paragraph repeats its pages


GONE_NOTE = "[returned for review: the newer reader does not find it]"
TEXT_CHANGED_NOTE = "[returned for review: the text read differs from the reviewed text]"


def _get_decision(finding: models.Finding, articles: Sequence[int]) -> Decision:
    """Return the reviewer's decision on a finding as the library's `Decision`."""
    match models.Finding.Review(finding.review):
        case models.Finding.Review.MACHINE:
            return Decision.NONE
        case models.Finding.Review.REJECTED:
            return Decision.REJECTED
        case models.Finding.Review.CONFIRMED:
            same = (finding.machine.get("strength"), finding.machine.get("articles")) == (
                finding.strength,
                sorted(articles),
            )
            return Decision.ACCEPTED if same else Decision.CORRECTED


def _carry_over_decision(
    finding: models.Finding, new: Finding, old: models.Finding, articles: list[int]
) -> Sequence[int]:
    """Copy a reviewer's decision to the new row, or leave that row for review. Return the articles of the new row."""
    machine_articles: Sequence[int] = finding.machine["articles"]
    if (
        get_review_outcome(_get_decision(old, articles), compare_findings(to_library_finding(old), new))
        is ReviewOutcome.RETURN
    ):
        finding.note = f"{TEXT_CHANGED_NOTE} {old.note}".strip()
        return machine_articles
    finding.review, finding.reviewed_by, finding.reviewed_at, finding.note = (
        old.review,
        old.reviewed_by,
        old.reviewed_at,
        old.note,
    )
    finding.strength, finding.rank = old.strength, old.rank
    return articles


def _return_missing_finding_to_review(finding: models.Finding, articles: list[int]) -> None:
    """Put a reviewed finding that is no longer found back on the list for review, if the rules require it."""
    if get_review_outcome(_get_decision(finding, articles), ReadingChange.GONE) is ReviewOutcome.RETURN:
        finding.review, finding.reviewed_by, finding.reviewed_at = models.Finding.Review.MACHINE, None, None
        finding.note = f"{GONE_NOTE} {finding.note}".strip()


def _build_passage(report: models.Report, ordinal: int, passage: Passage) -> models.Passage:
    return models.Passage(
        report=report,
        ordinal=ordinal,
        number=truncate_to_column(models.Passage, "number", passage.number),
        text=clean_for_storage(passage.text),
        page=passage.pages[0] if passage.pages else 1,
        boxes=_round_boxes(passage.boxes),
        headings=[clean_for_storage(heading[:MAX_HEADING]) for heading in passage.headings],
        footnotes=[clean_for_storage(note) for note in passage.footnotes],
    )


def _build_finding(report: models.Report, ordinal: int, finding: Finding, public_id: str) -> models.Finding:
    strength = finding.strength.value if finding.strength else ""
    document = report.document
    year = document.published[:4]
    return models.Finding(
        public_id=public_id,
        report=report,
        ordinal=ordinal,
        state=document.state,
        body=finding.body,
        procedure=document.procedure,
        year=int(year) if year.isdigit() else None,
        paragraph=truncate_to_column(models.Finding, "paragraph", finding.paragraph),
        page=finding.page,
        pages=list(finding.pages)[:MAX_FINDING_PAGES],
        boxes=_round_boxes(finding.boxes),
        heading=clean_for_storage(finding.heading[: 3 * MAX_HEADING]),
        strength=strength,
        rank=strength_rank(strength),
        verb=truncate_to_column(models.Finding, "verb", clean_for_storage(finding.verb)),
        addressee=truncate_to_column(models.Finding, "addressee", clean_for_storage(finding.addressee or "")),
        from_states=[clean_for_storage(name) for name in finding.from_state],
        state_position=finding.state_position or "",
        actions=[clean_for_storage(action) for action in finding.actions],
        deadline=truncate_to_column(models.Finding, "deadline", clean_for_storage(finding.deadline or "")),
        cites=[clean_for_storage(cite) for cite in finding.cites],
        text=clean_for_storage(finding.text),
        language=finding.language,
        reader=truncate_to_column(models.Finding, "reader", finding.reader),
        machine={
            "strength": strength,
            "articles": sorted({int(number) for number in finding.articles if number.isdigit()}),
        },
    )


def _locate_in_passage(finding: models.Finding, ends: dict[int, int]) -> None:
    """Set where a finding's text begins in its passage, and drop the boxes that the passage has already.

    `ends` is updated, so that the findings of one long paragraph do not each search it from its beginning.
    """
    passage = finding.passage
    if passage is None:
        return
    start = passage.text.find(finding.text, ends.get(passage.ordinal, 0))
    if start < 0:
        start = passage.text.find(finding.text)
    if start >= 0:
        finding.start = start
        ends[passage.ordinal] = start + len(finding.text)
    if finding.boxes == passage.boxes:
        finding.boxes = []


def _build_passage_finder(
    passages: Sequence[Passage], rows: Sequence[models.Passage]
) -> Callable[[Finding], models.Passage | None]:
    """Return a function that finds the passage of a finding by its number, page and text."""
    by_place: dict[tuple[str, int], list[tuple[Passage, models.Passage]]] = {}
    for value, passage_row in zip(passages, rows, strict=True):
        for page in value.pages:
            by_place.setdefault((value.number, page), []).append((value, passage_row))

    def find_passage(finding: Finding) -> models.Passage | None:
        candidates = by_place.get((finding.paragraph, finding.page), [])
        for value, passage_row in candidates:
            if finding.text is value.text or finding.text == value.text:
                return passage_row
        text = _collapse_whitespace(finding.text) if candidates else ""
        containing = [pair for pair in candidates if text in _collapse_whitespace(pair[0].text)]
        best = containing or (candidates if finding.paragraph else [])
        return best[0][1] if best else None

    return find_passage


def _round_boxes(boxes: Iterable[Any]) -> list[list[float]]:
    return [[box.page, *(round(value, 2) for value in (box.left, box.top, box.right, box.bottom))] for box in boxes]


def _collapse_whitespace(text: str) -> str:
    return " ".join(text.split())


def clean_for_storage(text: str) -> str:
    """Clean a text for storage: PostgreSQL rejects NUL, and both databases reject lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def truncate_to_column(model: type[Model], field: str, text: str) -> str:
    """Truncate a text to the length of its column: PostgreSQL rejects longer texts, SQLite does not."""
    max_length = getattr(model._meta.get_field(field), "max_length", None) or 0
    return text if len(text) <= max_length else text[: max_length - 1] + "…"
