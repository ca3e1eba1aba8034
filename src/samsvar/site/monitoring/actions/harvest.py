"""Import of harvested documents as drafts: what is new, what its publisher changed, and what failed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from samsvar.errors import SamsvarError
from samsvar.ids import hash_content, make_slug
from samsvar.interchange.hudoc import normalise_identifier, site_settings
from samsvar.interchange.hudoc_harvest import HarvestedDocument, document_title, list_sections
from samsvar.monitoring.catalogue import Document
from samsvar.monitoring.pipeline import UNKNOWN_LANGUAGE
from samsvar.site.audit.actions import record
from samsvar.site.monitoring import models
from samsvar.site.monitoring.actions.ingest import Reader, import_report, read_report_within_limits


class HarvestStatus(StrEnum):
    """What the import did with a harvested document."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    HERE = "already here"  # a report with its reference was uploaded before
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class HarvestResult:
    """The result for one document. `message` says why it failed, or what a person should know."""

    document: Document
    status: HarvestStatus
    report: models.Report | None = None
    message: str = ""


def source_key(document: Document) -> str:
    """Return the publisher's identifier without what it writes inconsistently."""
    return normalise_identifier(document.identifier)[:255]


def import_harvested(
    *, harvested: HarvestedDocument, site: str, publish: bool = False, read: Reader = read_report_within_limits
) -> HarvestResult:
    """Import a harvested document as a draft, unless this version of it, or a report with its reference, is here.

    A version that differs from an earlier one becomes a draft of its own, with the reviewers' decisions on paragraphs
    that are the same; `publish` does not publish it. Nothing is stored of a document that cannot be read.
    """
    document = harvested.document
    if harvested.failure:
        return HarvestResult(document, HarvestStatus.FAILED, message=harvested.failure)
    content_hash = hash_content(harvested.content)
    versions = models.SourceVersion.objects.filter(site=site, source=source_key(document)).select_related("report")
    latest = versions.last()
    if same := versions.filter(content_hash=content_hash).first():
        message = "" if same == latest else f"It is again as it was on {same.harvested_at:%Y-%m-%d}."
        return HarvestResult(document, HarvestStatus.UNCHANGED, same.report, message)
    is_stored = models.Report.everything.filter(content_hash=content_hash).exists()  # of a harvest that was killed
    status = HarvestStatus.CHANGED if latest else HarvestStatus.NEW
    report = None if latest or is_stored else find_uploaded_report(document)
    if report is not None:
        status = HarvestStatus.HERE
        if report.document.language not in (
            "",
            UNKNOWN_LANGUAGE,
            document.language,
        ):  # its text is compared with nothing, so no version is stored
            return HarvestResult(document, status, report, f"It is here in another language ({report.language}).")
    try:
        # the report is read before its transaction begins, because other writers wait for a transaction on SQLite
        report = report or import_report(
            content=harvested.content,
            filename=f"{make_slug(document.identifier)[:200]}.html",
            body=site_settings(site)["profile"],
            state=document.state,
            about=_describe(document),
            publish=publish and latest is None,
            earlier=next((version.report for version in versions.reverse() if version.report), None),
            read=read,
        )
    except SamsvarError as error:
        return HarvestResult(document, HarvestStatus.FAILED, message=str(error.full_message()))
    titles = dict(list_sections(document))
    models.SourceVersion.objects.get_or_create(  # another machine may have been quicker
        site=site, source=source_key(document), content_hash=content_hash,
        defaults={"identifier": document.identifier[:255], "titles": titles, "report": report},
    )  # fmt: skip
    empty = harvested.describe_empty()
    return HarvestResult(document, status, report, empty)


def find_uploaded_report(document: Document) -> models.Report | None:
    """Return a report that was uploaded of a document: with its reference, on the same state."""
    if document.reference is None or document.state is None:
        return None
    reports = models.Report.everything.filter(document__state=document.state).exclude(document__reference="")
    slug = make_slug(document.reference)
    return next((one for one in reports.select_related("document") if make_slug(one.document.reference) == slug), None)


def _describe(document: Document) -> dict[str, Any]:
    """Return what the publisher says of a document, as fields of ours."""
    details = {
        "reference": document.reference, "procedure": document.procedure, "published": str(document.published or ""),
        "title": document_title(document), "link": document.link, "source": document.source,
        "kind": document.kind.value, "confidence": document.confidence.value,
    }  # fmt: skip
    return {name: value for name, value in details.items() if value}


def record_harvest(*, site: str, counts: dict[str, int]) -> None:
    """Add a line to the audit log about a harvest; each imported report has a line of its own."""
    record(by=None, verb="harvested", subject=f"hudoc {site}", details=counts)
