"""Sessions as calendars read them, parsed back by a library that is not ours."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
from hypothesis import given

from samsvar.interchange.calendars import calendar
from samsvar.interchange.carried import said
from samsvar.meetings.programme import Programme
from tests.factories.programmes import EVERYTHING, programmes


def events(content: bytes) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(content).walk("VEVENT"))  # type: ignore[arg-type]


def told(value: Any) -> str:
    """As it stands in the file."""
    return str(value.to_ical().decode())


def plain(text: str) -> str:
    return re.sub("[\x00-\x08\x0b-\x1f\x7f]", "", text)


@given(programmes())
def test_every_calendar_is_read_back_with_the_same_titles_at_the_same_moments(programme: Programme) -> None:
    read = [(str(one["SUMMARY"]), one.decoded("DTSTART").astimezone(UTC)) for one in events(calendar(programme))]
    assert read == [(plain(said(one.title)), one.starts) for one in programme.sessions if one.starts]


@given(programmes())
def test_no_line_is_longer_than_75_bytes_and_each_ends_in_cr_lf(programme: Programme) -> None:
    content = calendar(programme)
    lines = content.split(b"\r\n")
    assert lines.pop() == b""
    assert [line for line in lines if len(line) > 75 or b"\n" in line or b"\r" in line] == []
    assert [line.decode() for line in lines]  # each piece is whole letters


@given(programmes())
def test_the_rules_of_the_zone_that_come_along_are_those_of_the_zone(programme: Programme) -> None:
    read = icalendar.Calendar.from_ical(calendar(programme))
    for rules in read.walk("VTIMEZONE"):
        zone = rules.to_tz(lookup_tzid=False)  # type: ignore[attr-defined]
        theirs = ZoneInfo(programme.zone)
        for day in range(0, 370, 5):
            moment = datetime.combine(programme.begins, datetime.min.time(), UTC) + timedelta(days=day)
            if moment.date() > programme.ends.replace(month=12, day=31):
                break
            local = moment.astimezone(theirs).replace(tzinfo=None)
            assert zone.utcoffset(local) == theirs.utcoffset(local)


def test_a_session_says_where_when_and_since_when() -> None:
    at = datetime(2031, 5, 1, 12, 0, tzinfo=UTC)
    first, second, third = events(calendar(EVERYTHING, name="My schedule", at=at))
    assert {name: told(first[name]) for name in sorted(first)} == {
        "DESCRIPTION": "Who we are.\\nWhy we meet.\\n\\nAna Zmeu",
        "DTEND": "20310604T103000",
        "DTSTAMP": "20310501T120000Z",
        "DTSTART": "20310604T093000",
        "LAST-MODIFIED": "20310501T120000Z",
        "LOCATION": "Great hall\\, Palace of the Parliament",
        "SEQUENCE": "3",
        "STATUS": "CONFIRMED",
        "SUMMARY": "Opening & welcome",
        "TRANSP": "OPAQUE",
        "UID": "9f1b2c3d-0000-4000-8000-000000000001@samsvar",
        "URL": "https://samsvar.example/en/meetings/sudmar-2031/",
    }
    assert first["DTSTART"].params["TZID"] == "Europe/Bucharest"
    assert told(second["CATEGORIES"]) == "Shelters"
    assert str(third["STATUS"]) == "CANCELLED"


def test_one_session_alone_is_a_calendar_too() -> None:
    content = calendar(EVERYTHING, EVERYTHING.sessions[1:2], name="Counting beds")
    assert [str(one["SUMMARY"]) for one in events(content)] == ["Counting beds"]
    assert str(icalendar.Calendar.from_ical(content)["X-WR-CALNAME"]) == "Counting beds"
