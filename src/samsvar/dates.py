"""Days as sources give them, sometimes the month or year alone, and the spans of time that treaties count in."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_date, format_skeleton

from samsvar.errors import SamsvarError


class UnreadableDate(SamsvarError):
    """A date is not written as a year, a month of a year, or a day."""

    code = "unreadable_date"
    kept = ""
    advice = "Write a day as 2019-06-04, a month as 2019-06, a year as 2019."

    def __init__(self, written: str, advice: str | None = None) -> None:
        super().__init__(f"“{written}” is no date.", advice=advice)
        self.written = written


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A day, or only its month or year. `day` is None for a month, `month` and `day` are None for a year."""

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.day is not None and self.month is None:
            raise ValueError("a day needs its month")
        date(self.year, self.month or 1, self.day or 1)  # raises ValueError for a day that no calendar has

    @property
    def precision(self) -> str:
        """ "day", "month" or "year"."""
        return "day" if self.day else "month" if self.month else "year"

    @property
    def earliest(self) -> date:
        """The first day that this may be."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def latest(self) -> date:
        """The last day that this may be; what happened then has certainly happened."""
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    def shown(self, language: str = "en") -> str:
        """As the reader's language writes it: "4 June 2019", "juin 2019", "2019"."""
        return shown(self, language)

    def __str__(self) -> str:
        """ISO 8601, as exact as it is known: "2019-06-04", "2019-06", "2019"."""
        return "-".join([f"{self.year:04}", *(f"{part:02}" for part in (self.month, self.day) if part)])


_WRITTEN = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def as_known(one: date, precision: str) -> PartialDate:
    """A day, no more exact than `precision` ("day", "month" or "year")."""
    month, day = precision != "year", precision == "day"
    return PartialDate(one.year, one.month if month else None, one.day if day else None)


def partial_date(written: str) -> PartialDate | None:
    """The date that an ISO 8601 text gives, to the day, month or year; None for "". Raises UnreadableDate."""
    if not written:
        return None
    read = _WRITTEN.fullmatch(written)
    if read is None:
        raise UnreadableDate(written)
    year, month, day = read.groups()
    try:
        return PartialDate(int(year), int(month) if month else None, int(day) if day else None)
    except ValueError as no_such_day:
        raise UnreadableDate(written) from no_such_day


def day(written: str) -> date:
    """The day that an ISO 8601 text gives. Raises UnreadableDate for anything but a whole day."""
    read = partial_date(written.strip())
    if read is None or read.day is None:
        raise UnreadableDate(written, "A whole day is asked for, written as 2019-06-04.")
    return read.earliest


def months_after(start: date, months: int) -> date:
    """The same day `months` later, or that month's last day where it has no such day: 30 November + 3 → 28 February."""
    month = start.month - 1 + months
    year, month = start.year + month // 12, month % 12 + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


def years_after(start: date, years: int) -> date:
    """The same day `years` later; 29 February becomes the 28th where the year has no 29th."""
    return months_after(start, 12 * years)


def first_of_month_after(start: date, months: int) -> date:
    """The first day of the month that follows the end of `months` counted from `start` (Articles 75, 76 and 80).

    22 April 2014 and three months end on 22 July 2014, so the answer is 1 August 2014.
    """
    return months_after(months_after(start, months).replace(day=1), 1)


def day_before(one: date) -> date:
    """The day before."""
    return one - timedelta(days=1)


# French alone of our languages counts the first day of a month: "1er août 2014". CLDR does not (2026-11).
_FIRST_OF_A_MONTH = {"fr": "d'er' MMMM y"}


def shown(when: date | PartialDate, language: str = "en") -> str:
    """A date as `language` (a code of the interface) writes it in full, no more exact than it is."""
    partial = when if isinstance(when, PartialDate) else PartialDate(when.year, when.month, when.day)
    locale = "en_GB" if language == "en" else language  # European readers: day before month
    if partial.day:
        written = _FIRST_OF_A_MONTH.get(language, "long") if partial.day == 1 else "long"
        return str(format_date(partial.earliest, written, locale=locale))
    if partial.month:
        return str(format_skeleton("yMMMM", partial.earliest, locale=locale))
    return str(partial.year)


def shown_span(begins: date, ends: date, language: str = "en", precision: str = "day") -> str:
    """From a day to a day as `language` writes it: "4–6 June 2019"; one day where both are the same.

    Where no source is more exact than "month" or "year", the days only say between which days it was: "June 2019".
    """
    earliest, latest = as_known(begins, precision), as_known(ends, precision)
    if earliest == latest:
        return shown(earliest, language)
    if precision != "day":
        return f"{shown(earliest, language)} – {shown(latest, language)}"
    locale = "en_GB" if language == "en" else language
    day = "d'er'" if language == "fr" and begins.day == 1 else "d." if language == "nb" else "d"
    if (begins.year, begins.month) == (ends.year, ends.month):
        return f"{format_date(begins, day, locale=locale)}–{shown(ends, language)}"
    first = format_date(begins, f"{day} MMMM", locale=locale) if begins.year == ends.year else shown(begins, language)
    return f"{first} – {shown(ends, language)}"
