"""Follow-up dates for commitments, and counts of their progress."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from samsvar.dates import parse_partial_date
from samsvar.meetings.outcomes import (
    FOLLOW_UP_MONTHS,
    MAX_FOLLOW_UPS,
    CommitmentProgress,
    add_half_years,
    is_overdue,
    next_follow_up,
    summarise_commitments,
)

DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))


def test_the_first_follow_up_is_half_a_year_after_the_meeting():
    assert next_follow_up(date(2019, 6, 6), CommitmentProgress.NOT_REPORTED, date(2019, 6, 6)) == date(2019, 12, 6)


def test_a_follow_up_falls_on_the_last_day_of_a_shorter_month():
    assert add_half_years(date(2019, 8, 31), 1) == date(2020, 2, 29)
    assert add_half_years(date(2019, 8, 31), 2) == date(2020, 8, 31)


def test_only_open_commitments_are_followed_up():
    asked = {one: next_follow_up(date(2019, 6, 6), one, date(2019, 7, 1)) for one in CommitmentProgress}
    assert {one for one, day in asked.items() if day} == {CommitmentProgress.NOT_REPORTED, CommitmentProgress.UNDER_WAY}


def test_follow_ups_end_after_five_years():
    last = add_half_years(date(2019, 6, 6), MAX_FOLLOW_UPS)
    assert last == date(2024, 6, 6)
    assert next_follow_up(date(2019, 6, 6), CommitmentProgress.UNDER_WAY, last - timedelta(days=1)) == last
    assert next_follow_up(date(2019, 6, 6), CommitmentProgress.UNDER_WAY, last) is None


def test_a_commitment_due_in_a_month_is_overdue_only_after_that_month():
    due = parse_partial_date("2020-02")
    assert not is_overdue(due, CommitmentProgress.NOT_REPORTED, date(2020, 2, 29))
    assert is_overdue(due, CommitmentProgress.NOT_REPORTED, date(2020, 3, 1))
    assert not is_overdue(due, CommitmentProgress.KEPT, date(2020, 3, 1))
    assert not is_overdue(None, CommitmentProgress.NOT_REPORTED, date(2090, 1, 1))


def test_every_status_is_counted_even_if_its_count_is_zero():
    kept = summarise_commitments(
        [
            (CommitmentProgress.KEPT, parse_partial_date("2019")),
            (CommitmentProgress.NOT_REPORTED, parse_partial_date("2019")),
            (CommitmentProgress.KEPT, None),
        ],
        date(2020, 1, 1),
    )
    assert kept.counts == {
        CommitmentProgress.NOT_REPORTED: 1,
        CommitmentProgress.UNDER_WAY: 0,
        CommitmentProgress.KEPT: 2,
        CommitmentProgress.PARTLY_KEPT: 0,
        CommitmentProgress.NOT_KEPT: 0,
        CommitmentProgress.RELEASED: 0,
    }
    assert (kept.total, kept.overdue) == (3, 1)


@given(DAYS, DAYS)
def test_the_next_follow_up_is_after_today_and_within_half_a_year_of_the_later_date(ends, day):
    asked = next_follow_up(ends, CommitmentProgress.NOT_REPORTED, day)
    if asked is None:
        assert day >= add_half_years(ends, MAX_FOLLOW_UPS)
    else:
        assert asked > day
        assert asked > ends
        assert asked <= max(add_half_years(ends, 1), add_half_years(day, 1))
        assert (asked.year * 12 + asked.month - ends.year * 12 - ends.month) % FOLLOW_UP_MONTHS == 0
