"""The programme of the demonstration's conference, from meetings_programme.toml, in three published versions."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from samsvar.ids import stable_id
from samsvar.meetings.meeting import Access
from samsvar.meetings.versions import change_to_json, to_json
from samsvar.network.consent import Ground, Purpose, current_text
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.actions.documents import MARK_OF_A_DOCUMENT
from samsvar.site.meetings.programme.queries import draft as queries
from samsvar.site.meetings.programme.queries import published as queries_published
from samsvar.site.network.models import Basis, Person
from samsvar.site.shell.uploads import store_private

SOURCE = "Invented for the demonstration."
NOTES = ("", "More rooms, posters and a session on budgets", "A session is cancelled; its speaker cannot come")
SLIDES = b"What is counted, and what never is. Slides of an invented talk, for the demonstration.\n"
DAYS_AGO = (30, 12, 3)  # each version was published so many days before the demonstration was filled


def make(meeting: models.Meeting) -> None:
    """Rooms, tracks, sessions and their people, published three times; nothing where there is a session already."""
    if meeting.sessions.exists():
        return
    said = tomllib.loads(files("samsvar.site.demo").joinpath("meetings_programme.toml").read_text(encoding="utf-8"))
    meetings = {one.public_id: one for one in models.Meeting.objects.filter(inside=meeting)}
    with transaction.atomic():
        for order, (key, name, capacity) in enumerate(said["rooms"], start=1):
            models.Room.objects.create(meeting=meeting, key=key, name=name, capacity=capacity, order=order)
        for order, one in enumerate(said["track"], start=1):
            models.Track.objects.create(
                meeting=meeting, key=one["key"], name=one["name"], colour=one["colour"], order=order
            )
        people = {one.public_id: one for one in Person.objects.filter(invented=True)}
        rows = {}
        for one in said["session"]:
            of = meetings.get(one.get("of", ""), meeting)
            if one.get("of") and of is meeting:
                continue
            rows[one["key"]] = _session(of, one, meetings, people)
        for nested in meetings.values():
            if nested.sessions.exists():
                _publish(nested, 1)
        for version in (1, 2, 3):
            for one in said["session"]:
                if one["key"] in rows and not one.get("of"):
                    _stand(rows[one["key"]], one, version, meeting)
            _publish(meeting, version)
        record(
            by=None,
            verb="loaded",
            subject=f"meeting {meeting.public_id}",
            details={"sessions": len(rows), "versions": 3},
            why="demonstration",
        )


def _session(
    meeting: models.Meeting, said: Mapping[str, Any], meetings: Mapping[str, models.Meeting], people: Mapping[str, Any]
) -> models.Session:
    session = models.Session.objects.create(
        public_id=stable_id("demonstration, session", said["key"]),
        meeting=meeting,
        holds=meetings.get(said.get("holds", "")),
        title=said["title"],
        abstract=said.get("abstract", {}),
        kind=said["kind"],
        state=models.Session.State.READY,
        track=meeting.tracks.filter(key=said.get("track", "")).first(),
        languages=said.get("languages", []),
        interpreted=[{"language": language, "channel": channel} for language, channel in said.get("interpreted", ())],
        access=said.get("access", Access.PUBLIC),
        places=said.get("places"),
    )
    session.starts, session.ends = _times(meeting, said, said["at"])
    session.room = meeting.rooms.filter(key=said.get("room", "")).first()
    session.save()
    _people(session, said, people)
    models.Link.objects.bulk_create(
        models.Link(meeting=meeting, session=session, kind=models.Link.Kind.ARTICLE, key=number)
        for number in said.get("articles", ())
    )
    if paper := said.get("paper"):
        _paper(session, paper)
    return session


def _people(session: models.Session, said: Mapping[str, Any], people: Mapping[str, Any]) -> None:
    order = 0
    for named, office, state in said.get("offices", ()):
        order += 1
        session.appearances.create(named=named, office=office, state_id=state, source=SOURCE, order=order)
    for key, part, *language in said.get("people", ()):
        person = people.get(stable_id("demonstration, person", key))
        if person is None:  # was erased since
            continue
        order += 1
        session.appearances.create(
            key=stable_id("demonstration, appearance", key),
            person=person,
            part=part,
            language=language[0] if language else "",
            order=order,
        )
        _agrees(person)
    for state, part in said.get("unnamed", ()):
        order += 1
        session.appearances.create(state_id=state, part=part, order=order)


def _agrees(person: Any) -> None:
    """Who is invited to speak is known to the meeting, and agrees to be named in its programme."""
    now = timezone.now()
    if not person.bases.filter(purpose=Purpose.MEETINGS).exists():
        Basis.objects.create(person=person, purpose=Purpose.MEETINGS, ground=Ground.PUBLIC_TASK, since=now, note=SOURCE)
    text = current_text(Purpose.PROGRAMME)
    if text is not None and not person.bases.filter(purpose=Purpose.PROGRAMME).exists():
        Basis.objects.create(
            person=person,
            purpose=Purpose.PROGRAMME,
            ground=Ground.CONSENT,
            since=now,
            text_version=text.version,
        )


def _paper(session: models.Session, said: Mapping[str, Any]) -> None:
    """Slides that open when the session begins: before, speakers and organisers alone read them."""
    starts = datetime.combine(
        session.meeting.begins + timedelta(days=said["embargo_day"] - 1),
        time.fromisoformat(said["embargo_at"]),
        ZoneInfo(session.meeting.zone),
    )
    models.Document.objects.create(
        public_id=stable_id("demonstration, paper", session.public_id),
        meeting=session.meeting,
        session=session,
        title=said["title"],
        language="en",
        access=Access.PUBLIC,
        embargo_until=starts,
        content_hash=store_private(MARK_OF_A_DOCUMENT + SLIDES),
        filename="what-is-counted.txt",
        format="text",
        size=len(SLIDES),
    )


def _stand(session: models.Session, said: Mapping[str, Any], version: int, meeting: models.Meeting) -> None:
    """The session as that version has it."""
    first = said.get("first", {}) if version == 1 else {}
    session.starts, session.ends = _times(meeting, said, first.get("at", said["at"]))
    session.room = meeting.rooms.filter(key=first.get("room", said.get("room", ""))).first()
    session.state = models.Session.State.READY
    if version < said.get("since", 1):
        session.state = models.Session.State.DRAFT
    elif version == 3 and said.get("cancelled"):
        session.state = models.Session.State.CANCELLED
    session.save()


def _times(meeting: models.Meeting, said: Mapping[str, Any], at: str) -> tuple[datetime, datetime]:
    day = meeting.begins + timedelta(days=said["day"] - 1)
    starts = datetime.combine(day, time.fromisoformat(at), ZoneInfo(meeting.zone))
    return starts, starts + timedelta(minutes=said["minutes"])


def _publish(meeting: models.Meeting, number: int) -> None:
    """The version as it would have been published on its day; nobody gets a letter about a day that is over."""
    rows = queries.to_publish(queries.sessions_of(meeting))
    changes = queries.changes_since(meeting, queries_published.published(meeting), rows)
    keys = queries.keys_of(meeting, rows)
    models.Version.objects.create(
        meeting=meeting,
        number=number,
        note=NOTES[number - 1],
        programme=to_json(queries.as_programme(meeting, rows)),
        people={keys[one.pk]: one.person.public_id for row in rows for one in row.appearances.all() if one.person},
        changes=[change_to_json(change) for change in changes],
        released_at=timezone.now() - timedelta(days=DAYS_AGO[number - 1]),
    )
    meeting.version = number
    meeting.save(update_fields=["version"])
