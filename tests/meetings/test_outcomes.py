"""When somebody is asked how it goes with a commitment, and how it stands with all of them."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from samsvar.dates import partial_date
from samsvar.meetings.outcomes import (
    HALF_YEAR,
    LATEST_FOLLOW_UP,
    Keeping,
    half_years_after,
    how_kept,
    is_overdue,
    next_follow_up,
)

DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))


def test_the_first_question_comes_half_a_year_after_the_meeting():
    assert next_follow_up(date(2019, 6, 6), Keeping.PROMISED, date(2019, 6, 6)) == date(2019, 12, 6)


def test_the_day_of_a_question_is_the_months_last_where_it_has_no_such_day():
    assert half_years_after(date(2019, 8, 31), 1) == date(2020, 2, 29)
    assert half_years_after(date(2019, 8, 31), 2) == date(2020, 8, 31)


def test_nobody_is_asked_about_what_is_over():
    asked = {one: next_follow_up(date(2019, 6, 6), one, date(2019, 7, 1)) for one in Keeping}
    assert {one for one, day in asked.items() if day} == {Keeping.PROMISED, Keeping.UNDER_WAY}


def test_who_says_nothing_for_five_years_is_asked_no_more():
    last = half_years_after(date(2019, 6, 6), LATEST_FOLLOW_UP)
    assert last == date(2024, 6, 6)
    assert next_follow_up(date(2019, 6, 6), Keeping.UNDER_WAY, last - timedelta(days=1)) == last
    assert next_follow_up(date(2019, 6, 6), Keeping.UNDER_WAY, last) is None


def test_a_commitment_for_a_month_is_overdue_only_when_the_month_is_over():
    due = partial_date("2020-02")
    assert not is_overdue(due, Keeping.PROMISED, date(2020, 2, 29))
    assert is_overdue(due, Keeping.PROMISED, date(2020, 3, 1))
    assert not is_overdue(due, Keeping.KEPT, date(2020, 3, 1))
    assert not is_overdue(None, Keeping.PROMISED, date(2090, 1, 1))


def test_every_standing_is_counted_also_where_there_is_none():
    kept = how_kept(
        [(Keeping.KEPT, partial_date("2019")), (Keeping.PROMISED, partial_date("2019")), (Keeping.KEPT, None)],
        date(2020, 1, 1),
    )
    assert kept.counts == {
        Keeping.PROMISED: 1,
        Keeping.UNDER_WAY: 0,
        Keeping.KEPT: 2,
        Keeping.PARTLY_KEPT: 0,
        Keeping.NOT_KEPT: 0,
        Keeping.GIVEN_UP: 0,
    }
    assert (kept.total, kept.overdue) == (3, 1)


@given(DAYS, DAYS)
def test_the_next_question_lies_after_today_and_at_most_half_a_year_after_both(ends, day):
    asked = next_follow_up(ends, Keeping.PROMISED, day)
    if asked is None:
        assert day >= half_years_after(ends, LATEST_FOLLOW_UP)
    else:
        assert asked > day
        assert asked > ends
        assert asked <= max(half_years_after(ends, 1), half_years_after(day, 1))
        assert (asked.year * 12 + asked.month - ends.year * 12 - ends.month) % HALF_YEAR == 0
