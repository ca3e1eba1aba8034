"""Actions that save, move, copy, cancel and remove sessions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import get_language

from samsvar.dates import display_date_range
from samsvar.meetings.meeting import AccessLevel
from samsvar.meetings.programme import SessionKind, is_near_dates
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.actions.details import record_change
from samsvar.site.meetings.meeting.permissions import User, check_can_manage
from samsvar.site.meetings.programme.errors import SessionAlreadyPublished, SessionFarFromMeeting
from samsvar.text import choose_text

State = models.Session.State
COPIED_FIELDS = (
    "meeting", "title", "abstract", "kind", "track", "room", "languages", "interpreted", "access", "places",
)  # fmt: skip


def save_session(
    *,
    by: User,
    meeting: models.Meeting,
    session: models.Session | None = None,
    title: Mapping[str, str],
    abstract: Mapping[str, str] | None = None,
    kind: str = SessionKind.TALK,
    state: str = State.DRAFT,
    starts: datetime | None = None,
    ends: datetime | None = None,
    room: models.Room | None = None,
    track: models.Track | None = None,
    languages: Iterable[str] = (),
    interpreted: Iterable[Mapping[str, str]] = (),
    access: str = AccessLevel.PUBLIC,
    places: int | None = None,
    holds: models.Meeting | None = None,
    articles: Iterable[str] = (),
    findings: Iterable[str] = (),
    practices: Iterable[str] = (),
    source: str = "",
) -> models.Session:
    """Create or update a session in the draft programme."""
    check_can_manage(by, meeting)
    _check_near_meeting(meeting, title, starts, ends)
    with transaction.atomic():
        verb = "added a session" if session is None else "changed a session"
        session = session or models.Session(meeting=meeting)
        session.title, session.abstract = dict(title), dict(abstract or {})
        session.kind, session.state, session.access = kind, state, access
        session.starts, session.ends, session.room, session.track = starts, ends, room, track
        session.languages, session.interpreted = list(languages), [dict(one) for one in interpreted]
        session.places, session.holds, session.source = places, holds, source
        session.save()
        _set_links(session, articles, findings, practices)
        record_change(by, meeting, verb, {"session": session.public_id})
    return session


def move_session(
    *, by: User, session: models.Session, starts: datetime | None, room: models.Room | None, minutes: int | None = None
) -> models.Session:
    """Move a session to another time or room. Its length stays the same unless `minutes` is given."""
    check_can_manage(by, session.meeting)
    with transaction.atomic():
        duration = session.ends - session.starts if session.starts and session.ends else timedelta(minutes=30)
        _check_near_meeting(session.meeting, session.title, starts)
        session.starts = starts
        session.ends = starts + (timedelta(minutes=minutes) if minutes else duration) if starts else None
        session.room = room
        session.save(update_fields=["starts", "ends", "room"])
        record_change(by, session.meeting, "moved a session", {"session": session.public_id})
    return session


def copy_session(*, by: User, session: models.Session) -> models.Session:
    """Copy a session with its texts, links and people, as a draft without a time."""
    check_can_manage(by, session.meeting)
    with transaction.atomic():
        people, links = list(session.appearances.all()), list(session.links.all())
        copied = models.Session.objects.create(**{name: getattr(session, name) for name in COPIED_FIELDS})
        for appearance in people:
            appearance.pk, appearance.session, appearance.told_at = None, copied, None
        models.Appearance.objects.bulk_create(people)
        for link in links:
            link.pk, link.session = None, copied
        models.MeetingLink.objects.bulk_create(links)
        record_change(by, session.meeting, "copied a session", {"session": session.public_id, "copy": copied.public_id})
    return copied


def cancel_session(*, by: User, session: models.Session, reinstate: bool = False) -> models.Session:
    """Cancel a session, or reinstate it if `reinstate` is set. It stays in the programme either way."""
    check_can_manage(by, session.meeting)
    with transaction.atomic():
        session.state = State.READY if reinstate else State.CANCELLED
        session.save(update_fields=["state"])
        verb = "reinstated a session" if reinstate else "cancelled a session"
        record_change(by, session.meeting, verb, {"session": session.public_id})
    return session


def remove_session(*, by: User, session: models.Session) -> None:
    """Delete a session that was never published. Raises `SessionAlreadyPublished` for any other."""
    check_can_manage(by, session.meeting)
    with transaction.atomic():
        for version in session.meeting.versions.all():
            if any(one["key"] == session.public_id for one in version.programme["sessions"]):
                raise SessionAlreadyPublished
        record_change(by, session.meeting, "removed a session", {"session": session.public_id})
        session.delete()


# --- Helpers ----------------------------------------------------------------------------------------------------------


def _check_near_meeting(meeting: models.Meeting, title: Mapping[str, str], *moments: datetime | None) -> None:
    zone = ZoneInfo(meeting.zone)
    if not all(is_near_dates(at, meeting.begins, meeting.ends, zone) for at in moments if at):
        language = get_language() or "en"
        days = display_date_range(meeting.begins, meeting.ends, language, meeting.precision)
        raise SessionFarFromMeeting(choose_text(title, language, meeting.original_language), days)


def _set_links(
    session: models.Session, articles: Iterable[str], findings: Iterable[str], practices: Iterable[str]
) -> None:
    """Set the articles, findings and practices that a session is linked to."""
    kinds = models.MeetingLink.Kind
    keys = {kinds.ARTICLE: articles, kinds.FINDING: findings, kinds.PRACTICE: practices}
    wanted = {(kind, key) for kind, of_kind in keys.items() for key in of_kind}
    existing = {(link.kind, link.key): link for link in session.links.filter(kind__in=list(keys))}
    models.MeetingLink.objects.filter(pk__in=[link.pk for key, link in existing.items() if key not in wanted]).delete()
    models.MeetingLink.objects.bulk_create(
        models.MeetingLink(meeting=session.meeting, session=session, kind=kind, key=key)
        for kind, key in sorted(wanted - existing.keys())
    )
