"""Exports of pretalx read in, and given out again; the examples are of our own writing in its structure."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.interchange.imported_programme import Doubt, System, UnreadableProgramme
from samsvar.interchange.pretalx import as_pretalx, read_pretalx
from samsvar.interchange.programmes import FORMS, read_programme
from samsvar.interchange.schedules import as_json, as_xml
from samsvar.interchange.text_cleanup import guid_of, said
from samsvar.meetings.meeting import Part
from samsvar.meetings.programme import Appearance, Programme, Session, SessionKind
from tests.factories.programmes import EVERYTHING, programmes

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


def told(programme: Programme, meeting: str) -> list[tuple[Any, ...]]:
    """What the format carries of each session."""
    rooms = {room.key: said({"": room.name}) for room in programme.rooms}
    tracks = {track.key: said(track.name) or track.key for track in programme.tracks}
    return sorted(
        (
            str(guid_of(meeting, one.key)),
            said(one.title),
            one.kind.value,
            one.starts,
            one.ends,
            rooms.get(one.room, ""),
            tracks.get(one.track, ""),
            one.languages[:1],
            sorted(name for person in one.people if (name := said({"": person.name}).strip())),
        )
        for one in programme.sessions
        if one.starts and not one.cancelled
    )


@given(programmes(), st.sampled_from([as_pretalx, as_json, as_xml]))
def test_what_is_given_out_is_read_back_the_same(programme: Programme, form: Any) -> None:
    taken = read_programme(form(programme))
    assert told(taken.programme, programme.meeting) == told(programme, programme.meeting)
    assert (taken.programme.begins, taken.programme.zone) == (programme.begins, programme.zone)
    assert taken.doubts == ()


@given(st.binary(max_size=300))
def test_bytes_that_are_no_programme_are_refused_by_name(content: bytes) -> None:
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
def test_json_of_any_shape_is_read_or_refused_by_name(value: Any) -> None:
    for file in ({"schedule": {"conference": value}}, {**WIDGET, "talks": [value]}, {**WIDGET, "rooms": value}):
        with suppress(UnreadableProgramme):
            assert read_programme(json.dumps(file).encode()).programme.sessions is not None


def test_the_data_of_the_widget_is_read_with_people_by_their_code_and_breaks() -> None:
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
        people=(Appearance("ABCDEF", Part.SPEAKER, "Ana Zmeu"),),
    )
    assert (said(lunch.title), lunch.kind, str(lunch.ends)) == ("Lunch", SessionKind.BREAK, "2031-06-04 10:00:00+00:00")
    assert taken.system is System.PRETALX_WIDGET
    assert taken.left_out == (("room.description", 1), ("speaker.avatar", 1))


def test_no_value_made_of_an_address_is_taken() -> None:
    file = json.loads(as_pretalx(EVERYTHING))
    for day in file["schedule"]["conference"]["days"]:
        for events in day["rooms"].values():
            for person in (person for event in events for person in event["persons"]):
                person |= {"guid": "5ca1ab1e-0000-5000-8000-000000000000", "email": "ana@sudmar.example"}
    taken = read_programme(json.dumps(file).encode())
    assert "5ca1ab1e" not in repr(taken.programme)
    assert "sudmar.example" not in repr(taken.programme)
    assert ("person.email", 2) in taken.left_out
    assert taken.system is System.SCHEDULE_JSON  # it says Samsvar made it


def test_an_unknown_type_is_a_talk_and_is_told() -> None:
    file = json.loads(as_json(EVERYTHING))
    file["generator"]["name"] = "pretalx"
    next(iter(file["schedule"]["conference"]["days"][0]["rooms"].values()))[0]["type"] = "Zwiegespräch"
    taken = read_programme(json.dumps(file).encode())
    assert taken.programme.sessions[0].kind is SessionKind.TALK
    assert taken.system is System.PRETALX
    assert taken.doubts == ((Doubt.UNKNOWN_TYPE, "zwiegespräch", 1),)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{}", "it has no schedule, no talks and no results."),
        (b"[]", "it is JSON of another kind."),
        (b"<schedule/>", "it has no schedule with a conference."),
        (b'<!DOCTYPE x [<!ENTITY e "e">]><schedule/>', "it declares a document type or entities."),
        (b"<schedule", "it is broken XML."),
        (b'{"talks": []}', "it says no day."),
        (b"[" * 100_000, "it is no JSON."),
        (
            b'{"talks": [], "event_start": "2001-01-01", "event_end": "9001-01-01"}',
            "it would last from 2001-01-01 to 9001-01-01.",
        ),
    ],
)
def test_what_is_no_programme_says_why(content: bytes, why: str) -> None:
    with pytest.raises(UnreadableProgramme) as refused:
        read_programme(content)
    assert refused.value.why == why


def test_every_form_is_read_back_but_the_calendar_and_the_table() -> None:
    read = {
        name: len(read_programme(form(EVERYTHING)).programme.sessions)
        for name, form in FORMS.items()
        if not name.endswith((".ics", ".csv"))
    }
    assert read == {"schedule.xml": 2, "schedule.json": 2, "pretalx.json": 2, "indico.json": 3}
