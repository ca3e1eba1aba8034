"""Registration for a meeting: statuses and their transitions, phases, and quotas for places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from samsvar.meetings.meeting import MeetingsError

ANSWER_RETENTION = timedelta(days=183)  # answers are for one meeting; its accounts are closed half a year after it


def is_valid_retention_date(day: date, *, today: date, ends: date) -> bool:
    """Return whether answers may be kept until `day`: in the future, and at most half a year after the meeting."""
    return today < day <= ends + ANSWER_RETENTION


class RegistrationStatus(StrEnum):
    """The statuses of a registration."""

    NOMINATED = "nominated"  # by a head of delegation; the nominee has not answered yet
    ASKED = "asked"  # waits for the organiser's approval; a place is reserved
    WAITING = "waiting"  # no place is free; ordered by time of registration
    CONFIRMED = "confirmed"
    REFUSED = "refused"  # by the organiser, with a reason
    DECLINED = "declined"  # by the person, who will not attend
    WITHDRAWN = "withdrawn"  # by the head of delegation or the organiser
    REPLACED = "replaced"  # another person of the delegation attends instead

    @property
    def has_place(self) -> bool:
        return self in {RegistrationStatus.NOMINATED, RegistrationStatus.ASKED, RegistrationStatus.CONFIRMED}

    @property
    def is_over(self) -> bool:
        return not ALLOWED_TRANSITIONS[self]


# The allowed transitions. A registration that has ended is not reopened: the person registers again.
ALLOWED_TRANSITIONS: dict[RegistrationStatus, frozenset[RegistrationStatus]] = {
    current: frozenset(map(RegistrationStatus, targets.split()))
    for current, targets in {
        RegistrationStatus.NOMINATED: "asked confirmed declined withdrawn replaced",
        RegistrationStatus.ASKED: "confirmed refused declined withdrawn replaced",
        RegistrationStatus.WAITING: "asked confirmed refused declined withdrawn",
        RegistrationStatus.CONFIRMED: "asked declined withdrawn replaced",
        RegistrationStatus.REFUSED: "",
        RegistrationStatus.DECLINED: "",
        RegistrationStatus.WITHDRAWN: "",
        RegistrationStatus.REPLACED: "",
    }.items()
}

# The statuses of a registration that has not ended
ACTIVE_STATUSES = sorted(one.value for one in RegistrationStatus if not one.is_over)


class InvalidTransition(MeetingsError):
    """Raised when the current status of a registration does not allow a change."""

    effect = "The registration was not changed."

    def __init__(self, current: RegistrationStatus, target: RegistrationStatus) -> None:
        super().__init__(f"A registration that is {current.value} cannot become {target.value}.")
        self.current, self.target = current, target


def check_transition(current: RegistrationStatus, target: RegistrationStatus) -> None:
    """Raise `InvalidTransition` unless the target status may follow the current one."""
    if target not in ALLOWED_TRANSITIONS[current]:
        raise InvalidTransition(current, target)


class RegistrationPhase(StrEnum):
    """The phases of registration for a meeting."""

    NOT_SET = "not_set"  # no opening date was set
    UPCOMING = "ahead"
    OPEN = "open"
    CLOSED = "over"
    CANCELLED = "cancelled"  # along with the meeting


def registration_phase(
    *, opens: datetime | None, closes: datetime | None, ends: datetime, cancelled: bool, now: datetime
) -> RegistrationPhase:
    """Return the phase at `now`; without a closing time, registration closes when the meeting ends."""
    if cancelled:
        return RegistrationPhase.CANCELLED
    if (closes or ends) <= now or ends <= now:
        return RegistrationPhase.CLOSED
    if opens is None:
        return RegistrationPhase.NOT_SET
    return RegistrationPhase.UPCOMING if opens > now else RegistrationPhase.OPEN


class QuotaKind(StrEnum):
    """The kinds of quotas. A place must be free in every quota that applies to the participant."""

    TOTAL = "whole"  # all places
    COUNTRY = "country"
    GROUP = "group"  # one of the four groups
    CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class Quota:
    """The number of places for a country, a group, a category, or in total; `key` is "" for the total."""

    kind: QuotaKind
    key: str
    places: int

    def applies_to(self, *, country: str, group: str, category: str) -> bool:
        """Return whether a place for such a participant counts against this quota."""
        keys = {QuotaKind.COUNTRY: country, QuotaKind.GROUP: group, QuotaKind.CATEGORY: category}
        return self.kind is QuotaKind.TOTAL or self.key == keys[self.kind]
