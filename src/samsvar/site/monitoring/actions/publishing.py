"""Actions that publish a report and withdraw it (decision 22).

A document of the catalogue has a report only while that report is published. A draft and a withdrawn report have a
document of their own, so that nothing which is not public hangs on a public row.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from samsvar.ids import make_slug
from samsvar.site.audit.actions import record
from samsvar.site.monitoring import models
from samsvar.site.monitoring.actions.reviews import link_findings
from samsvar.site.network.access.permissions import Account

type Actor = Account | None


def make_public(*, report: models.Report, by: Actor) -> models.Report:
    """Publish a report, for a caller that has checked the permission: an action, or a command of the operator."""
    with transaction.atomic():
        # Write first: this locks the change number, which all other writers wait for (decision 2).
        models.Report.everything.filter(pk=report.pk).update(status=models.Report.Status.PUBLISHED)
        report.refresh_from_db()
        _attach_to_catalogue(report)
        report.published_at = report.published_at or timezone.now()
        report.withdrawn_at, report.withdrawal_reason = None, ""
        report.save()
        record(by=by, verb="published", subject=f"report {report.public_id}")
    link_findings(state=report.document.state_id)
    return report


def find_catalogue_document(document: models.Document) -> models.Document | None:
    """Return the catalogue's document with the same state, body and reference, if it has no report yet; else None."""
    if not document.reference or document.state_id is None:
        return None
    unread = models.Document.objects.filter(state=document.state_id, body=document.body, report__isnull=True)
    return next(
        (one for one in unread.exclude(reference="") if make_slug(one.reference) == make_slug(document.reference)), None
    )


# what the catalogue may not know and the file says
_FILLED_FROM_FILE = ("procedure", "title", "language", "published")


def _attach_to_catalogue(report: models.Report) -> None:
    """Move a report to the catalogue's document. What the catalogue says has a source and is kept."""
    own = report.document
    if own.origin in (models.Document.Origin.CATALOGUE, models.Document.Origin.HUDOC):
        return
    document = find_catalogue_document(own)
    if document is None:
        return
    for name in _FILLED_FROM_FILE:
        if not getattr(document, name) and getattr(own, name):
            setattr(document, name, getattr(own, name))
            document.edited = sorted({*document.edited, name})
    document.save()
    report.document = document
    report.save(update_fields=["document"])
    own.delete()
    copy_details_to_findings(report)


def copy_details_to_findings(report: models.Report) -> None:
    """Write the state, the procedure and the year of a report's document into its findings."""
    document = report.document
    year = document.published[:4]
    report.findings.update(
        state=document.state, procedure=document.procedure, year=int(year) if year.isdigit() else None
    )
