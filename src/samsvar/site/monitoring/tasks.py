"""Background tasks for reading uploaded reports."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.tasks import task

from samsvar.site.monitoring import models
from samsvar.site.monitoring.actions import uploads
from samsvar.site.network.access.permissions import Account
from samsvar.site.shell.antivirus import scan_for_viruses


@task()
def read_upload(upload_id: str) -> str:
    """Read an uploaded file and return its final progress. Running the task twice does no harm."""
    waiting = models.Upload.objects.filter(pk=upload_id).first()
    if waiting is None:  # its uploader has been deleted
        return "gone"
    return uploads.process_upload(upload=waiting).progress


def accept_and_enqueue_upload(
    *, content: bytes, filename: str, body: str, state: str | None, published: date | None, by: Account
) -> models.Upload:
    """Accept an uploaded file and enqueue its reading in one transaction, so that neither happens without the other.

    If the site has a virus scanner, it runs before the transaction, because on SQLite all other writers would otherwise
    wait for it.
    """
    scan_for_viruses(content)
    with transaction.atomic():
        upload = uploads.accept_upload(
            content=content, filename=filename, body=body, state=state, published=published, by=by
        )
        if upload.progress == models.Upload.Progress.WAITING:
            read_upload.enqueue(str(upload.pk))
    upload.refresh_from_db()
    return upload


def enqueue_rereading(
    *, report: models.Report, body: str, language: str, by: Account, reason: str = ""
) -> models.Upload:
    """Enqueue that a stored file is read again, and return the upload that shows the progress."""
    with transaction.atomic():
        upload = uploads.accept_rereading(report=report, body=body, language=language, by=by, reason=reason)
        read_upload.enqueue(str(upload.pk))
    upload.refresh_from_db()
    return upload


def requeue_unfinished_uploads() -> int:
    """Delete orphaned files and requeue unfinished readings when a worker starts. Return the number of readings.

    An upload that another worker is currently reading may be queued twice. The second task finds the report by its
    content hash and does nothing.
    """
    uploads.delete_orphaned_files()
    unfinished = uploads.unfinished_uploads()
    with transaction.atomic():
        _delete_stale_tasks([str(upload.pk) for upload in unfinished])
        for upload in unfinished:
            read_upload.enqueue(str(upload.pk))
    return len(unfinished)


def _delete_stale_tasks(upload_ids: list[str]) -> None:
    """Delete the queued tasks of these uploads: waiting tasks would run twice, and interrupted tasks never finish."""
    from django_tasks_db.models import DBTaskResult

    tasks = DBTaskResult.objects.filter(task_path=read_upload.module_path, status__in=["READY", "RUNNING"])
    stale = [line.pk for line in tasks if line.args_kwargs["args"] and line.args_kwargs["args"][0] in upload_ids]
    DBTaskResult.objects.filter(pk__in=stale).delete()
