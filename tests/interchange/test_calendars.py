"""Tests of sessions as iCalendar files, read back by a third-party library."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
from hypothesis import given

from samsvar.interchange.calendars import DueDay, export_due_days, export_ical
from samsvar.interchange.text_cleanup import select_text
from samsvar.meetings.programme import Programme
from tests.factories.programmes import FULL_PROGRAMME, programmes


def events_in(content: bytes) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(content).walk("VEVENT"))  # type: ignore[arg-type]


def as_written(value: Any) -> str:
    """Return the value as written in the file."""
    return str(value.to_ical().decode())


def without_control_characters(text: str) -> str:
    return re.sub("[\x00-\x08\x0b-\x1f\x7f]", "", text)


@given(programmes())
def test_a_calendar_is_read_back_with_the_same_titles_and_times(programme: Programme) -> None:
    read = [
        (str(one["SUMMARY"]), one.decoded("DTSTART").astimezone(UTC))
        for one in events_in(export_ical(programme, programme.sessions))
    ]
    assert read == [
        (without_control_characters(select_text(one.title)), one.starts) for one in programme.sessions if one.starts
    ]


@given(programmes())
def test_no_line_is_longer_than_75_bytes_and_each_ends_in_cr_lf(programme: Programme) -> None:
    content = export_ical(programme)
    lines = content.split(b"\r\n")
    assert lines.pop() == b""
    assert [line for line in lines if len(line) > 75 or b"\n" in line or b"\r" in line] == []
    assert [line.decode() for line in lines]  # no character is split between lines


@given(programmes())
def test_the_included_time_zone_rules_match_the_time_zone(programme: Programme) -> None:
    read = icalendar.Calendar.from_ical(export_ical(programme))
    for rules in read.walk("VTIMEZONE"):
        zone = rules.to_tz(lookup_tzid=False)  # type: ignore[attr-defined]
        theirs = ZoneInfo(programme.zone)
        for day in range(0, 370, 5):
            moment = datetime.combine(programme.begins, datetime.min.time(), UTC) + timedelta(days=day)
            if moment.date() > programme.ends.replace(month=12, day=31):
                break
            local = moment.astimezone(theirs).replace(tzinfo=None)
            assert zone.utcoffset(local) == theirs.utcoffset(local)


def test_an_event_has_the_place_time_and_last_change_of_its_session() -> None:
    at = datetime(2031, 5, 1, 12, 0, tzinfo=UTC)
    first, second, third = events_in(export_ical(FULL_PROGRAMME, name="My schedule", updated_at=at))
    assert {name: as_written(first[name]) for name in sorted(first)} == {
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
    assert as_written(second["CATEGORIES"]) == "Shelters"
    assert str(third["STATUS"]) == "CANCELLED"


def test_a_calendar_can_hold_a_single_session() -> None:
    content = export_ical(FULL_PROGRAMME, FULL_PROGRAMME.sessions[1:2], name="Counting beds")
    assert [str(one["SUMMARY"]) for one in events_in(content)] == ["Counting beds"]
    assert str(icalendar.Calendar.from_ical(content)["X-WR-CALNAME"]) == "Counting beds"


def test_each_event_links_to_its_own_page() -> None:
    links = {"workshop-1": "https://samsvar.example/en/meetings/sudmar-2031/programme/workshop-1/"}
    read = [as_written(one["URL"]) for one in events_in(export_ical(FULL_PROGRAMME, links=links))]
    assert read == [FULL_PROGRAMME.address, links["workshop-1"], FULL_PROGRAMME.address]


def test_a_meeting_without_session_times_is_an_all_day_event_if_its_days_are_known() -> None:
    untimed = replace(FULL_PROGRAMME, sessions=FULL_PROGRAMME.sessions[-1:])
    (one,) = events_in(export_ical(untimed))
    assert {name: as_written(one[name]) for name in ("DTSTART", "DTEND", "SUMMARY", "STATUS", "TRANSP", "URL")} == {
        "DTSTART": "20310604",
        "DTEND": "20310606",
        "SUMMARY": "Shelters that hold",
        "STATUS": "CONFIRMED",
        "TRANSP": "TRANSPARENT",
        "URL": FULL_PROGRAMME.address,
    }
    assert events_in(export_ical(replace(untimed, precision="month"))) == []
    assert str(events_in(export_ical(replace(untimed, cancelled=True)))[0]["STATUS"]) == "CANCELLED"
    assert events_in(export_ical(FULL_PROGRAMME, [])) == []  # a personal calendar without any chosen session


def test_a_session_in_the_year_9999_is_left_out() -> None:
    far = replace(
        FULL_PROGRAMME.sessions[0],
        key="far",
        starts=datetime(9999, 12, 31, 22, tzinfo=UTC),
        ends=datetime(9999, 12, 31, 23, tzinfo=UTC),
    )
    with_it = replace(FULL_PROGRAMME, sessions=(*FULL_PROGRAMME.sessions, far))
    assert export_ical(with_it) == export_ical(FULL_PROGRAMME)


def test_due_days_are_all_day_events_that_mark_no_one_as_busy() -> None:
    days = [
        DueDay("duty/a", date(2026, 6, 1), "Report; second, final", "Source: § 4\nof the text", "https://a.example/"),
        DueDay("duty/b", date(2024, 2, 29), "Proposed", is_tentative=True),
    ]
    content = export_due_days(days, calendar="state/XA", name="Duties", updated_at=datetime(2026, 1, 2, 3, tzinfo=UTC))
    first, second = events_in(content)
    assert (str(first["SUMMARY"]), str(first["DESCRIPTION"]), as_written(first["URL"])) == (
        "Report; second, final", "Source: § 4\nof the text", "https://a.example/",
    )  # fmt: skip
    assert (first.decoded("DTSTART"), first.decoded("DTEND")) == (date(2026, 6, 1), date(2026, 6, 2))
    assert second.decoded("DTEND") == date(2024, 3, 1)
    assert [str(one["STATUS"]) for one in (first, second)] == ["CONFIRMED", "TENTATIVE"]
    assert {str(one["TRANSP"]) for one in (first, second)} == {"TRANSPARENT"}
    assert first["UID"] != second["UID"]


def test_the_same_due_day_has_the_same_uid_in_every_export_of_its_calendar() -> None:
    def uid(calendar: str) -> str:
        due = DueDay("duty/a", date(2026, 6, 1), "Report")
        content = export_due_days([due], calendar=calendar, name="Duties", updated_at=datetime.now(UTC))
        return str(events_in(content)[0]["UID"])

    assert uid("state/XA") == uid("state/XA") != uid("state/XB")
