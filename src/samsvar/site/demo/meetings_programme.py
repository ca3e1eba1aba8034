"""The programme of the demo conference, from meetings_programme.toml, published in three versions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from samsvar.ids import stable_id
from samsvar.meetings.meeting import AccessLevel
from samsvar.meetings.versions import change_to_json, programme_to_json
from samsvar.network.consent import LegalBasis, Purpose, current_consent_text
from samsvar.site.demo.helpers import (
    SOURCE,
    ensure_meetings_basis,
    load_demo_file,
    local_datetime,
    record_demo_data,
)
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.actions.documents import DOCUMENT_PREFIX
from samsvar.site.meetings.programme.queries import draft as queries
from samsvar.site.meetings.programme.queries import published as queries_published
from samsvar.site.network.models import Basis, Person
from samsvar.site.shell.uploads import store_private_file

NOTES = ("", "More rooms, posters and a session on budgets", "A session is cancelled; its speaker cannot come")
SLIDES = b"What is counted, and what never is. Slides of a fictional talk, for the demonstration.\n"
DAYS_AGO = (30, 12, 3)  # how many days before the demo data were created each version was published


def make_demo_data(meeting: models.Meeting) -> None:
    """Create rooms, tracks and sessions with speakers and publish them three times, unless sessions already exist."""
    if meeting.sessions.exists():
        return
    data = load_demo_file("meetings_programme.toml")
    meetings = {entry.public_id: entry for entry in models.Meeting.objects.filter(inside=meeting)}
    with transaction.atomic():
        for order, (key, name, capacity) in enumerate(data["rooms"], start=1):
            models.Room.objects.create(meeting=meeting, key=key, name=name, capacity=capacity, order=order)
        for order, entry in enumerate(data["track"], start=1):
            models.Track.objects.create(
                meeting=meeting, key=entry["key"], name=entry["name"], colour=entry["colour"], order=order
            )
        people = {entry.public_id: entry for entry in Person.objects.filter(fictional=True)}
        sessions = {}
        for entry in data["session"]:
            session_meeting = meetings.get(entry.get("of", ""), meeting)
            if entry.get("of") and session_meeting is meeting:
                continue
            sessions[entry["key"]] = _create_session(session_meeting, entry, meetings, people)
        for nested in meetings.values():
            if nested.sessions.exists():
                _publish_version(nested, 1)
        for version in (1, 2, 3):
            for entry in data["session"]:
                if entry["key"] in sessions and not entry.get("of"):
                    _apply_version(sessions[entry["key"]], entry, version, meeting)
            _publish_version(meeting, version)
        record_demo_data(f"meeting {meeting.public_id}", sessions=len(sessions), versions=3)


def _create_session(
    meeting: models.Meeting, data: Mapping[str, Any], meetings: Mapping[str, models.Meeting], people: Mapping[str, Any]
) -> models.Session:
    session = models.Session.objects.create(
        public_id=stable_id("demonstration, session", data["key"]),
        meeting=meeting,
        holds=meetings.get(data.get("holds", "")),
        title=data["title"],
        abstract=data.get("abstract", {}),
        kind=data["kind"],
        state=models.Session.State.READY,
        track=meeting.tracks.filter(key=data.get("track", "")).first(),
        languages=data.get("languages", []),
        interpreted=[{"language": language, "channel": channel} for language, channel in data.get("interpreted", ())],
        access=data.get("access", AccessLevel.PUBLIC),
        places=data.get("places"),
    )
    session.starts, session.ends = _session_times(meeting, data, data["at"])
    session.room = meeting.rooms.filter(key=data.get("room", "")).first()
    session.save()
    _add_appearances(session, data, people)
    models.MeetingLink.objects.bulk_create(
        models.MeetingLink(meeting=meeting, session=session, kind=models.MeetingLink.Kind.ARTICLE, key=number)
        for number in data.get("articles", ())
    )
    if document := data.get("paper"):
        _create_document(session, document)
    return session


def _add_appearances(session: models.Session, data: Mapping[str, Any], people: Mapping[str, Any]) -> None:
    order = 0
    for office_holder, office, state in data.get("offices", ()):
        order += 1
        session.appearances.create(named=office_holder, office=office, state_id=state, source=SOURCE, order=order)
    for key, part, *language in data.get("people", ()):
        person = people.get(stable_id("demonstration, person", key))
        if person is None:  # their data have been erased since
            continue
        order += 1
        session.appearances.create(
            key=stable_id("demonstration, appearance", key),
            person=person,
            part=part,
            language=language[0] if language else "",
            order=order,
        )
        _add_consent(person)
    for state, part in data.get("unnamed", ()):
        order += 1
        session.appearances.create(state_id=state, part=part, order=order)


def _add_consent(person: Any) -> None:
    """Record a speaker's legal basis for meetings and their consent to being named in the programme."""
    ensure_meetings_basis(person)
    text = current_consent_text(Purpose.PROGRAMME)
    if text is not None and not person.bases.filter(purpose=Purpose.PROGRAMME).exists():
        Basis.objects.create(
            person=person, purpose=Purpose.PROGRAMME, ground=LegalBasis.CONSENT, since=timezone.now(),
            text_version=text.version,
        )  # fmt: skip


def _create_document(session: models.Session, data: Mapping[str, Any]) -> None:
    """Create slides that only speakers and organisers can read until the embargo ends at the start of the session."""
    day = session.meeting.begins + timedelta(days=data["embargo_day"] - 1)
    models.MeetingDocument.objects.create(
        public_id=stable_id("demonstration, paper", session.public_id),
        meeting=session.meeting,
        session=session,
        title=data["title"],
        language="en",
        access=AccessLevel.PUBLIC,
        embargo_until=local_datetime(day, session.meeting, data["embargo_at"]),
        content_hash=store_private_file(DOCUMENT_PREFIX + SLIDES),
        filename="what-is-counted.txt",
        format="text",
        size=len(SLIDES),
    )


def _apply_version(session: models.Session, data: Mapping[str, Any], version: int, meeting: models.Meeting) -> None:
    """Change the session to what it was in this version of the programme."""
    overrides = data.get("first", {}) if version == 1 else {}
    session.starts, session.ends = _session_times(meeting, data, overrides.get("at", data["at"]))
    session.room = meeting.rooms.filter(key=overrides.get("room", data.get("room", ""))).first()
    session.state = models.Session.State.READY
    if version < data.get("since", 1):
        session.state = models.Session.State.DRAFT
    elif version == 3 and data.get("cancelled"):
        session.state = models.Session.State.CANCELLED
    session.save()


def _session_times(meeting: models.Meeting, data: Mapping[str, Any], at: str) -> tuple[datetime, datetime]:
    day = meeting.begins + timedelta(days=data["day"] - 1)
    starts = local_datetime(day, meeting, at)
    return starts, starts + timedelta(minutes=data["minutes"])


def _publish_version(meeting: models.Meeting, number: int) -> None:
    """Publish a version dated in the past, without sending emails about it."""
    sessions = queries.publishable_sessions(queries.draft_sessions(meeting))
    changes = queries.unpublished_changes(meeting, queries_published.published_version(meeting), sessions)
    keys = queries.appearance_keys(meeting, sessions)
    models.Version.objects.create(
        meeting=meeting,
        number=number,
        note=NOTES[number - 1],
        programme=programme_to_json(queries.build_programme(meeting, sessions)),
        people={keys[one.pk]: one.person.public_id for row in sessions for one in row.appearances.all() if one.person},
        changes=[change_to_json(change) for change in changes],
        released_at=timezone.now() - timedelta(days=DAYS_AGO[number - 1]),
    )
    meeting.version = number
    meeting.save(update_fields=["version"])
