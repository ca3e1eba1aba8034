"""Exports of Indico read in, and our programmes given out for it.

The examples are of our own writing, in the structure that exports of Indico 3.3.14 have: names as "Last, First", times
in the zone of the server, who may read a closed thing under `allowed`.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from samsvar.interchange.imported_programme import Doubt, SeveralMeetings, System, UnreadableProgramme
from samsvar.interchange.indico import read_indico
from samsvar.interchange.indico_out import as_indico, as_indico_csv
from samsvar.interchange.text_cleanup import guid_of, said
from samsvar.meetings.meeting import Access, Part
from samsvar.meetings.programme import Appearance, Programme, Room, Session, SessionKind, Track
from tests.factories.programmes import EVERYTHING, programmes

OPEN: dict[str, list[str]] = {"users": [], "groups": []}
CLOSED = {"users": ["somebody@indico.example"], "groups": []}


def moment(day: str, time: str, zone: str = "Europe/Zurich") -> dict[str, str]:
    return {"date": day, "time": time, "tz": zone}


def person(first: str = "Otto", last: str = "Birk", number: int = 12, **more: Any) -> dict[str, Any]:
    return {
        "_type": "ContributionParticipation",
        "_fossil": "contributionParticipationMetadata",
        "first_name": first,
        "last_name": last,
        "fullName": f"{last}, {first}" if first else last,
        "id": "901",
        "db_id": 901,
        "person_id": number,
        "affiliation": "Nord",
        "emailHash": "0cc175b9c0f1b6a831c399e269772661",
        **more,
    }


CONTRIBUTION: dict[str, Any] = {
    "_type": "Contribution",
    "_fossil": "contributionMetadata",
    "id": "501",
    "db_id": 9501,
    "friendly_id": 501,
    "title": "Counting beds",
    "startDate": moment("2031-06-04", "08:00:00"),
    "endDate": moment("2031-06-04", "08:20:00"),
    "duration": 20,
    "roomFullname": "Great hall",
    "room": "GH",
    "note": {},
    "location": "Palace",
    "type": "Oral presentation",
    "description": "How *many* &amp; where: <https://indico.example/beds>, 1 < 2.",
    "folders": [],
    "url": "https://indico.example/event/77/contributions/9501/",
    "material": [],
    "speakers": [person()],
    "primaryauthors": [person("Ana", "Zmeu", 13)],
    "coauthors": [],
    "keywords": ["beds"],
    "track": None,
    "session": "Shelters",
    "references": [],
    "board_number": "",
    "code": "",
}
EVENT: dict[str, Any] = {
    "_type": "Conference",
    "_fossil": "conferenceMetadataWithContribs",
    "id": "77",
    "title": "Shelters that hold",
    "description": "",
    "startDate": moment("2031-06-04", "07:00:00"),
    "timezone": "Europe/Bucharest",
    "endDate": moment("2031-06-05", "17:00:00"),
    "room": "",
    "roomFullname": "",
    "location": "Palace",
    "address": "",
    "type": "conference",
    "references": [],
    "categoryId": 3,
    "category": "Conferences",
    "note": {},
    "url": "https://indico.example/event/77/",
    "creationDate": moment("2030-01-01", "10:00:00.123456"),
    "creator": None,
    "hasAnyProtection": False,
    "roomMapURL": "",
    "folders": [],
    "chairs": [person()],
    "material": [],
    "keywords": [],
    "organizer": "",
    "language": "en_GB",
    "label": None,
    "visibility": {"id": "", "name": "Everywhere"},
    "contributions": [CONTRIBUTION],
}
BLOCK: dict[str, Any] = {
    "_type": "SessionSlot",
    "_fossil": "sessionMetadata",
    "id": 31,
    "conference": {"_type": "Conference", "id": "77"},
    "startDate": moment("2031-06-05", "09:00:00"),
    "endDate": moment("2031-06-05", "10:00:00"),
    "description": "",
    "title": "Shelters: Part I",
    "slotTitle": "Part I",
    "url": "https://indico.example/event/77/sessions/8/",
    "contributions": [CONTRIBUTION],
    "note": {},
    "session": {
        "_type": "Session",
        "_fossil": "sessionMinimal",
        "db_id": 8,
        "id": "1",
        "title": "Shelters",
        "description": "All about **roofs**.",
        "isPoster": False,
        "type": None,
        "code": "",
        "sessionConveners": [],
    },
    "room": "",
    "roomFullname": "",
    "location": "Palace",
    "inheritLoc": True,
    "inheritRoom": True,
    "address": "",
    "conveners": [],
    "code": "",
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
    abstract={"en": "How *many* & where: https://indico.example/beds, 1 < 2."},
    people=(Appearance("12", Part.SPEAKER, "Otto Birk", organisation="Nord"),),
)


def spans(*contributions: dict[str, Any], **more: Any) -> list[tuple[str | None, str | None]]:
    programme = read_indico(file(contributions=list(contributions), **more)).programme
    return [
        (one.starts and one.starts.strftime("%d %H:%M"), one.ends and one.ends.strftime("%d %H:%M"))
        for one in programme.sessions
    ]


def test_a_contribution_becomes_a_session_and_nobodys_address_is_taken() -> None:
    taken = read_indico(file())
    programme = taken.programme
    assert programme.sessions == (BEDS,)
    assert programme.rooms == (Room("great-hall", "Great hall"),)
    assert programme.tracks == (Track("shelters", {"en": "Shelters"}),)
    assert (programme.title, programme.place) == ({"en": "Shelters that hold"}, "Palace")
    assert (taken.left_out, taken.doubts) == (
        (
            ("contribution.keywords", 1),
            ("contribution.primaryauthors", 1),
            ("event.chairs", 1),
            ("person.emailHash", 1),
        ),
        (),
    )
    assert "0cc175b9" not in repr(taken)


def test_somebody_is_called_by_first_and_last_name_or_by_the_one_that_is_there() -> None:
    speakers = [person("Léa", "d'Ostrów", 14), person("", "Мария", 15), {"fullName": "Nord, Ida", "person_id": 16}]
    taken = read_indico(file(contributions=[{**CONTRIBUTION, "speakers": speakers}]))
    assert [(one.person, one.name) for one in taken.programme.sessions[0].people] == [
        ("14", "Léa d'Ostrów"),
        ("15", "Мария"),
        ("16", "Nord, Ida"),
    ]


def test_the_event_lasts_as_long_as_it_does_in_its_own_zone_not_in_that_of_the_server() -> None:
    far = file(
        timezone="America/Los_Angeles",
        startDate=moment("2031-06-04", "09:30:00"),
        endDate=moment("2031-06-06", "08:30:00"),
        contributions=[],
    )
    programme = read_indico(far).programme
    assert (programme.begins, programme.ends) == (date(2031, 6, 4), date(2031, 6, 5))


def test_the_duration_says_which_of_the_hours_is_meant_that_the_clock_shows_twice() -> None:
    def held(number: int, starts: str, ends: str, minutes: int) -> dict[str, Any]:
        day = "2031-10-26"  # at 03:00 the clocks of Zurich go back to 02:00
        more = {"startDate": moment(day, starts), "endDate": moment(day, ends), "duration": minutes}
        return {**CONTRIBUTION, "db_id": number, **more}

    contributions = [
        held(1, "01:30:00", "02:15:00", 45),
        held(2, "02:30:00", "02:00:00", 30),
        held(3, "02:30:00", "03:00:00", 30),
        held(4, "02:45:00", "03:15:00", 90),
    ]
    assert spans(*contributions) == [
        ("25 23:30", "26 00:15"),
        ("26 00:30", "26 01:00"),
        ("26 00:45", "26 02:15"),
        ("26 01:30", "26 02:00"),
    ]
    assert read_indico(file(contributions=contributions)).doubts == ()
    either = read_indico(file(contributions=[held(5, "02:00:00", "02:30:00", 30)]))
    assert either.programme.sessions[0].starts == datetime(2031, 10, 26, 0, 0, tzinfo=UTC)
    assert either.doubts == ((Doubt.HOUR_TWICE, "", 1),)


def test_what_is_longer_than_a_day_ends_when_it_says_and_what_says_no_end_lasts_its_duration() -> None:
    # Indico counts the minutes from nought again after a day
    long = {**CONTRIBUTION, "endDate": moment("2031-06-05", "09:00:00"), "duration": 60}
    assert spans(
        long, {**CONTRIBUTION, "db_id": 2, "endDate": None}, {**CONTRIBUTION, "db_id": 3, "startDate": None}
    ) == [
        ("04 06:00", "05 07:00"),
        ("04 06:00", "04 06:20"),
        (None, None),
    ]


def test_a_time_that_cannot_be_read_is_counted() -> None:
    taken = read_indico(
        file(contributions=[{**CONTRIBUTION, "startDate": moment("2031-06-04", "08:00:00", "Nowhere")}])
    )
    assert taken.programme.sessions[0].starts is None
    assert taken.doubts == ((Doubt.NO_TIME, "", 1),)


def test_a_block_with_contributions_gives_them_its_sessions_title_and_the_rest_of_it_is_counted() -> None:
    inside = {**CONTRIBUTION, "session": None}
    other = {**CONTRIBUTION, "db_id": 9502, "track": "Law", "code": "L-1", "location": "Annex"}
    block = {**BLOCK, "conveners": [person()], "contributions": [inside, other]}
    taken = read_indico(file(contributions=[], sessions=[block, {**block, "id": 32, "contributions": [inside]}]))
    assert taken.programme.sessions[0] == BEDS
    assert taken.programme.sessions[1].track == "law"
    assert [(what, count) for what, count in taken.left_out if what.partition(".")[0] in {"block", "session"}] == [
        ("block.conveners", 2),
        ("block.slotTitle", 2),
        ("session.description", 1),
    ]
    assert {
        ("contribution.code", 1),
        ("contribution.location", 1),
        ("contribution.session", 1),
    } <= set(taken.left_out)


def test_a_block_without_contributions_is_held_itself_with_what_its_session_says() -> None:
    block = {**BLOCK, "contributions": [], "conveners": [person(title="Prof.")]}
    posters = {**block, "id": 32, "session": {**BLOCK["session"], "db_id": 9, "isPoster": True, "type": "Wall"}}
    taken = read_indico(file(contributions=[], sessions=[block, posters]))
    panel, wall = taken.programme.sessions
    assert panel == Session(
        key="indico-77-block-31",
        title={"en": "Shelters: Part I"},
        kind=SessionKind.TALK,
        starts=datetime(2031, 6, 5, 7, 0, tzinfo=UTC),
        ends=datetime(2031, 6, 5, 8, 0, tzinfo=UTC),
        abstract={"en": "All about **roofs**."},
        people=(Appearance("12", Part.CHAIR, "Otto Birk", organisation="Nord"),),
    )
    assert (wall.key, wall.kind) == ("indico-77-block-32", SessionKind.POSTERS)
    assert ("person.title", 2) in taken.left_out


def test_what_only_some_may_read_there_is_read_here_by_those_who_run_the_meeting_alone() -> None:
    contributions = [
        {**CONTRIBUTION, "allowed": OPEN},
        {**CONTRIBUTION, "db_id": 2, "session": "Hush", "allowed": CLOSED},
    ]
    taken = read_indico(file(contributions=contributions))
    assert [one.access for one in taken.programme.sessions] == [Access.PUBLIC, Access.ORGANISERS]
    assert taken.programme.tracks == (Track("shelters", {"en": "Shelters"}),)
    assert ("contribution.session", 1) in taken.left_out
    assert taken.doubts == ((Doubt.PROTECTED, "", 1),)
    assert "somebody@" not in repr(taken)
    in_block = read_indico(file(contributions=[], sessions=[{**BLOCK, "allowed": CLOSED}]))
    whole = read_indico(file(hasAnyProtection=True))
    assert [one.programme.sessions[0].access for one in (in_block, whole)] == [Access.ORGANISERS] * 2


def test_texts_are_in_the_language_of_the_event_or_in_one_that_is_not_said() -> None:
    assert [
        list(read_indico(file(language=language)).programme.sessions[0].title) for language in ("ro_RO", "fr", None)
    ] == [["ro"], ["fr"], ["und"]]


def test_a_lecture_is_one_session_and_its_chairs_speak() -> None:
    taken = read_indico(file(type="simple_event", contributions=[], description="<p>On roofs.</p>"))
    assert taken.programme.sessions == (
        Session(
            key="indico-77-event-77",
            title={"en": "Shelters that hold"},
            kind=SessionKind.TALK,
            starts=datetime(2031, 6, 4, 5, 0, tzinfo=UTC),
            ends=datetime(2031, 6, 5, 15, 0, tzinfo=UTC),
            abstract={"en": "On roofs."},
            people=(Appearance("12", Part.SPEAKER, "Otto Birk", organisation="Nord"),),
        ),
    )
    assert taken.left_out == (("person.emailHash", 1),)


def test_the_timetable_gives_the_breaks_and_counts_what_stands_in_the_other_file() -> None:
    def entry(kind: str, number: int, starts: str, ends: str, **more: Any) -> dict[str, Any]:
        day = "2031-06-04"
        times = {
            "startDate": moment(day, starts, "Europe/Bucharest"),
            "endDate": moment(day, ends, "Europe/Bucharest"),
        }
        return {"id": f"{kind[0].lower()}{number}", "entryType": kind, "title": kind, "room": "Hall", **times, **more}

    inside = {
        "b3": entry("Break", 3, "11:20:00", "11:30:00", duration=10.0),
        "c4": entry("Contribution", 4, "11:00:00", "11:20:00"),
    }
    block = entry("Session", 1, "11:00:00", "12:00:00", entries=inside)
    day = {"s1": block, "b2": entry("Break", 2, "10:00:00", "10:30:00", description="Tea", duration=30.0)}
    taken = read_indico(json.dumps({"results": {"77": {"20310604": day, "20310605": {"s1": block}}}}).encode())
    assert taken.system is System.INDICO_TIMETABLE
    assert [(one.key, one.kind, one.starts, one.abstract) for one in taken.programme.sessions] == [
        ("indico-77-break-2", SessionKind.BREAK, datetime(2031, 6, 4, 7, 0, tzinfo=UTC), {"und": "Tea"}),
        ("indico-77-break-3", SessionKind.BREAK, datetime(2031, 6, 4, 8, 20, tzinfo=UTC), {}),
    ]
    assert taken.programme.zone == "Europe/Bucharest"
    assert (taken.left_out, taken.doubts) == ((("timetable.Contribution", 1), ("timetable.Session", 1)), ())


def test_an_event_without_contributions_says_why_that_may_be() -> None:
    assert read_indico(file(contributions=[])).doubts == ((Doubt.EMPTY, "", 1),)


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
    held = [one for one in programme.sessions if not one.cancelled]
    assert (taken.left_out, taken.doubts) == ((), () if held else ((Doubt.EMPTY, "", 1),))


def test_what_is_given_out_has_the_fields_that_indicos_own_export_has() -> None:
    given = json.loads(as_indico(EVERYTHING))
    (event,) = given["results"]
    known = set(EVENT)
    assert (set(given), set(event), set(event["contributions"][0])) == (
        {"count", "additionalInfo", "ts", "url", "results", "_type"},
        known,
        set(CONTRIBUTION),
    )
    speaker = event["contributions"][0]["speakers"][0]
    assert set(speaker) == set(person())
    assert (speaker["first_name"], speaker["last_name"], speaker["fullName"]) == ("Ana", "Zmeu", "Zmeu, Ana")


def rows(programme: Programme) -> list[list[str]]:
    return list(csv.reader(io.StringIO(as_indico_csv(programme).decode())))


def test_the_table_for_indico_has_seven_columns_a_line_a_session_and_no_address() -> None:
    assert rows(EVERYTHING) == [
        ["2031-06-04T09:30", "60", "Opening & welcome", "Ana", "Zmeu", "Ministry of Sudmar", ""],
        ["2031-06-05T11:00", "75", "Counting beds", "Otto", "Birk", "", ""],
        ["", "", "Not yet placed", "", "", "", ""],
    ]


def test_the_table_has_no_time_where_indico_would_take_the_other_of_two_hours() -> None:
    zone = ZoneInfo("Europe/Bucharest")
    sessions = tuple(
        Session(key=str(fold), title={"en": "A\u2028B\n=C"}, kind=SessionKind.TALK, starts=starts.astimezone(UTC))
        for fold in (0, 1)
        for starts in [datetime(2031, 10, 26, 3, 30, tzinfo=zone, fold=fold)]
    )
    day = date(2031, 10, 26)
    programme = replace(
        EVERYTHING, begins=day, ends=day, sessions=(*sessions, replace(sessions[0], kind=SessionKind.BREAK))
    )
    assert [row[:3] for row in rows(programme)] == [["", "", "A B =C"], ["2031-10-26T03:30", "", "A B =C"]]


@given(programmes())
def test_the_table_is_one_line_for_each_session_whatever_stands_in_it(programme: Programme) -> None:
    lines = as_indico_csv(programme).decode().splitlines()
    held = [one for one in programme.sessions if not one.cancelled and one.kind is not SessionKind.BREAK]
    assert [len(row) for row in csv.reader(lines)] == [7] * len(held)


def test_the_export_of_a_category_is_refused_by_name() -> None:
    with pytest.raises(SeveralMeetings):
        read_indico(json.dumps({"results": [EVENT, EVENT]}).encode())


@pytest.mark.parametrize("results", [[], [{"_type": "Category"}], {}, {"77": {"20310604": {}}}, {"77": [], "78": []}])
def test_an_answer_without_an_event_is_refused_by_name(results: Any) -> None:
    with pytest.raises(UnreadableProgramme):
        read_indico(json.dumps({"count": 0, "results": results}).encode())
