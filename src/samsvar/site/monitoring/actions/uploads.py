"""Actions that accept uploaded reports, read them in the background, and delete files that are no longer used."""

from __future__ import annotations

import logging
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from samsvar.errors import ReaderCrashed, SamsvarError
from samsvar.ids import hash_content
from samsvar.site.audit.actions import record
from samsvar.site.monitoring import models, storage
from samsvar.site.monitoring.actions.ingest import (
    FileMissing,
    Reader,
    clean_for_storage,
    import_report,
    read_report_within_limits,
    reread_report,
    truncate_to_column,
)
from samsvar.site.monitoring.actions.publishing import require_reason
from samsvar.site.monitoring.permissions import can_edit, can_upload
from samsvar.site.network.access.permissions import Account

MAX_ATTEMPTS = 3  # a file is rejected if its reading was interrupted this many times
MIN_ORPHAN_AGE = timedelta(hours=1)  # a file is stored seconds before its row: safe even on a slow machine
log = logging.getLogger(__name__)


def accept_upload(
    *, content: bytes, filename: str, body: str, state: str | None, published: date | None, by: Account
) -> models.Upload:
    """Store an uploaded file to be read in the background.

    If its report already exists, the upload is done, and keeps what was entered so that its page can offer to apply it.
    """
    if not can_upload(by, state):
        raise PermissionDenied
    hash_ = hash_content(content)
    existing = models.Report.everything.filter(content_hash=hash_).first()
    if existing is None:
        storage.store(content)
    with transaction.atomic():
        upload = models.Upload.objects.create(
            uploaded_by=by,
            content_hash=hash_,
            filename=truncate_to_column(models.Upload, "filename", filename),
            size=len(content),
            body=body,
            state_id=state,
            published=published,
            report=existing,
            progress=models.Upload.Progress.DONE if existing else models.Upload.Progress.WAITING,
        )
        record(by=by, verb="uploaded", subject=f"upload {upload.pk}", details={"content": hash_, "size": len(content)})
    return upload


def accept_rereading(
    *, report: models.Report, body: str, language: str, by: Account, reason: str = ""
) -> models.Upload:
    """Accept that a stored file is read again in the background, as the report of another body or in a language.

    `reason` is as in `publishing.save_details`.
    """
    if not can_edit(by, report):
        raise PermissionDenied
    require_reason(report, reason)
    with transaction.atomic():
        upload = models.Upload.objects.create(
            uploaded_by=by,
            content_hash=report.content_hash,
            filename=report.filename,
            size=report.size,
            body=body,
            state_id=report.document.state_id,
            language=language,
            rereads=True,
            reason=reason,
            report=report,
        )
        details = {"body": body, "language": language}
        subject = f"report {report.public_id}"
        record(by=by, verb="asked to read again", subject=subject, details=details, reason=reason)
    return upload


def process_upload(*, upload: models.Upload, read: Reader = read_report_within_limits) -> models.Upload:
    """Read an uploaded file and store the report, or the reason why it was rejected. Safe to call more than once."""
    unfinished = models.Upload.objects.exclude(progress__in=models.Upload.FINISHED)
    started = unfinished.filter(pk=upload.pk).update(
        progress=models.Upload.Progress.READING, attempts=F("attempts") + 1
    )
    upload.refresh_from_db()
    if not started:
        return upload
    try:
        if upload.attempts > MAX_ATTEMPTS:
            raise ReaderCrashed(
                f"Reading “{upload.filename}” was attempted {MAX_ATTEMPTS} times and interrupted each time."
            )
        if upload.report is not None:
            upload.report = reread_report(
                report=upload.report,
                body=upload.body,
                language=upload.language,
                reason=upload.reason,
                by=upload.uploaded_by,
                read=read,
            )
        else:
            upload.report = _import_upload(upload, read)
        upload.progress = models.Upload.Progress.DONE
    except SamsvarError as error:
        upload.progress = models.Upload.Progress.REFUSED
        upload.refusal = {
            "code": error.code,
            "message": clean_for_storage(error.message),
            "effect": error.effect,
            "advice": error.advice,
        }
    except Exception:
        # A bug in Samsvar, not a fault of the file: the uploader is informed, and the log has the traceback.
        log.exception("upload %s could not be imported", upload.pk)
        upload.progress = models.Upload.Progress.REFUSED
        upload.refusal = {
            "code": "our_mistake",
            "message": "Samsvar failed on this file. The error is ours and has been logged.",
            "effect": "Nothing was saved.",
            "advice": "Tell a site administrator, who can find the error in the log by the number of this upload.",
        }
    upload.save(update_fields=["progress", "report", "refusal"])
    return upload


def _import_upload(upload: models.Upload, read: Reader) -> models.Report:
    content = storage.fetch(upload.content_hash)
    if content is None:
        raise FileMissing(f"The file “{upload.filename}” is missing from storage.")
    return import_report(
        content=content,
        filename=upload.filename,
        body=upload.body,
        state=upload.state_id,
        published=upload.published,
        by=upload.uploaded_by,
        read=read,
    )


def unfinished_uploads() -> list[models.Upload]:
    """Return the uploads that are waiting or were interrupted, so that a worker can resume them when it starts."""
    return list(models.Upload.objects.exclude(progress__in=models.Upload.FINISHED).order_by("at"))


def delete_orphaned_files(*, older_than: timedelta = MIN_ORPHAN_AGE) -> list[str]:
    """Delete stored files that belong to no report and to no upload that waits to be read, and return their names."""
    candidates = storage.list_files_written_before(timezone.now() - older_than)
    referenced = set(models.Report.everything.values_list("content_hash", flat=True))
    referenced |= set(
        models.Upload.objects.exclude(progress__in=models.Upload.FINISHED).values_list("content_hash", flat=True)
    )
    deleted = [name for name in candidates if name.rpartition("/")[2] not in referenced]
    for name in deleted:
        storage.remove(name)
    return deleted
