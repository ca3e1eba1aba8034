"""Exports of Indico read in, and given out again; the example is of our own writing in its structure."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from samsvar.interchange.carried import guid_of, said
from samsvar.interchange.indico import as_indico, read_indico
from samsvar.interchange.taken import SeveralMeetings, UnreadableProgramme
from samsvar.meetings.meeting import Part
from samsvar.meetings.programme import Appearance, Programme, Room, Session, SessionKind, Track
from tests.factories.programmes import programmes


def moment(day: str, time: str) -> dict[str, str]:
    return {"date": day, "time": time, "tz": "Europe/Bucharest"}


def person(**more: Any) -> dict[str, Any]:
    given = {"_type": "ContributionParticipation", "fullName": "Otto Birk", "person_id": 12, "affiliation": "Nord"}
    return {**given, "emailHash": "0cc175b9c0f1b6a831c399e269772661", **more}


CONTRIBUTION = {
    "_type": "Contribution",
    "id": "501",
    "db_id": 9501,
    "title": "Counting beds",
    "startDate": moment("2031-06-04", "09:00:00"),
    "endDate": moment("2031-06-04", "09:20:00"),
    "duration": 20,
    "roomFullname": "Great hall",
    "room": "GH",
    "type": "Oral presentation",
    "description": "<p>How many &amp; where.</p>",
    "speakers": [person()],
    "primaryauthors": [person(fullName="Ana Zmeu", person_id=13)],
    "track": None,
    "session": "Shelters",
    "keywords": ["beds"],
}
EVENT: dict[str, Any] = {
    "_type": "Conference",
    "id": "77",
    "title": "Shelters that hold",
    "startDate": moment("2031-06-04", "08:00:00"),
    "endDate": moment("2031-06-05", "18:00:00"),
    "timezone": "Europe/Bucharest",
    "location": "Palace",
    "url": "https://indico.example/event/77/",
    "chairs": [person()],
    "contributions": [CONTRIBUTION],
}


def file(**more: Any) -> bytes:
    return json.dumps({"count": 1, "results": [{**EVENT, **more}]}).encode()


BEDS = Session(
    key="indico-77-contribution-9501",
    title={"en": "Counting beds"},
    kind=SessionKind.TALK,
    starts=datetime(2031, 6, 4, 6, 0, tzinfo=UTC),
    ends=datetime(2031, 6, 4, 6, 20, tzinfo=UTC),
    room="great-hall",
    track="shelters",
    abstract={"en": "How many & where."},
    people=(Appearance("12", Part.SPEAKER, "Otto Birk", organisation="Nord"),),
)


def test_a_contribution_becomes_a_session_and_nobodys_address_is_taken() -> None:
    taken = read_indico(file())
    programme = taken.programme
    assert programme.sessions == (BEDS,)
    assert programme.rooms == (Room("great-hall", "Great hall"),)
    assert programme.tracks == (Track("shelters", {"en": "Shelters"}),)
    assert (programme.title, programme.place) == ({"en": "Shelters that hold"}, "Palace")
    assert taken.left_out == (
        ("contribution.keywords", 1),
        ("contribution.primaryauthors", 1),
        ("event.chairs", 1),
        ("person.emailHash", 1),
    )
    assert "0cc175b9" not in repr(taken)


def test_a_block_with_contributions_gives_them_its_title_and_one_without_is_held_itself() -> None:
    block = {
        "_type": "SessionSlot",
        "id": 31,
        "title": "Shelters",
        "startDate": moment("2031-06-05", "10:00:00"),
        "endDate": moment("2031-06-05", "11:00:00"),
        "session": {"title": "Shelters", "isPoster": False},
        "conveners": [person()],
        "contributions": [{**CONTRIBUTION, "session": None}],
    }
    posters = {**block, "id": 32, "title": "Wall of papers", "session": {"isPoster": True}, "contributions": []}
    taken = read_indico(file(contributions=[], sessions=[block, posters]))
    beds, wall = taken.programme.sessions
    assert beds == BEDS
    assert (wall.key, wall.kind, [one.part for one in wall.people]) == (
        "indico-77-block-32",
        SessionKind.POSTERS,
        [Part.CHAIR],
    )
    assert ("session.conveners", 1) in taken.left_out


def told(programme: Programme, meeting: str) -> list[tuple[Any, ...]]:
    rooms = {room.key: said({"": room.name}) for room in programme.rooms}
    tracks = {track.key: said(track.name) for track in programme.tracks}
    return sorted(
        (
            str(guid_of(meeting, one.key)),
            said(one.title),
            said(one.abstract),
            one.kind.value,
            one.starts,
            one.ends,
            rooms.get(one.room, ""),
            tracks.get(one.track, ""),
            sorted(name for person in one.people if (name := said({"": person.name}).strip())),
        )
        for one in programme.sessions
        if not one.cancelled
    )


@given(programmes())
def test_what_is_given_out_is_read_back_the_same(programme: Programme) -> None:
    taken = read_indico(as_indico(programme))
    assert told(taken.programme, programme.meeting) == told(programme, programme.meeting)
    assert (taken.left_out, taken.doubts) == ((), ())


def test_the_export_of_a_category_is_refused_by_name() -> None:
    with pytest.raises(SeveralMeetings):
        read_indico(json.dumps({"results": [EVENT, EVENT]}).encode())


def test_an_answer_without_events_is_refused_by_name() -> None:
    with pytest.raises(UnreadableProgramme):
        read_indico(b'{"count": 0, "results": []}')
