"""The documents of a meeting that a reader may open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from samsvar.meetings.meeting import Access
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User, sees

# --- Documents --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A document as a viewer may know of it; `opens` where it is theirs to read later and not yet."""

    document: models.Document
    opens: datetime | None


def documents(user: User, meeting: models.Meeting, *, now: datetime) -> list[DocumentLine]:
    """The documents that this user may read, and those whose embargo has not ended for them."""
    rows = list(meeting.documents.select_related("session"))
    if not rows:
        return []
    levels = sees(user, meeting) if getattr(user, "is_authenticated", False) else frozenset({Access.PUBLIC})
    return [
        DocumentLine(one, None if _is_open(one, levels, now) else one.embargo_until)
        for one in rows
        if Access(one.access) in levels
    ]


def document(user: User, meeting: models.Meeting, public_id: str, *, now: datetime) -> models.Document | None:
    """One document, where this user may read it now."""
    one = meeting.documents.filter(public_id=public_id).first()
    if one is None:
        return None
    levels = sees(user, meeting)
    return one if Access(one.access) in levels and _is_open(one, levels, now) else None


def _is_open(one: models.Document, levels: Iterable[Access], now: datetime) -> bool:
    """Before its embargo ends a document is for speakers and organisers, whatever its level says."""
    return one.embargo_until is None or one.embargo_until <= now or Access.SPEAKERS in levels
