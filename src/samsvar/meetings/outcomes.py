"""What came of a meeting: decisions, commitments, questions and practices, and when somebody asks how it goes."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from samsvar.dates import PartialDate
from samsvar.meetings.meeting import MeetingsError

HALF_YEAR = 6  # months between two questions to whoever made a commitment
LATEST_FOLLOW_UP = 10  # half-years after the meeting: who has said nothing for five years is asked no more


class OutcomeKind(StrEnum):
    """What was said that should last."""

    DECISION = "decision"
    COMMITMENT = "commitment"  # who does what until when
    QUESTION = "question"  # that stayed open
    PRACTICE = "practice"  # mentioned as one that works


class Keeping(StrEnum):
    """How it stands with a commitment, as its owner last said."""

    PROMISED = "promised"  # nobody has said anything since
    UNDER_WAY = "under_way"
    KEPT = "kept"
    PARTLY_KEPT = "partly_kept"
    NOT_KEPT = "not_kept"
    GIVEN_UP = "given_up"  # released by the organiser, with a reason

    @property
    def is_over(self) -> bool:
        return self in {Keeping.KEPT, Keeping.PARTLY_KEPT, Keeping.NOT_KEPT, Keeping.GIVEN_UP}


class SaidAs(StrEnum):
    """As what somebody said how a commitment stands: readers weigh one differently from another."""

    SPEAKER = "speaker"  # who spoke for it at the meeting
    DESK = "desk"  # of the state that promised
    ORGANISER = "organiser"  # of the meeting


class OutcomeState(StrEnum):
    """How sure it is that this was said."""

    RECORDED = "recorded"  # written down in the session
    CONFIRMED = "confirmed"  # shown to those present, corrected where they asked
    STRUCK = "struck"  # taken back before the end; stays for the record's own history only


class RecordIsClosed(MeetingsError):
    """The record of a session was shown and closed: what stands in it is what those present agreed was said."""

    code = "record_is_closed"
    kept = "The record stands as it was closed."
    advice = "Add a dated correction instead."


class NotShownYet(MeetingsError):
    """A record would be closed that nobody in the room has seen."""

    code = "not_shown_yet"
    kept = "What was recorded stays, and can still be corrected."
    advice = "Show the outcomes to those present first."


class NobodyPromised(MeetingsError):
    """A commitment says neither which state nor which body made it."""

    code = "nobody_promised"
    advice = "Say which state or which organisation made the commitment."


def is_overdue(due: PartialDate | None, keeping: Keeping, day: date) -> bool:
    """Whether the last day that was promised has passed and nobody has said that it is over."""
    return due is not None and not keeping.is_over and due.latest < day


def half_years_after(ends: date, count: int) -> date:
    """The day so many half-years after another; the month's last day where the month has no such day."""
    months = ends.month - 1 + HALF_YEAR * count
    year, month = ends.year + months // 12, months % 12 + 1
    return date(year, month, min(ends.day, calendar.monthrange(year, month)[1]))


def next_follow_up(ends: date, keeping: Keeping, day: date) -> date | None:
    """The first half-year after the meeting's end that lies after `day`; None where nobody is asked any more."""
    if keeping.is_over:
        return None
    for count in range(1, LATEST_FOLLOW_UP + 1):
        if (asked := half_years_after(ends, count)) > day:
            return asked
    return None


def asked_again(ends: date, keeping: Keeping, asked: date) -> date | None:
    """Half a year after somebody was asked, whatever meeting it was about; None where nobody is asked any more.

    So that all of a person's commitments come to lie on one day, and they get one letter each half-year.
    """
    again = half_years_after(asked, 1)
    return None if keeping.is_over or again > half_years_after(ends, LATEST_FOLLOW_UP) else again


@dataclass(frozen=True, slots=True)
class Kept:
    """How many commitments stand how; every standing is there, so that an absent one is seen."""

    counts: dict[Keeping, int]
    overdue: int

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def how_kept(commitments: Iterable[tuple[Keeping, PartialDate | None]], day: date) -> Kept:
    """How it stands with these commitments on a day."""
    held = list(commitments)
    return Kept(
        {one: sum(keeping is one for keeping, _ in held) for one in Keeping},
        sum(is_overdue(due, keeping, day) for keeping, due in held),
    )
