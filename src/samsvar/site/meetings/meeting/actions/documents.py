"""Add and remove the documents of a meeting."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from django.db import transaction

from samsvar.meetings.meeting import Access
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.actions.details import _check_runs, _told
from samsvar.site.network.access.permissions import Account
from samsvar.site.shell.antivirus import scan
from samsvar.site.shell.office_documents import refuse_what_runs
from samsvar.site.shell.uploads import (
    OF_OFFICES,
    Readable,
    demand,
    fetch_private,
    read_bounded,
    remove_private,
    safe_name,
    store_private,
)
from samsvar.site.shell.uploads import Kind as FileKind

# --- Documents --------------------------------------------------------------------------------------------------------

DOCUMENT_BYTES = 20 * 1024 * 1024  # slides with pictures; a report of 300 pages has 4 MB (2026-11)
DOCUMENT_KINDS = (FileKind.PDF, *OF_OFFICES, FileKind.TEXT, FileKind.PNG, FileKind.JPEG, FileKind.WEBP)
# Documents lie as their kind and their hash: no other table's private file has the same bytes at the same place.
MARK_OF_A_DOCUMENT = b"samsvar meeting document\n"


def add_document(
    *,
    by: Account,
    meeting: models.Meeting,
    file: Readable,
    filename: str,
    title: Mapping[str, str],
    language: str = "",
    access: str = Access.PARTICIPANTS,
    embargo_until: datetime | None = None,
    session: models.Session | None = None,
) -> models.Document:
    """Take a file in: bounded, known by what it is, scanned, without macros, and kept where no address leads."""
    _check_runs(by, meeting)
    content = read_bounded(file, limit=DOCUMENT_BYTES)
    kind = demand(content, *DOCUMENT_KINDS)
    scan(content)
    if kind in OF_OFFICES:
        refuse_what_runs(content)
    with transaction.atomic():
        row = models.Document.objects.create(
            meeting=meeting,
            session=session,
            title=dict(title),
            language=language,
            access=access,
            embargo_until=embargo_until,
            content_hash=store_private(MARK_OF_A_DOCUMENT + content),
            filename=safe_name(filename),
            format=kind.value,
            size=len(content),
            uploaded_by=by,
        )
        _told(by, meeting, "added a document", {"document": row.public_id, "access": access})
    return row


def content_of(document: models.Document) -> bytes | None:
    """The bytes of a document as they came in; None where they are missing."""
    kept = fetch_private(document.content_hash)
    return None if kept is None else kept.removeprefix(MARK_OF_A_DOCUMENT)


def withdraw_document(*, by: Account, meeting: models.Meeting, document: models.Document) -> None:
    """Take a document back: its row goes, and its bytes once no other row has them."""
    _check_runs(by, meeting)
    with transaction.atomic():
        document.delete()
        _told(by, meeting, "withdrew a document", {"document": document.public_id})
        transaction.on_commit(partial(forget_document, document.content_hash))


def forget_document(content_hash: str) -> None:
    """Delete a document's bytes, unless another row has the same."""
    if not models.Document.objects.filter(content_hash=content_hash).exists():
        remove_private(content_hash)
