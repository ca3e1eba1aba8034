"""Terms of office in a network: who holds which office on a given day, and who succeeds whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from samsvar.errors import SamsvarError


class Office(StrEnum):
    """The capacity in which a person belongs to a network."""

    CHAIR = "chair"
    SECRETARIAT = "secretariat"
    NATIONAL_CONTACT_POINT = "national_contact_point"
    MEMBER = "member"
    OBSERVER = "observer"


# Offices with a single holder at a time: one per network, or one per country.
SINGLE_HOLDER_OFFICES = frozenset({Office.CHAIR, Office.NATIONAL_CONTACT_POINT})


class NetworkError(SamsvarError):
    """The base class of errors about people, memberships or rights."""


class TermsOverlap(NetworkError):
    """Raised when two people would hold a single-holder office, or one person the same office, at the same time."""

    advice = "End the earlier term first, or start the new one after it."


class InvalidTermDates(NetworkError):
    """Raised when a term would end before it begins."""


@dataclass(frozen=True, slots=True)
class Term:
    """One person's term in an office of a network. Both dates are inclusive; `begins` is None if unknown."""

    person: str  # public id
    office: Office
    begins: date | None
    ends: date | None = None
    country: str = ""  # the country of a national contact point; "" for other offices
    follows: str = ""  # public id of the predecessor

    def __post_init__(self) -> None:
        if self.begins and self.ends and self.ends < self.begins:
            raise InvalidTermDates(f"A term ends on {self.ends}, before it starts on {self.begins}.")

    def is_active_on(self, day: date) -> bool:
        return (self.begins is None or self.begins <= day) and (self.ends is None or day <= self.ends)

    def overlaps(self, other: Term) -> bool:
        """Return whether there is a day on which both terms are active."""
        first, second = self.begins or date.min, other.begins or date.min
        return max(first, second) <= min(self.ends or date.max, other.ends or date.max)


def check_term_conflicts(new: Term, others: Iterable[Term]) -> None:
    """Raise TermsOverlap if the new term conflicts with another one.

    Two overlapping terms in the same office conflict if they are one person's, or if the office has a single
    holder.
    """
    for other in others:
        same_office = other.office == new.office and other.country == new.country
        if same_office and other.overlaps(new) and (new.office in SINGLE_HOLDER_OFFICES or other.person == new.person):
            raise TermsOverlap(
                f"The office “{new.office}” is already held at that time, from {other.begins} to {other.ends}."
            )
