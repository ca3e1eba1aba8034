"""Sessions end after they begin, overlap in the middle and not at the edge, and lie on days of the meeting's zone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.meetings.programme import Programme, Session, SessionEndsBeforeItBegins, SessionKind
from tests.factories.programmes import EVERYTHING

NINE = datetime(2026, 9, 15, 9, tzinfo=UTC)


def session(key: str, begins: int = 0, minutes: int = 60) -> Session:
    starts = NINE + timedelta(minutes=begins)
    return Session(key, {"en": key}, SessionKind.TALK, starts, starts + timedelta(minutes=minutes))


@pytest.mark.parametrize("minutes", [0, -5])
def test_no_session_ends_before_it_begins(minutes):
    with pytest.raises(SessionEndsBeforeItBegins):
        session("a", minutes=minutes)


@given(st.integers(0, 300), st.integers(1, 300), st.integers(0, 300), st.integers(1, 300))
def test_two_sessions_overlap_where_they_share_a_minute(first, first_lasts, second, second_lasts):
    shared = set(range(first, first + first_lasts)) & set(range(second, second + second_lasts))
    assert session("a", first, first_lasts).overlaps(session("b", second, second_lasts)) == bool(shared)


def test_what_has_no_time_overlaps_nothing():
    assert not Session("a", {"en": "a"}, SessionKind.TALK).overlaps(session("b"))


def test_a_session_lies_on_its_day_in_the_meetings_zone_and_empty_days_are_there():
    late = session("late", 12 * 60 + 30)  # 21:30 UTC is half past midnight in Bucharest
    days = Programme(
        "m", {"en": "M"}, "Europe/Bucharest", date(2026, 9, 15), date(2026, 9, 17), sessions=(session("a"), late)
    ).days()
    assert {day.isoformat(): [one.key for one in there] for day, there in days.items()} == {
        "2026-09-15": ["a"],
        "2026-09-16": ["late"],
        "2026-09-17": [],
    }


def test_of_a_meeting_whose_day_nobody_knows_there_are_only_the_days_of_its_sessions():
    vague = replace(EVERYTHING, begins=date(2031, 6, 1), ends=date(2031, 6, 30), precision="month")
    assert list(vague.days()) == [date(2031, 6, 4), date(2031, 6, 5)]
    assert list(replace(vague, sessions=()).days()) == []
