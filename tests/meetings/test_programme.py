"""Sessions end after they begin, may touch without overlapping, and fall on days in the meeting's time zone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.meetings.programme import Programme, Session, SessionEndBeforeStart, SessionKind
from tests.factories.programmes import FULL_PROGRAMME

NINE = datetime(2026, 9, 15, 9, tzinfo=UTC)


def make_session(key: str, begins: int = 0, minutes: int = 60) -> Session:
    starts = NINE + timedelta(minutes=begins)
    return Session(key, {"en": key}, SessionKind.TALK, starts, starts + timedelta(minutes=minutes))


@pytest.mark.parametrize("minutes", [0, -5])
def test_no_session_ends_before_it_begins(minutes):
    with pytest.raises(SessionEndBeforeStart):
        make_session("a", minutes=minutes)


@given(st.integers(0, 300), st.integers(1, 300), st.integers(0, 300), st.integers(1, 300))
def test_two_sessions_overlap_if_they_share_a_minute(first, first_lasts, second, second_lasts):
    shared = set(range(first, first + first_lasts)) & set(range(second, second + second_lasts))
    assert make_session("a", first, first_lasts).overlaps(make_session("b", second, second_lasts)) == bool(shared)


def test_a_session_without_a_time_overlaps_nothing():
    assert not Session("a", {"en": "a"}, SessionKind.TALK).overlaps(make_session("b"))


def test_sessions_are_listed_by_day_in_the_meetings_time_zone_with_empty_days():
    late = make_session("late", 12 * 60 + 30)  # 21:30 UTC is half past midnight in Bucharest
    days = Programme(
        "m", {"en": "M"}, "Europe/Bucharest", date(2026, 9, 15), date(2026, 9, 17), sessions=(make_session("a"), late)
    ).sessions_by_day()
    assert {day.isoformat(): [one.key for one in there] for day, there in days.items()} == {
        "2026-09-15": ["a"],
        "2026-09-16": ["late"],
        "2026-09-17": [],
    }


def test_a_meeting_without_exact_dates_has_only_the_days_of_its_sessions():
    vague = replace(FULL_PROGRAMME, begins=date(2031, 6, 1), ends=date(2031, 6, 30), precision="month")
    assert list(vague.sessions_by_day()) == [date(2031, 6, 4), date(2031, 6, 5)]
    assert list(replace(vague, sessions=()).sessions_by_day()) == []
