"""Dates that are only as precise as their source, and periods of months and years as treaties count them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samsvar.dates import (
    PartialDate,
    UnreadableDate,
    add_months,
    add_years,
    display_date,
    display_date_range,
    first_of_month_after,
    parse_day,
    parse_partial_date,
)

DAYS = st.dates(date(1900, 1, 1), date(2200, 1, 1))


@given(DAYS)
def test_a_date_is_the_same_after_a_round_trip_at_every_precision(one: date) -> None:
    for known in (PartialDate(one.year), PartialDate(one.year, one.month), PartialDate(one.year, one.month, one.day)):
        assert parse_partial_date(str(known)) == known
        assert known.earliest <= one <= known.latest


@pytest.mark.parametrize("written", ["2019-13", "2019-02-30", "4 June 2019", "2019-6-4", "0000", "20190604"])
def test_text_that_is_not_a_date_is_refused(written: str) -> None:
    with pytest.raises(UnreadableDate) as refused:
        parse_partial_date(written)
    assert refused.value.text == written


@pytest.mark.parametrize("written", ["", "2019", "2019-06", "today"])
def test_a_day_must_be_a_complete_date(written: str) -> None:
    with pytest.raises(UnreadableDate):
        parse_day(written)


def test_an_empty_date_is_none() -> None:
    assert parse_partial_date("") is None


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2014, 4, 22), date(2014, 8, 1)),  # the tenth ratification and the Convention's own entry into force
        (date(2013, 11, 30), date(2014, 3, 1)),
        (date(2014, 4, 1), date(2014, 8, 1)),  # three months end on 1 July, and the following month is August
        (date(2021, 9, 30), date(2022, 1, 1)),
    ],
)
def test_three_months_lead_to_the_first_day_of_the_following_month(start: date, end: date) -> None:
    assert first_of_month_after(start, 3) == end


@given(DAYS, st.integers(0, 60))
def test_the_first_of_the_month_after_lies_within_a_month_of_the_span(start: date, months: int) -> None:
    first = first_of_month_after(start, months)
    assert first.day == 1
    assert add_months(start, months) < first <= add_months(add_months(start, months), 1).replace(day=28)


def test_a_day_that_the_month_lacks_becomes_its_last_day() -> None:
    assert add_months(date(2020, 1, 31), 1) == date(2020, 2, 29)
    assert add_years(date(2020, 2, 29), 5) == date(2025, 2, 28)


def test_only_french_writes_the_first_day_of_a_month_as_an_ordinal() -> None:
    first = date(2014, 8, 1)
    assert [display_date(first, language) for language in ("en", "fr", "nb", "ro")] == [
        "1 August 2014",
        "1er août 2014",
        "1. august 2014",
        "1 august 2014",
    ]
    assert display_date(date(2014, 8, 11), "fr") == "11 août 2014"


@pytest.mark.parametrize(
    ("language", "whole", "month"),
    [
        ("en", "4 June 2019", "June 2019"),
        ("fr", "4 juin 2019", "juin 2019"),
        ("nb", "4. juni 2019", "juni 2019"),
        ("ro", "4 iunie 2019", "iunie 2019"),
    ],
)
def test_a_date_is_shown_in_the_readers_format_and_only_as_precisely_as_known(
    language: str, whole: str, month: str
) -> None:
    assert [
        display_date(date(2019, 6, 4), language),
        PartialDate(2019, 6).to_text(language),
        display_date(PartialDate(2019), language),
    ] == [
        whole,
        month,
        "2019",
    ]


@pytest.mark.parametrize(
    ("begins", "ends", "language", "written"),
    [
        (date(2019, 6, 4), date(2019, 6, 6), "en", "4–6 June 2019"),
        (date(2019, 6, 4), date(2019, 6, 6), "fr", "4–6 juin 2019"),
        (date(2019, 6, 4), date(2019, 6, 6), "nb", "4.–6. juni 2019"),
        (date(2019, 6, 4), date(2019, 6, 6), "ro", "4–6 iunie 2019"),
        (date(2019, 5, 30), date(2019, 6, 2), "en", "30 May – 2 June 2019"),
        (date(2019, 5, 30), date(2019, 6, 2), "nb", "30. mai – 2. juni 2019"),
        (date(2019, 6, 1), date(2019, 6, 2), "fr", "1er–2 juin 2019"),
        (date(2019, 12, 30), date(2020, 1, 2), "ro", "30 decembrie 2019 – 2 ianuarie 2020"),
        (date(2019, 6, 4), date(2019, 6, 4), "en", "4 June 2019"),
    ],
)
def test_a_range_of_days_follows_the_conventions_of_the_language(begins, ends, language, written):
    assert display_date_range(begins, ends, language) == written


@pytest.mark.parametrize(
    ("begins", "ends", "precision", "written"),
    [
        (date(2019, 6, 4), date(2019, 6, 6), "month", ["June 2019", "juin 2019", "juni 2019", "iunie 2019"]),
        (
            date(2019, 12, 30),
            date(2020, 1, 2),
            "month",
            [
                "December 2019 – January 2020",
                "décembre 2019 – janvier 2020",
                "desember 2019 – januar 2020",
                "decembrie 2019 – ianuarie 2020",
            ],
        ),
        (date(2019, 1, 1), date(2019, 12, 31), "year", ["2019"] * 4),
    ],
)
def test_a_range_of_dates_is_shown_only_as_precisely_as_known(begins, ends, precision, written):
    assert [display_date_range(begins, ends, language, precision) for language in ("en", "fr", "nb", "ro")] == written
