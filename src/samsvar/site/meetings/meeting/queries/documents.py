"""Queries for the documents of a meeting that the user may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from samsvar.meetings.meeting import AccessLevel
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User, access_levels


@dataclass(frozen=True, slots=True)
class MeetingDocumentRow:
    """A document that the user may see; `embargo_until` is set if they may not read it yet."""

    document: models.MeetingDocument
    embargo_until: datetime | None


def visible_documents(user: User, meeting: models.Meeting, *, now: datetime) -> list[MeetingDocumentRow]:
    """Return the documents that the user may read now, and those that they may read after an embargo."""
    rows = list(meeting.documents.select_related("session"))
    if not rows:
        return []
    levels = access_levels(user, meeting)
    return [
        MeetingDocumentRow(one, None if _is_readable_now(one, levels, now) else one.embargo_until)
        for one in rows
        if AccessLevel(one.access) in levels
    ]


def find_document(
    user: User, meeting: models.Meeting, public_id: str, *, now: datetime
) -> models.MeetingDocument | None:
    """Return a document if this user may read it now; None otherwise."""
    document = meeting.documents.filter(public_id=public_id).first()
    if document is None:
        return None
    levels = access_levels(user, meeting)
    return document if AccessLevel(document.access) in levels and _is_readable_now(document, levels, now) else None


def _is_readable_now(document: models.MeetingDocument, levels: Iterable[AccessLevel], now: datetime) -> bool:
    """Return whether the document can be read now; during an embargo, only speakers and organisers can read it."""
    return document.embargo_until is None or document.embargo_until <= now or AccessLevel.SPEAKERS in levels
