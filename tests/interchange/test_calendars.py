"""Sessions as calendars read them, parsed back by a library that is not ours."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
from hypothesis import given

from samsvar.interchange.calendars import calendar
from samsvar.interchange.text_cleanup import said
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
    read = [
        (str(one["SUMMARY"]), one.decoded("DTSTART").astimezone(UTC))
        for one in events(calendar(programme, programme.sessions))
    ]
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


def test_each_event_leads_to_its_own_page() -> None:
    links = {"workshop-1": "https://samsvar.example/en/meetings/sudmar-2031/programme/workshop-1/"}
    read = [told(one["URL"]) for one in events(calendar(EVERYTHING, links=links))]
    assert read == [EVERYTHING.address, links["workshop-1"], EVERYTHING.address]


def test_a_meeting_without_times_stands_on_its_days_where_they_are_known() -> None:
    untimed = replace(EVERYTHING, sessions=EVERYTHING.sessions[-1:])
    (one,) = events(calendar(untimed))
    assert {name: told(one[name]) for name in ("DTSTART", "DTEND", "SUMMARY", "STATUS", "TRANSP", "URL")} == {
        "DTSTART": "20310604",
        "DTEND": "20310606",
        "SUMMARY": "Shelters that hold",
        "STATUS": "CONFIRMED",
        "TRANSP": "TRANSPARENT",
        "URL": EVERYTHING.address,
    }
    assert events(calendar(replace(untimed, precision="month"))) == []
    assert str(events(calendar(replace(untimed, cancelled=True)))[0]["STATUS"]) == "CANCELLED"
    assert events(calendar(EVERYTHING, [])) == []  # somebody's own calendar, in which they chose nothing


def test_a_session_of_another_age_makes_no_calendar_of_a_millennium() -> None:
    far = replace(
        EVERYTHING.sessions[0],
        key="far",
        starts=datetime(9999, 12, 31, 22, tzinfo=UTC),
        ends=datetime(9999, 12, 31, 23, tzinfo=UTC),
    )
    with_it = replace(EVERYTHING, sessions=(*EVERYTHING.sessions, far))
    assert calendar(with_it) == calendar(EVERYTHING)
