"""Actions on a report as a whole: edit its details, publish it, withdraw it, delete a draft (decision 22).

A document of the catalogue has a report only while that report is published. A draft and a withdrawn report have a
document of their own, so that nothing which is not public hangs on a public row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.ids import make_slug, stable_id
from samsvar.network.rights import Claim
from samsvar.site.audit.actions import lock_change_number, record
from samsvar.site.monitoring import models, pictures, storage
from samsvar.site.monitoring.actions.catalogue import restore_catalogue_values
from samsvar.site.monitoring.actions.reviews import link_findings
from samsvar.site.monitoring.actions.succession import replace_versions
from samsvar.site.monitoring.permissions import can_edit, can_publish, can_upload, get_acting_role
from samsvar.site.monitoring.queries import get_details, report_state
from samsvar.site.network.access.permissions import Account
from samsvar.site.shell.errors import SiteError

type Actor = Account | None

DETAILS = ("state_id", "procedure", "reference", "published", "title", "language")
_COPIED = (*DETAILS, "body", "kind", "answers", "link", "source", "second_source", "confidence", "note", "edited")


class ReportChanged(SiteError):
    """Someone else changed the report between the page that a person saw and their decision."""

    message = _("Someone else changed this report while you were looking at it.")
    advice = _("Check the details as they are now, and try again.")


class ReportCannotChange(SiteError):
    """The report's status does not allow the action."""

    message = _("This is no longer possible: the status of the report has changed.")
    advice = _("Open the report again.")


class DetailsReasonMissing(SiteError):
    """The details of a report that has been published are changed without a reason."""

    message = _("Changed details of a published report need a reason, because everyone can read why they were changed.")
    effect = _("The details were not changed.")
    advice = _("Enter a reason.")


def require_reason(report: models.Report, reason: str) -> None:
    """Raise `DetailsReasonMissing` if a report that is or was published would be changed without a reason."""
    if report.published_at is not None and not reason.strip():
        raise DetailsReasonMissing


def save_details(
    *, report: models.Report, by: Account, details: Mapping[str, Any], seen: str, reason: str = ""
) -> models.Report:
    """Save what a person entered about a report; `details` has the names of `DETAILS`.

    `seen` is the `report_state` that the person saw: `ReportChanged` is raised if it has changed since. `reason` is
    public; `DetailsReasonMissing` is raised without one if something changes in a report that is or was published.
    """
    with transaction.atomic():
        report = _lock_report(report, seen)
        document, before = report.document, report.document.state_id
        if not can_edit(by, report) or not (details["state_id"] == before or can_upload(by, details["state_id"])):
            raise PermissionDenied
        changed = [name for name in DETAILS if getattr(document, name) != details[name]]
        if not changed:
            return report
        require_reason(report, reason)
        old = get_details(document)
        for name in changed:
            setattr(document, name, details[name])
        document.edited = sorted({*document.edited, *changed})
        document.save()
        copy_details_to_findings(report)
        report.revision += 1
        report.save(update_fields=["revision"])
        record_details_change(report, before=old, by=by, reason=reason)
        record(
            by=by, verb="edited the details of a report", subject=f"report {report.public_id}",
            details={"changed": {name: details[name] for name in changed}}, reason=reason,
        )  # fmt: skip
    if report.status == models.Report.Status.PUBLISHED:
        for state in {before, document.state_id}:
            link_findings(state=state)
    return report


def record_details_change(
    report: models.Report, *, before: Mapping[str, str], by: Actor, reason: str = "", reader: str = ""
) -> models.DetailsChange | None:
    """Add a line to the public history of a report's details, within the transaction that changes them.

    `before` are the details before. A report that was never published, or whose details are the same, has no line.
    """
    after = get_details(report.document)
    changed = [name for name, value in after.items() if before[name] != value]
    if report.published_at is None or not changed:
        return None
    return models.DetailsChange.objects.create(
        report=report,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
        reader=reader,
        by=by,
        role=get_acting_role(by, Claim.PUBLISH_REPORTS, report.document.state_id) if by else "",
        reason=reason,
    )


def publish_report(*, report: models.Report, by: Account, seen: str) -> models.Report:
    """Publish a draft, or a withdrawn report again. `seen` is as in `save_details`."""
    with transaction.atomic():
        report = _lock_report(report, seen)
        if not can_publish(by, report):
            raise PermissionDenied
        if report.status == models.Report.Status.PUBLISHED:
            raise ReportCannotChange
        make_public(report=report, by=by)
    link_findings(state=report.document.state_id)
    return report


def make_public(*, report: models.Report, by: Actor) -> models.Report:
    """Publish a report, for a caller that has checked the permission, and calls `link_findings` afterwards."""
    with transaction.atomic():
        lock_change_number()
        earlier = _withdraw_earlier_versions(report, by)
        _attach_to_catalogue(report)
        report.status = models.Report.Status.PUBLISHED
        report.published_at = report.published_at or timezone.now()
        report.withdrawn_at, report.withdrawal_reason = None, ""
        report.save()
        record(by=by, verb="published", subject=f"report {report.public_id}")
        if earlier:
            replace_versions(report=report, earlier=earlier, by=by)
    return report


REPLACED = "Replaced by the text that its publisher has put online since."  # public, like every reason


def _withdraw_earlier_versions(report: models.Report, by: Actor) -> list[models.Report]:
    """Withdraw and return the published reports of other versions of a harvested document: one text is public."""
    withdrawn: list[models.Report] = []
    for version in report.source_versions.all():
        others = models.SourceVersion.objects.filter(site=version.site, source=version.source)
        published = models.Report.objects.filter(source_versions__in=others).exclude(pk=report.pk).distinct()
        for earlier in published.select_related("document"):
            _withdraw(earlier, by, REPLACED)
            withdrawn.append(earlier)
    return withdrawn


def withdraw_report(*, report: models.Report, by: Account, reason: str) -> models.Report:
    """Withdraw a published report. Its addresses say when and why; its findings are on no other page."""
    with transaction.atomic():
        report = _lock_report(report)
        if not can_publish(by, report):
            raise PermissionDenied
        if report.status != models.Report.Status.PUBLISHED:
            raise ReportCannotChange
        _withdraw(report, by, reason)
    link_findings(state=report.document.state_id)
    return report


def _withdraw(report: models.Report, by: Actor, reason: str) -> None:
    _detach_from_catalogue(report)
    report.status, report.withdrawn_at, report.withdrawal_reason = (
        models.Report.Status.WITHDRAWN,
        timezone.now(),
        reason,
    )
    report.save()
    record(by=by, verb="withdrew", subject=f"report {report.public_id}", reason=reason)


def delete_draft(*, report: models.Report, by: Account) -> None:
    """Delete a draft with its file and page images. A report that was ever public is withdrawn instead."""
    with transaction.atomic():
        report = _lock_report(report)
        if not can_edit(by, report):
            raise PermissionDenied
        if report.status != models.Report.Status.DRAFT:
            raise ReportCannotChange
        content = report.content_hash
        record(by=by, verb="deleted a draft", subject=f"report {report.public_id}", details={"content": content})
        report.document.delete()
        unfinished = models.Upload.objects.exclude(progress__in=models.Upload.FINISHED)
        if not unfinished.filter(content_hash=content).exists():  # else the file is about to be read again
            transaction.on_commit(lambda: storage.remove(storage.storage_name(content)))
        transaction.on_commit(lambda: pictures.delete_images(content))


def _lock_report(report: models.Report, seen: str | None = None) -> models.Report:
    """Return the report as it is now, after locking the change number that all writers wait for (decision 2)."""
    lock_change_number()
    current = models.Report.everything.select_related("document").filter(pk=report.pk).first()
    if current is None or (seen is not None and seen != report_state(current)):
        raise ReportChanged
    return current


# --- The document of a report -----------------------------------------------------------------------------------------


def find_catalogue_document(document: models.Document) -> models.Document | None:
    """Return the catalogue's document with the same state, body and reference, if it has no report yet; else None."""
    if not document.reference or document.state_id is None or document.origin in models.Document.CATALOGUE_ORIGINS:
        return None
    unread = models.Document.objects.filter(state=document.state_id, body=document.body, report__isnull=True)
    catalogue = unread.filter(origin__in=models.Document.CATALOGUE_ORIGINS).exclude(reference="")
    return next((one for one in catalogue if make_slug(one.reference) == make_slug(document.reference)), None)


def _attach_to_catalogue(report: models.Report) -> None:
    """Move a report to the catalogue's document, if there is one; what a person entered about the report wins."""
    own = report.document
    document = find_catalogue_document(own)
    if document is None:
        return
    for name in ("procedure", "title", "language", "published"):
        value = getattr(own, name)
        if value and value != getattr(document, name) and (name in own.edited or not getattr(document, name)):
            setattr(document, name, value)
            document.edited = sorted({*document.edited, name})
    document.save()
    report.document = document
    report.save(update_fields=["document"])
    own.delete()
    copy_details_to_findings(report)


def _detach_from_catalogue(report: models.Report) -> None:
    """Give a report a document of its own with the same details; the catalogue's is as it was without the report."""
    document = report.document
    if document.origin not in models.Document.CATALOGUE_ORIGINS:
        return
    report.document = models.Document.everything.create(
        public_id=stable_id("document", report.content_hash),
        origin=models.Document.Origin.UPLOAD,
        **{name: getattr(document, name) for name in _COPIED},
    )
    report.save(update_fields=["document"])
    restore_catalogue_values(document)


def copy_details_to_findings(report: models.Report) -> None:
    """Write the state, the procedure and the year of a report's document into its findings."""
    document = report.document
    year = document.published[:4]
    report.findings.update(
        state=document.state_id, procedure=document.procedure, year=int(year) if year.isdigit() else None
    )
