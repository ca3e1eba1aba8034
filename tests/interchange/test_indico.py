"""Tests of importing Indico exports and of exporting our programmes for Indico.

We wrote the examples ourselves in the structure of exports of Indico 3.3.14: names as "Last, First", times in the zone
of the server, and the readers of restricted objects under `allowed`.
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

from samsvar.interchange.imported_programme import ImportWarningKind, SeveralMeetings, SourceSystem, UnreadableProgramme
from samsvar.interchange.indico import read_indico
from samsvar.interchange.indico_export import export_indico, export_indico_csv
from samsvar.interchange.text_cleanup import make_guid, select_text
from samsvar.meetings.meeting import AccessLevel, ProgrammeRole
from samsvar.meetings.programme import Appearance, Programme, Room, Session, SessionKind, Track
from tests.factories.programmes import FULL_PROGRAMME, programmes

OPEN: dict[str, list[str]] = {"users": [], "groups": []}
CLOSED = {"users": ["somebody@indico.example"], "groups": []}


def indico_time(day: str, time: str, zone: str = "Europe/Zurich") -> dict[str, str]:
    return {"date": day, "time": time, "tz": zone}


def indico_person(first: str = "Otto", last: str = "Birk", number: int = 12, **more: Any) -> dict[str, Any]:
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
    "startDate": indico_time("2031-06-04", "08:00:00"),
    "endDate": indico_time("2031-06-04", "08:20:00"),
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
    "speakers": [indico_person()],
    "primaryauthors": [indico_person("Ana", "Zmeu", 13)],
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
    "startDate": indico_time("2031-06-04", "07:00:00"),
    "timezone": "Europe/Bucharest",
    "endDate": indico_time("2031-06-05", "17:00:00"),
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
    "creationDate": indico_time("2030-01-01", "10:00:00.123456"),
    "creator": None,
    "hasAnyProtection": False,
    "roomMapURL": "",
    "folders": [],
    "chairs": [indico_person()],
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
    "startDate": indico_time("2031-06-05", "09:00:00"),
    "endDate": indico_time("2031-06-05", "10:00:00"),
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


def indico_file(**more: Any) -> bytes:
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
    people=(Appearance("12", ProgrammeRole.SPEAKER, "Otto Birk", organisation="Nord"),),
)


def session_times(*contributions: dict[str, Any], **more: Any) -> list[tuple[str | None, str | None]]:
    programme = read_indico(indico_file(contributions=list(contributions), **more)).programme
    return [
        (one.starts and one.starts.strftime("%d %H:%M"), one.ends and one.ends.strftime("%d %H:%M"))
        for one in programme.sessions
    ]


def test_a_contribution_becomes_a_session_without_email_addresses() -> None:
    taken = read_indico(indico_file())
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


def test_a_person_is_named_by_first_and_last_name_or_the_one_available() -> None:
    speakers = [
        indico_person("Léa", "d'Ostrów", 14),
        indico_person("", "Мария", 15),
        {"fullName": "Nord, Ida", "person_id": 16},
    ]
    taken = read_indico(indico_file(contributions=[{**CONTRIBUTION, "speakers": speakers}]))
    assert [(one.person, one.name) for one in taken.programme.sessions[0].people] == [
        ("14", "Léa d'Ostrów"),
        ("15", "Мария"),
        ("16", "Nord, Ida"),
    ]


def test_event_dates_use_the_time_zone_of_the_event_not_of_the_server() -> None:
    far = indico_file(
        timezone="America/Los_Angeles",
        startDate=indico_time("2031-06-04", "09:30:00"),
        endDate=indico_time("2031-06-06", "08:30:00"),
        contributions=[],
    )
    programme = read_indico(far).programme
    assert (programme.begins, programme.ends) == (date(2031, 6, 4), date(2031, 6, 5))


def test_the_duration_resolves_an_hour_that_occurs_twice_when_clocks_go_back() -> None:
    def held(number: int, starts: str, ends: str, minutes: int) -> dict[str, Any]:
        day = "2031-10-26"  # at 03:00 the clocks in Zurich go back to 02:00
        more = {"startDate": indico_time(day, starts), "endDate": indico_time(day, ends), "duration": minutes}
        return {**CONTRIBUTION, "db_id": number, **more}

    contributions = [
        held(1, "01:30:00", "02:15:00", 45),
        held(2, "02:30:00", "02:00:00", 30),
        held(3, "02:30:00", "03:00:00", 30),
        held(4, "02:45:00", "03:15:00", 90),
    ]
    assert session_times(*contributions) == [
        ("25 23:30", "26 00:15"),
        ("26 00:30", "26 01:00"),
        ("26 00:45", "26 02:15"),
        ("26 01:30", "26 02:00"),
    ]
    assert read_indico(indico_file(contributions=contributions)).doubts == ()
    either = read_indico(indico_file(contributions=[held(5, "02:00:00", "02:30:00", 30)]))
    assert either.programme.sessions[0].starts == datetime(2031, 10, 26, 0, 0, tzinfo=UTC)
    assert either.doubts == ((ImportWarningKind.AMBIGUOUS_HOUR, "", 1),)


def test_a_session_over_a_day_uses_its_end_and_one_without_an_end_uses_its_duration() -> None:
    # Indico's duration in minutes starts again from zero after a day
    long = {**CONTRIBUTION, "endDate": indico_time("2031-06-05", "09:00:00"), "duration": 60}
    assert session_times(
        long, {**CONTRIBUTION, "db_id": 2, "endDate": None}, {**CONTRIBUTION, "db_id": 3, "startDate": None}
    ) == [
        ("04 06:00", "05 07:00"),
        ("04 06:00", "04 06:20"),
        (None, None),
    ]


def test_an_unreadable_time_is_reported() -> None:
    taken = read_indico(
        indico_file(contributions=[{**CONTRIBUTION, "startDate": indico_time("2031-06-04", "08:00:00", "Nowhere")}])
    )
    assert taken.programme.sessions[0].starts is None
    assert taken.doubts == ((ImportWarningKind.NO_TIME, "", 1),)


def test_contributions_take_their_track_from_their_block_and_other_fields_are_counted() -> None:
    inside = {**CONTRIBUTION, "session": None}
    other = {**CONTRIBUTION, "db_id": 9502, "track": "Law", "code": "L-1", "location": "Annex"}
    block = {**BLOCK, "conveners": [indico_person()], "contributions": [inside, other]}
    taken = read_indico(indico_file(contributions=[], sessions=[block, {**block, "id": 32, "contributions": [inside]}]))
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


def test_a_block_without_contributions_becomes_a_session() -> None:
    block = {**BLOCK, "contributions": [], "conveners": [indico_person(title="Prof.")]}
    posters = {**block, "id": 32, "session": {**BLOCK["session"], "db_id": 9, "isPoster": True, "type": "Wall"}}
    taken = read_indico(indico_file(contributions=[], sessions=[block, posters]))
    panel, wall = taken.programme.sessions
    assert panel == Session(
        key="indico-77-block-31",
        title={"en": "Shelters: Part I"},
        kind=SessionKind.TALK,
        starts=datetime(2031, 6, 5, 7, 0, tzinfo=UTC),
        ends=datetime(2031, 6, 5, 8, 0, tzinfo=UTC),
        abstract={"en": "All about **roofs**."},
        people=(Appearance("12", ProgrammeRole.CHAIR, "Otto Birk", organisation="Nord"),),
    )
    assert (wall.key, wall.kind) == ("indico-77-block-32", SessionKind.POSTERS)
    assert ("person.title", 2) in taken.left_out


def test_restricted_contributions_are_visible_only_to_organisers() -> None:
    contributions = [
        {**CONTRIBUTION, "allowed": OPEN},
        {**CONTRIBUTION, "db_id": 2, "session": "Hush", "allowed": CLOSED},
    ]
    taken = read_indico(indico_file(contributions=contributions))
    assert [one.access for one in taken.programme.sessions] == [AccessLevel.PUBLIC, AccessLevel.ORGANISERS]
    assert taken.programme.tracks == (Track("shelters", {"en": "Shelters"}),)
    assert ("contribution.session", 1) in taken.left_out
    assert taken.doubts == ((ImportWarningKind.RESTRICTED_SESSION, "", 1),)
    assert "somebody@" not in repr(taken)
    in_block = read_indico(indico_file(contributions=[], sessions=[{**BLOCK, "allowed": CLOSED}]))
    whole = read_indico(indico_file(hasAnyProtection=True))
    assert [one.programme.sessions[0].access for one in (in_block, whole)] == [AccessLevel.ORGANISERS] * 2


def test_texts_have_the_language_of_the_event_or_an_undetermined_one() -> None:
    assert [
        list(read_indico(indico_file(language=language)).programme.sessions[0].title)
        for language in ("ro_RO", "fr", None)
    ] == [["ro"], ["fr"], ["und"]]


def test_a_lecture_is_one_session_with_its_chairs_as_speakers() -> None:
    taken = read_indico(indico_file(type="simple_event", contributions=[], description="<p>On roofs.</p>"))
    assert taken.programme.sessions == (
        Session(
            key="indico-77-event-77",
            title={"en": "Shelters that hold"},
            kind=SessionKind.TALK,
            starts=datetime(2031, 6, 4, 5, 0, tzinfo=UTC),
            ends=datetime(2031, 6, 5, 15, 0, tzinfo=UTC),
            abstract={"en": "On roofs."},
            people=(Appearance("12", ProgrammeRole.SPEAKER, "Otto Birk", organisation="Nord"),),
        ),
    )
    assert taken.left_out == (("person.emailHash", 1),)


def test_the_timetable_provides_breaks_and_counts_entries_of_the_other_export() -> None:
    def entry(kind: str, number: int, starts: str, ends: str, **more: Any) -> dict[str, Any]:
        day = "2031-06-04"
        times = {
            "startDate": indico_time(day, starts, "Europe/Bucharest"),
            "endDate": indico_time(day, ends, "Europe/Bucharest"),
        }
        return {"id": f"{kind[0].lower()}{number}", "entryType": kind, "title": kind, "room": "Hall", **times, **more}

    inside = {
        "b3": entry("Break", 3, "11:20:00", "11:30:00", duration=10.0),
        "c4": entry("Contribution", 4, "11:00:00", "11:20:00"),
    }
    block = entry("Session", 1, "11:00:00", "12:00:00", entries=inside)
    day = {"s1": block, "b2": entry("Break", 2, "10:00:00", "10:30:00", description="Tea", duration=30.0)}
    taken = read_indico(json.dumps({"results": {"77": {"20310604": day, "20310605": {"s1": block}}}}).encode())
    assert taken.system is SourceSystem.INDICO_TIMETABLE
    assert [(one.key, one.kind, one.starts, one.abstract) for one in taken.programme.sessions] == [
        ("indico-77-break-2", SessionKind.BREAK, datetime(2031, 6, 4, 7, 0, tzinfo=UTC), {"und": "Tea"}),
        ("indico-77-break-3", SessionKind.BREAK, datetime(2031, 6, 4, 8, 20, tzinfo=UTC), {}),
    ]
    assert taken.programme.zone == "Europe/Bucharest"
    assert (taken.left_out, taken.doubts) == ((("timetable.Contribution", 1), ("timetable.Session", 1)), ())


def test_an_event_without_contributions_is_reported() -> None:
    assert read_indico(indico_file(contributions=[])).doubts == ((ImportWarningKind.EMPTY, "", 1),)


def written_sessions(programme: Programme, meeting: str) -> list[tuple[Any, ...]]:
    rooms = {room.key: select_text({"": room.name}) for room in programme.rooms}
    tracks = {track.key: select_text(track.name) for track in programme.tracks}
    return sorted(
        (
            str(make_guid(meeting, one.key)),
            select_text(one.title),
            select_text(one.abstract),
            one.kind.value,
            one.starts,
            one.ends,
            rooms.get(one.room, ""),
            tracks.get(one.track, ""),
            sorted(name for person in one.people if (name := select_text({"": person.name}).strip())),
        )
        for one in programme.sessions
        if not one.cancelled
    )


@given(programmes())
def test_an_exported_programme_is_read_back_unchanged(programme: Programme) -> None:
    taken = read_indico(export_indico(programme))
    assert written_sessions(taken.programme, programme.meeting) == written_sessions(programme, programme.meeting)
    held = [one for one in programme.sessions if not one.cancelled]
    assert (taken.left_out, taken.doubts) == ((), () if held else ((ImportWarningKind.EMPTY, "", 1),))


def test_an_export_has_the_same_fields_as_indicos_own() -> None:
    given = json.loads(export_indico(FULL_PROGRAMME))
    (event,) = given["results"]
    known = set(EVENT)
    assert (set(given), set(event), set(event["contributions"][0])) == (
        {"count", "additionalInfo", "ts", "url", "results", "_type"},
        known,
        set(CONTRIBUTION),
    )
    speaker = event["contributions"][0]["speakers"][0]
    assert set(speaker) == set(indico_person())
    assert (speaker["first_name"], speaker["last_name"], speaker["fullName"]) == ("Ana", "Zmeu", "Zmeu, Ana")


def csv_rows(programme: Programme) -> list[list[str]]:
    return list(csv.reader(io.StringIO(export_indico_csv(programme).decode())))


def test_the_csv_has_seven_columns_one_row_per_session_and_no_email_address() -> None:
    assert csv_rows(FULL_PROGRAMME) == [
        ["2031-06-04T09:30", "60", "Opening & welcome", "Ana", "Zmeu", "Ministry of Sudmar", ""],
        ["2031-06-05T11:00", "75", "Counting beds", "Otto", "Birk", "", ""],
        ["", "", "Not yet placed", "", "", "", ""],
    ]


def test_the_csv_leaves_out_a_time_that_indico_would_misread_when_clocks_change() -> None:
    zone = ZoneInfo("Europe/Bucharest")
    sessions = tuple(
        Session(key=str(fold), title={"en": "A\u2028B\n=C"}, kind=SessionKind.TALK, starts=starts.astimezone(UTC))
        for fold in (0, 1)
        for starts in [datetime(2031, 10, 26, 3, 30, tzinfo=zone, fold=fold)]
    )
    day = date(2031, 10, 26)
    programme = replace(
        FULL_PROGRAMME, begins=day, ends=day, sessions=(*sessions, replace(sessions[0], kind=SessionKind.BREAK))
    )
    assert [row[:3] for row in csv_rows(programme)] == [["", "", "A B =C"], ["2031-10-26T03:30", "", "A B =C"]]


@given(programmes())
def test_the_csv_has_one_line_per_session_whatever_its_text(programme: Programme) -> None:
    lines = export_indico_csv(programme).decode().splitlines()
    held = [one for one in programme.sessions if not one.cancelled and one.kind is not SessionKind.BREAK]
    assert [len(row) for row in csv.reader(lines)] == [7] * len(held)


def test_the_export_of_a_category_is_rejected() -> None:
    with pytest.raises(SeveralMeetings):
        read_indico(json.dumps({"results": [EVENT, EVENT]}).encode())


@pytest.mark.parametrize("results", [[], [{"_type": "Category"}], {}, {"77": {"20310604": {}}}, {"77": [], "78": []}])
def test_an_export_without_an_event_is_rejected(results: Any) -> None:
    with pytest.raises(UnreadableProgramme):
        read_indico(json.dumps({"count": 0, "results": results}).encode())
