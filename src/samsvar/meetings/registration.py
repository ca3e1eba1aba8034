"""Places at a meeting: what a registration goes through, and which quotas a place is taken from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from samsvar.meetings.meeting import MeetingsError

KEPT_AFTER = timedelta(days=183)  # answers are given for one meeting: half a year after it, accounts are closed


def may_be_kept_until(day: date, *, today: date, ends: date) -> bool:
    """Whether answers to a question can be promised to go on that day: one to come, soon enough after the meeting."""
    return today < day <= ends + KEPT_AFTER


class Standing(StrEnum):
    """Where a registration stands."""

    NOMINATED = "nominated"  # a head of delegation named somebody, who has not answered yet
    ASKED = "asked"  # waits for the organiser's approval; a place is held
    WAITING = "waiting"  # no place is free; in the order of asking
    CONFIRMED = "confirmed"
    REFUSED = "refused"  # by the organiser, with a reason
    DECLINED = "declined"  # by the person: does not come
    WITHDRAWN = "withdrawn"  # by the head of delegation, or the organiser
    REPLACED = "replaced"  # somebody else of the delegation comes instead

    @property
    def holds_a_place(self) -> bool:
        return self in {Standing.NOMINATED, Standing.ASKED, Standing.CONFIRMED}

    @property
    def is_over(self) -> bool:
        return self in {Standing.REFUSED, Standing.DECLINED, Standing.WITHDRAWN, Standing.REPLACED}


OPEN = sorted(one.value for one in Standing if not one.is_over)  # where a registration is not over


# What may follow what. Nobody comes back from an end by a change of standing: they ask anew.
FOLLOWS: dict[Standing, frozenset[Standing]] = {
    Standing.NOMINATED: frozenset(
        {Standing.ASKED, Standing.CONFIRMED, Standing.DECLINED, Standing.WITHDRAWN, Standing.REPLACED}
    ),
    Standing.ASKED: frozenset(
        {Standing.CONFIRMED, Standing.REFUSED, Standing.DECLINED, Standing.WITHDRAWN, Standing.REPLACED}
    ),
    Standing.WAITING: frozenset(
        {Standing.ASKED, Standing.CONFIRMED, Standing.REFUSED, Standing.DECLINED, Standing.WITHDRAWN}
    ),
    Standing.CONFIRMED: frozenset({Standing.ASKED, Standing.DECLINED, Standing.WITHDRAWN, Standing.REPLACED}),
    Standing.REFUSED: frozenset(),
    Standing.DECLINED: frozenset(),
    Standing.WITHDRAWN: frozenset(),
    Standing.REPLACED: frozenset(),
}


class CannotFollow(MeetingsError):
    """A registration cannot go from where it stands to where it should."""

    code = "cannot_follow"
    kept = "The registration stands as it stood."

    def __init__(self, now: Standing, wanted: Standing) -> None:
        super().__init__(f"A registration that is {now.value} cannot become {wanted.value}.")
        self.now, self.wanted = now, wanted


def check_step(now: Standing, wanted: Standing) -> None:
    """Raise `CannotFollow` unless the wanted standing may follow the present one."""
    if wanted not in FOLLOWS[now]:
        raise CannotFollow(now, wanted)


class Opening(StrEnum):
    """Whether registration is open."""

    NOT_SET = "not_set"  # nobody has said when
    AHEAD = "ahead"
    OPEN = "open"
    OVER = "over"
    CANCELLED = "cancelled"  # with the meeting


def opening(
    *, opens: datetime | None, closes: datetime | None, ends: datetime, cancelled: bool, now: datetime
) -> Opening:
    """Whether registration is open at a moment; without a moment to close it is over as the meeting is, at `ends`."""
    if cancelled:
        return Opening.CANCELLED
    if (closes or ends) <= now or ends <= now:
        return Opening.OVER
    if opens is None:
        return Opening.NOT_SET
    return Opening.AHEAD if opens > now else Opening.OPEN


class QuotaKind(StrEnum):
    """What a quota counts. A place is taken from every quota that it falls under, or from none."""

    WHOLE = "whole"  # everybody
    COUNTRY = "country"
    GROUP = "group"  # of the four
    CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class Quota:
    """So many places for one country, one group, one category, or in all; `key` is "" for the whole."""

    kind: QuotaKind
    key: str
    places: int

    def reaches(self, *, country: str, group: str, category: str) -> bool:
        """Whether a place for such a participant is one of these."""
        match self.kind:
            case QuotaKind.WHOLE:
                return True
            case QuotaKind.COUNTRY:
                return self.key == country
            case QuotaKind.GROUP:
                return self.key == group
            case QuotaKind.CATEGORY:
                return self.key == category
