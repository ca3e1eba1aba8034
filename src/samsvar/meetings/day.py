"""Helpers for a meeting on site: clock correction for check-in devices, and free times for one-to-one meetings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

# Times further back than this are not trusted: the device would have been offline for longer than any meeting
# lasts, or its clock was set by hand.
MAX_OFFLINE = timedelta(days=7)


def correct_device_time(reported: datetime, *, sent: datetime, received: datetime) -> datetime:
    """Convert the time of an event, reported by a device, to our clock.

    `sent` is the device's clock at the moment of sending, `received` is ours: the difference corrects the reported
    time. The result is never after `received`, and never more than `MAX_OFFLINE` before it.
    """
    try:
        corrected = reported + (received - sent)
    except OverflowError:  # the two times of the device are millennia apart
        return received
    return min(max(corrected, received - MAX_OFFLINE), received)


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A time range with a start and a later end."""

    starts: datetime
    ends: datetime

    def overlaps(self, other: TimeRange) -> bool:
        """Return whether the two ranges overlap."""
        return self.starts < other.ends and other.starts < self.ends


@dataclass(frozen=True, slots=True)
class OneToOneHours:
    """The hours of one-to-one meetings, the length of each meeting, and the number of tables."""

    starts: datetime
    ends: datetime
    minutes: int
    tables: int

    def list_slots(self) -> Iterator[TimeRange]:
        """Yield the consecutive time slots that fit into these hours."""
        length = timedelta(minutes=self.minutes)
        start = self.starts
        while length and start + length <= self.ends:
            yield TimeRange(start, start + length)
            start += length


@dataclass(frozen=True, slots=True)
class TableSlot:
    """A time and a table for a one-to-one meeting."""

    span: TimeRange
    table: int


def find_free_slots(
    hours: Iterable[OneToOneHours],
    *,
    busy: Collection[TimeRange],
    occupied: Collection[tuple[datetime, int]],
    after: datetime,
) -> Iterator[TableSlot]:
    """Yield each time at which both participants are free, with the lowest free table number, earliest first.

    `busy` contains the sessions and meetings of both participants; `occupied` contains (start time, table number) of
    other meetings. Times before `after` are skipped.
    """
    for slot, tables in sorted(
        ((slot, one.tables) for one in hours for slot in one.list_slots()), key=lambda pair: pair[0].starts
    ):
        if slot.starts < after or any(slot.overlaps(one) for one in busy):
            continue
        table = next((number for number in range(1, tables + 1) if (slot.starts, number) not in occupied), None)
        if table is not None:
            yield TableSlot(slot, table)
