"""Partial dates (a day, a month or a year), date arithmetic for treaty periods, and date formatting."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date, format_skeleton

from samsvar.errors import SamsvarError


class UnreadableDate(SamsvarError):
    """Raised when a text is not a date written as a year, a month or a day."""

    effect = ""
    advice = "Write a day as 2019-06-04, a month as 2019-06 or a year as 2019."

    def __init__(self, text: str, advice: str | None = None) -> None:
        super().__init__(f"“{text}” is not a date.", advice=advice)
        self.text = text


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A day, a month or a year. `day` is None for a month, `month` and `day` are None for a year."""

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.day is not None and self.month is None:
            raise ValueError("a day needs a month")
        date(self.year, self.month or 1, self.day or 1)  # raises ValueError for a day that does not exist

    @property
    def precision(self) -> str:
        """The precision of the date: "day", "month" or "year"."""
        return "day" if self.day else "month" if self.month else "year"

    @property
    def earliest(self) -> date:
        """The first day that the date may refer to."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def latest(self) -> date:
        """The last day that the date may refer to; an event with this date has certainly happened by then."""
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    def to_text(self, language: str = "en") -> str:
        """Format the date in the reader's language: "4 June 2019", "juin 2019", "2019"."""
        return display_date(self, language)

    def __str__(self) -> str:
        """Return the date in ISO 8601, as precisely as it is known: "2019-06-04", "2019-06", "2019"."""
        return "-".join([f"{self.year:04}", *(f"{part:02}" for part in (self.month, self.day) if part)])


_ISO_PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def reduce_precision(value: date, precision: str) -> PartialDate:
    """Reduce a date to a precision ("day", "month" or "year")."""
    month, day = precision != "year", precision == "day"
    return PartialDate(value.year, value.month if month else None, value.day if day else None)


def parse_partial_date(text: str) -> PartialDate | None:
    """Parse an ISO 8601 day, month or year; return None for "". Raises UnreadableDate."""
    if not text:
        return None
    match = _ISO_PARTIAL_DATE.fullmatch(text)
    if match is None:
        raise UnreadableDate(text)
    year, month, day = match.groups()
    try:
        return PartialDate(int(year), int(month) if month else None, int(day) if day else None)
    except ValueError as error:
        raise UnreadableDate(text) from error


def parse_day(text: str) -> date:
    """Parse an ISO 8601 day. Raises UnreadableDate for anything but a full date."""
    try:
        parsed = parse_partial_date(text.strip())
    except UnreadableDate:
        parsed = None
    if parsed is None or parsed.day is None:
        raise UnreadableDate(text, "Enter a full date, for example 2019-06-04.")
    return parsed.earliest


def add_months(start: date, months: int) -> date:
    """Return the same day `months` later, or the last day of that month if it is shorter.

    Three months after 30 November is 28 February.
    """
    month = start.month - 1 + months
    year, month = start.year + month // 12, month % 12 + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


def add_years(start: date, years: int) -> date:
    """Return the same day `years` later; 29 February becomes 28 February if that year is not a leap year."""
    return add_months(start, 12 * years)


def first_of_month_after(start: date, months: int) -> date:
    """Return the first day of the month after the expiry of `months` from `start` (Articles 75, 76 and 80).

    Three months from 22 April 2014 expire on 22 July 2014, so the result is 1 August 2014.
    """
    return add_months(add_months(start, months).replace(day=1), 1)


# Of our languages, only French uses an ordinal for the first day of a month: "1er août 2014". CLDR does not
# (2026-11).
_FIRST_DAY_FORMATS = {"fr": "d'er' MMMM y"}


def display_date(value: date | PartialDate, language: str = "en") -> str:
    """Format a date in full in `language` (an interface language), as precisely as it is known."""
    partial = value if isinstance(value, PartialDate) else PartialDate(value.year, value.month, value.day)
    locale = "en_GB" if language == "en" else language  # European readers: day before month
    if partial.day:
        pattern = _FIRST_DAY_FORMATS.get(language, "long") if partial.day == 1 else "long"
        return str(format_date(partial.earliest, pattern, locale=locale))
    if partial.month:
        return str(format_skeleton("yMMMM", partial.earliest, locale=locale))
    return str(partial.year)


def display_date_range(begins: date, ends: date, language: str = "en", precision: str = "day") -> str:
    """Format a range of days in `language`: "4–6 June 2019", or one day if both are the same.

    If `precision` is "month" or "year", the event took place at an unknown time between the two days, and the text is
    equally imprecise: "June 2019".
    """
    earliest, latest = reduce_precision(begins, precision), reduce_precision(ends, precision)
    if earliest == latest:
        return display_date(earliest, language)
    if precision != "day":
        return f"{display_date(earliest, language)} – {display_date(latest, language)}"
    locale = "en_GB" if language == "en" else language
    day_pattern = "d'er'" if language == "fr" and begins.day == 1 else "d." if language == "nb" else "d"
    if (begins.year, begins.month) == (ends.year, ends.month):
        return f"{format_date(begins, day_pattern, locale=locale)}–{display_date(ends, language)}"
    same_year = begins.year == ends.year
    first = format_date(begins, f"{day_pattern} MMMM", locale=locale) if same_year else display_date(begins, language)
    return f"{first} – {display_date(ends, language)}"
