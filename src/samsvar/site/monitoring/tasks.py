"""Reading in the background: fetch the upload, call the action, report what became of it."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.tasks import task

from samsvar.site.monitoring import actions, models
from samsvar.site.network.access.permissions import Account
from samsvar.site.shell.antivirus import scan


@task()
def read_upload(upload: str) -> str:
    """Read one accepted file in, and say how it ended; called twice it does the work once."""
    waiting = models.Upload.objects.filter(pk=upload).first()
    if waiting is None:  # its uploader was deleted meanwhile
        return "gone"
    return actions.read_in_upload(upload=waiting).progress


def receive(
    *, content: bytes, filename: str, body: str, state: str | None, published: date | None, by: Account
) -> models.Upload:
    """Accept a file and ask for its reading, both in one transaction: a kill leaves both or neither.

    Where the site has a virus scanner it is asked first, before the transaction: on SQLite everybody would wait for it.
    """
    scan(content)
    with transaction.atomic():
        upload = actions.accept_upload(
            content=content, filename=filename, body=body, state=state, published=published, by=by
        )
        if upload.progress == models.Upload.Progress.WAITING:
            read_upload.enqueue(str(upload.pk))
    upload.refresh_from_db()
    return upload


def take_up_unfinished() -> int:
    """At a worker's start: ask again for every reading that waits or was cut off, and sweep up what kills left.

    An upload that another worker is reading at this moment may be asked for twice; the second reading finds the
    report by its content hash and does nothing.
    """
    actions.sweep_files()
    unfinished = actions.unfinished_uploads()
    with transaction.atomic():
        _forget_tasks_of_dead_workers([str(upload.pk) for upload in unfinished])
        for upload in unfinished:
            read_upload.enqueue(str(upload.pk))
    return len(unfinished)


def _forget_tasks_of_dead_workers(uploads: list[str]) -> None:
    """Remove the queue's own lines about these uploads: those that wait would run twice, those that "run" never end."""
    from django_tasks_db.models import DBTaskResult

    lines = DBTaskResult.objects.filter(task_path=read_upload.module_path, status__in=["READY", "RUNNING"])
    stale = [line.pk for line in lines if line.args_kwargs["args"] and line.args_kwargs["args"][0] in uploads]
    DBTaskResult.objects.filter(pk__in=stale).delete()
