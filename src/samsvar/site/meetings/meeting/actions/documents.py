"""Actions that add, read and withdraw the documents of a meeting."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from django.db import transaction

from samsvar.meetings.meeting import AccessLevel
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.actions.details import check_is_organiser, record_change
from samsvar.site.network.access.permissions import Account
from samsvar.site.shell.antivirus import scan_for_viruses
from samsvar.site.shell.office_documents import reject_active_content
from samsvar.site.shell.uploads import (
    OFFICE_TYPES,
    Readable,
    check_file_type,
    delete_private_file,
    read_private_file,
    read_with_limit,
    safe_filename,
    store_private_file,
)
from samsvar.site.shell.uploads import FileType as FileKind

MAX_DOCUMENT_BYTES = 20 * 1024 * 1024  # enough for slides with pictures; a report of 300 pages has 4 MB (2026-11)
DOCUMENT_KINDS = (FileKind.PDF, *OFFICE_TYPES, FileKind.TEXT, FileKind.PNG, FileKind.JPEG, FileKind.WEBP)
# Private files are stored by kind and hash. This prefix prevents a file of another model from having the same path.
DOCUMENT_PREFIX = b"samsvar meeting document\n"


def add_document(
    *,
    by: Account,
    meeting: models.Meeting,
    file: Readable,
    filename: str,
    title: Mapping[str, str],
    language: str = "",
    access: str = AccessLevel.PARTICIPANTS,
    embargo_until: datetime | None = None,
    session: models.Session | None = None,
) -> models.MeetingDocument:
    """Add a document, stored privately, after checking its size and type and scanning it for viruses and macros."""
    check_is_organiser(by, meeting)
    content = read_with_limit(file, limit=MAX_DOCUMENT_BYTES)
    kind = check_file_type(content, *DOCUMENT_KINDS)
    scan_for_viruses(content)
    if kind in OFFICE_TYPES:
        reject_active_content(content)
    with transaction.atomic():
        document = models.MeetingDocument.objects.create(
            meeting=meeting, session=session, title=dict(title), language=language, access=access,
            embargo_until=embargo_until, content_hash=store_private_file(DOCUMENT_PREFIX + content),
            filename=safe_filename(filename), format=kind.value, size=len(content), uploaded_by=by,
        )  # fmt: skip
        record_change(by, meeting, "added a document", {"document": document.public_id, "access": access})
    return document


def read_document_content(document: models.MeetingDocument) -> bytes | None:
    """Return the content of a document as it was uploaded, or None if it is missing."""
    content = read_private_file(document.content_hash)
    return None if content is None else content.removeprefix(DOCUMENT_PREFIX)


def withdraw_document(*, by: Account, meeting: models.Meeting, document: models.MeetingDocument) -> None:
    """Delete a document and, unless another document has the same content, its stored content."""
    check_is_organiser(by, meeting)
    with transaction.atomic():
        document.delete()
        record_change(by, meeting, "withdrew a document", {"document": document.public_id})
        transaction.on_commit(partial(delete_document_content, document.content_hash))


def delete_document_content(content_hash: str) -> None:
    """Delete the stored content with this hash, unless a document still uses it."""
    if not models.MeetingDocument.objects.filter(content_hash=content_hash).exists():
        delete_private_file(content_hash)
