"""Tests of importing and exporting pretalx schedules; we wrote the examples ourselves in its structure."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.interchange.imported_programme import ImportWarningKind, SourceSystem, UnreadableProgramme
from samsvar.interchange.pretalx import export_pretalx, read_pretalx
from samsvar.interchange.programmes import EXPORT_FORMATS, read_programme
from samsvar.interchange.schedules import export_json, export_xml
from samsvar.interchange.text_cleanup import make_guid, select_text
from samsvar.meetings.meeting import ProgrammeRole
from samsvar.meetings.programme import Appearance, Programme, Session, SessionKind
from tests.factories.programmes import FULL_PROGRAMME, programmes

WIDGET: dict[str, Any] = {
    "version": "0.4",
    "timezone": "Europe/Bucharest",
    "event_start": "2031-06-04",
    "event_end": "2031-06-05",
    "rooms": [{"id": 7, "name": {"en": "Great hall", "ro": "Sala mare"}, "description": {"en": "First floor"}}],
    "tracks": [{"id": 3, "name": {"en": "Shelters"}, "color": "#112233"}],
    "speakers": [{"code": "ABCDEF", "name": "Ana Zmeu", "avatar": "https://pretalx.example/a.png"}],
    "talks": [
        {
            "code": "QWERTZ",
            "id": 41,
            "title": "Counting beds",
            "abstract": "<p>How many.</p><p>And where.</p>",
            "speakers": ["ABCDEF", "GONE00"],
            "track": 3,
            "room": 7,
            "start": "2031-06-04T09:00:00+03:00",
            "end": "2031-06-04T09:45:00+03:00",
            "duration": 45,
            "content_locale": "en",
            "session_type": "Lightning Talk",
            "state": "confirmed",
        },
        {
            "id": 42,
            "title": {"en": "Lunch"},
            "room": 7,
            "start": "2031-06-04T12:00:00+03:00",
            "duration": 60,
            "slot_type": "break",
        },
    ],
}


def written_sessions(programme: Programme, meeting: str) -> list[tuple[Any, ...]]:
    """Return what the format can express of each session."""
    rooms = {room.key: select_text({"": room.name}) for room in programme.rooms}
    tracks = {track.key: select_text(track.name) or track.key for track in programme.tracks}
    return sorted(
        (
            str(make_guid(meeting, one.key)),
            select_text(one.title),
            one.kind.value,
            one.starts,
            one.ends,
            rooms.get(one.room, ""),
            tracks.get(one.track, ""),
            one.languages[:1],
            sorted(name for person in one.people if (name := select_text({"": person.name}).strip())),
        )
        for one in programme.sessions
        if one.starts and not one.cancelled
    )


@given(programmes(), st.sampled_from([export_pretalx, export_json, export_xml]))
def test_an_exported_programme_is_read_back_unchanged(programme: Programme, form: Any) -> None:
    taken = read_programme(form(programme))
    assert written_sessions(taken.programme, programme.meeting) == written_sessions(programme, programme.meeting)
    assert (taken.programme.begins, taken.programme.zone) == (programme.begins, programme.zone)
    assert taken.doubts == ()


@given(st.binary(max_size=300))
def test_bytes_that_are_not_a_programme_are_rejected(content: bytes) -> None:
    with pytest.raises(UnreadableProgramme):
        read_programme(content)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([*WIDGET, *WIDGET["talks"][0], "schedule", "conference"]), inner)
        ),
        max_leaves=20,
    )
)
def test_json_of_any_shape_is_read_or_rejected(value: Any) -> None:
    for file in ({"schedule": {"conference": value}}, {**WIDGET, "talks": [value]}, {**WIDGET, "rooms": value}):
        with suppress(UnreadableProgramme):
            assert read_programme(json.dumps(file).encode()).programme.sessions is not None


def test_widget_data_is_read_with_breaks_and_with_people_by_code() -> None:
    taken = read_pretalx(json.dumps(WIDGET).encode(), title="Shelters that hold")
    first, lunch = taken.programme.sessions
    assert first == Session(
        key="pretalx-QWERTZ",
        title={"en": "Counting beds"},
        kind=SessionKind.TALK,
        starts=first.starts,
        ends=first.ends,
        room="great-hall",
        track="shelters",
        abstract={"en": "How many.\nAnd where."},
        languages=("en",),
        people=(Appearance("ABCDEF", ProgrammeRole.SPEAKER, "Ana Zmeu"),),
    )
    assert (select_text(lunch.title), lunch.kind, str(lunch.ends)) == (
        "Lunch",
        SessionKind.BREAK,
        "2031-06-04 10:00:00+00:00",
    )
    assert taken.system is SourceSystem.PRETALX_WIDGET
    assert taken.left_out == (("room.description", 1), ("speaker.avatar", 1))


def test_no_value_derived_from_an_email_address_is_imported() -> None:
    file = json.loads(export_pretalx(FULL_PROGRAMME))
    for day in file["schedule"]["conference"]["days"]:
        for events in day["rooms"].values():
            for person in (person for event in events for person in event["persons"]):
                person |= {"guid": "5ca1ab1e-0000-5000-8000-000000000000", "email": "ana@sudmar.example"}
    taken = read_programme(json.dumps(file).encode())
    assert "5ca1ab1e" not in repr(taken.programme)
    assert "sudmar.example" not in repr(taken.programme)
    assert ("person.email", 2) in taken.left_out
    assert taken.system is SourceSystem.SCHEDULE_JSON  # its generator field names Samsvar


def test_an_unknown_session_type_becomes_a_talk_and_is_reported() -> None:
    file = json.loads(export_json(FULL_PROGRAMME))
    file["generator"]["name"] = "pretalx"
    next(iter(file["schedule"]["conference"]["days"][0]["rooms"].values()))[0]["type"] = "Zwiegespräch"
    taken = read_programme(json.dumps(file).encode())
    assert taken.programme.sessions[0].kind is SessionKind.TALK
    assert taken.system is SourceSystem.PRETALX
    assert taken.doubts == ((ImportWarningKind.UNKNOWN_TYPE, "zwiegespräch", 1),)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{}", "it has no schedule, no talks and no results."),
        (b"[]", "it is not a JSON object."),
        (b"<schedule/>", "it has no schedule with a conference."),
        (b'<!DOCTYPE x [<!ENTITY e "e">]><schedule/>', "it declares a document type or entities."),
        (b"<schedule", "it is not valid XML."),
        (b'{"talks": []}', "it has no date."),
        (b"[" * 100_000, "it is not JSON."),
        (
            b'{"talks": [], "event_start": "2001-01-01", "event_end": "9001-01-01"}',
            "it would last from 2001-01-01 to 9001-01-01.",
        ),
    ],
)
def test_a_file_that_is_not_a_programme_is_rejected_with_a_reason(content: bytes, why: str) -> None:
    with pytest.raises(UnreadableProgramme) as refused:
        read_programme(content)
    assert refused.value.reason == why


def test_every_format_except_calendar_and_csv_can_be_read_back() -> None:
    read = {
        name: len(read_programme(form(FULL_PROGRAMME)).programme.sessions)
        for name, form in EXPORT_FORMATS.items()
        if not name.endswith((".ics", ".csv"))
    }
    assert read == {"schedule.xml": 2, "schedule.json": 2, "pretalx.json": 2, "indico.json": 3}
