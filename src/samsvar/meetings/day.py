"""The days of a meeting: what devices at the door saw, and when two people can sit down together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

# A device that was away longer than a meeting lasts, or whose clock was set by hand, is believed no further than this.
LONGEST_AWAY = timedelta(days=7)


def seen_at(said: datetime, *, sent: datetime, received: datetime) -> datetime:
    """When something happened by our clock, of which a device says when by its own.

    `sent` is the device's clock at the moment of sending, `received` ours: the difference corrects what it says.
    Nothing happens after it was received, and nothing longer ago than `LONGEST_AWAY`.
    """
    corrected = said + (received - sent)
    return min(max(corrected, received - LONGEST_AWAY), received)


@dataclass(frozen=True, slots=True)
class Span:
    """From a moment to a later one."""

    starts: datetime
    ends: datetime

    def meets(self, other: Span) -> bool:
        """Whether there is a moment in both."""
        return self.starts < other.ends and other.starts < self.ends


@dataclass(frozen=True, slots=True)
class Hours:
    """When one-to-one meetings are held, how long each lasts, and at how many tables at once."""

    starts: datetime
    ends: datetime
    minutes: int
    tables: int

    def slots(self) -> Iterator[Span]:
        """The meetings that fit into it, one after another."""
        length = timedelta(minutes=self.minutes)
        at = self.starts
        while length and at + length <= self.ends:
            yield Span(at, at + length)
            at += length


@dataclass(frozen=True, slots=True)
class Seating:
    """A time and a table for two."""

    span: Span
    table: int


def seatings(
    hours: Iterable[Hours],
    *,
    busy: Collection[Span],
    taken: Collection[tuple[datetime, int]],
    after: datetime,
) -> Iterator[Seating]:
    """Each time at which neither of two is busy, with the lowest table that is free then, earliest first.

    `busy` are the sessions and meetings of both; `taken` the tables that others have, by the beginning of their time.
    """
    for slot, tables in sorted(
        ((slot, one.tables) for one in hours for slot in one.slots()), key=lambda pair: pair[0].starts
    ):
        if slot.starts < after or any(slot.meets(one) for one in busy):
            continue
        table = next((number for number in range(1, tables + 1) if (slot.starts, number) not in taken), None)
        if table is not None:
            yield Seating(slot, table)
