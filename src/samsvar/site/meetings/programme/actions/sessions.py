"""Save, move, copy, cancel and remove sessions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import get_language

from samsvar.dates import shown_span
from samsvar.languages import best
from samsvar.meetings.meeting import Access
from samsvar.meetings.programme import SessionKind, is_around
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User, must_manage
from samsvar.site.meetings.programme.errors import SessionIsFarAway, WasPublished

State = models.Session.State


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
    access: str = Access.PUBLIC,
    places: int | None = None,
    holds: models.Meeting | None = None,
    articles: Iterable[str] = (),
    findings: Iterable[str] = (),
    source: str = "",
) -> models.Session:
    """Write down a new session, or one as it shall be from now on in the programme in work."""
    must_manage(by, meeting)
    _must_be_around(meeting, title, starts, ends)
    with transaction.atomic():
        verb = "added a session" if session is None else "changed a session"
        session = session or models.Session(meeting=meeting)
        session.title, session.abstract = dict(title), dict(abstract or {})
        session.kind, session.state, session.access = kind, state, access
        session.starts, session.ends, session.room, session.track = starts, ends, room, track
        session.languages, session.interpreted = list(languages), [dict(one) for one in interpreted]
        session.places, session.holds, session.source = places, holds, source
        session.save()
        _link(session, articles, findings)
        record(by=by, verb=verb, subject=_of(meeting), details={"session": session.public_id})
    return session


def move_session(
    *,
    by: User,
    session: models.Session,
    starts: datetime | None,
    room: models.Room | None,
    minutes: int | None = None,
) -> models.Session:
    """Hold a session at another time or in another room; it lasts as long as before unless `minutes` says otherwise."""
    must_manage(by, session.meeting)
    with transaction.atomic():
        lasts = session.ends - session.starts if session.starts and session.ends else timedelta(minutes=30)
        _must_be_around(session.meeting, session.title, starts)
        session.starts = starts
        session.ends = starts + (timedelta(minutes=minutes) if minutes else lasts) if starts else None
        session.room = room
        session.save(update_fields=["starts", "ends", "room"])
        record(by=by, verb="moved a session", subject=_of(session.meeting), details={"session": session.public_id})
    return session


def copy_session(*, by: User, session: models.Session) -> models.Session:
    """The same session once more, as a draft without a time: what it is about and who is in it."""
    must_manage(by, session.meeting)
    with transaction.atomic():
        people = list(session.appearances.all())
        links = list(session.links.all())
        copied = models.Session.objects.create(
            meeting=session.meeting,
            title=session.title,
            abstract=session.abstract,
            kind=session.kind,
            track=session.track,
            room=session.room,
            languages=session.languages,
            interpreted=session.interpreted,
            access=session.access,
            places=session.places,
        )
        for one in people:
            one.pk, one.session, one.told_at = None, copied, None
        models.Appearance.objects.bulk_create(people)
        for link in links:
            link.pk, link.session = None, copied
        models.Link.objects.bulk_create(links)
        record(
            by=by,
            verb="copied a session",
            subject=_of(session.meeting),
            details={"session": session.public_id, "copy": copied.public_id},
        )
    return copied


def cancel_session(*, by: User, session: models.Session, held: bool = False) -> models.Session:
    """Say that a session is not held, or with `held` that it is held after all. It stays in the programme."""
    must_manage(by, session.meeting)
    with transaction.atomic():
        session.state = State.READY if held else State.CANCELLED
        session.save(update_fields=["state"])
        verb = "put a session back" if held else "cancelled a session"
        record(by=by, verb=verb, subject=_of(session.meeting), details={"session": session.public_id})
    return session


def remove_session(*, by: User, session: models.Session) -> None:
    """Take away a session that was never published; raises `WasPublished` for one that was."""
    must_manage(by, session.meeting)
    with transaction.atomic():
        for version in session.meeting.versions.all():
            if any(one["key"] == session.public_id for one in version.programme["sessions"]):
                raise WasPublished
        record(by=by, verb="removed a session", subject=_of(session.meeting), details={"session": session.public_id})
        session.delete()


# --- Smaller ----------------------------------------------------------------------------------------------------------


def _must_be_around(meeting: models.Meeting, title: Mapping[str, str], *moments: datetime | None) -> None:
    zone = ZoneInfo(meeting.zone)
    if not all(is_around(at, meeting.begins, meeting.ends, zone) for at in moments if at):
        language = get_language() or "en"
        said = best(title, language, (meeting.languages or [""])[0])[1]
        raise SessionIsFarAway(said, shown_span(meeting.begins, meeting.ends, language, meeting.precision))


def _of(meeting: models.Meeting) -> str:
    return f"meeting {meeting.public_id}"


def _link(session: models.Session, articles: Iterable[str], findings: Iterable[str]) -> None:
    """What a session is about, as it shall be from now on."""
    wanted = {(models.Link.Kind.ARTICLE, key) for key in articles} | {
        (models.Link.Kind.FINDING, key) for key in findings
    }
    have = {(link.kind, link.key): link for link in session.links.filter(kind__in=["article", "finding"])}
    models.Link.objects.filter(pk__in=[link.pk for key, link in have.items() if key not in wanted]).delete()
    models.Link.objects.bulk_create(
        models.Link(meeting=session.meeting, session=session, kind=kind, key=key)
        for kind, key in sorted(wanted - have.keys())
    )
