"""Who holds which office of a network on a day: terms, and who follows whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from samsvar.errors import SamsvarError


class Office(StrEnum):
    """As what somebody belongs to a network."""

    CHAIR = "chair"
    SECRETARIAT = "secretariat"
    NATIONAL_CONTACT_POINT = "national_contact_point"
    MEMBER = "member"
    OBSERVER = "observer"


# An office that one person at a time holds: the network's, or (per country) a country's.
SINGLE = frozenset({Office.CHAIR, Office.NATIONAL_CONTACT_POINT})


class NetworkError(SamsvarError):
    """Something about people, memberships or rights does not hold."""

    code = "network_error"


class TermsOverlap(NetworkError):
    """Two people would hold an office that one holds at a time."""

    code = "terms_overlap"
    advice = "End the earlier term first, or let the new one begin after it."


class TermEndsBeforeItBegins(NetworkError):
    """A term's last day lies before its first."""

    code = "term_ends_before_it_begins"


@dataclass(frozen=True, slots=True)
class Term:
    """One person in one office of one network, from a day to a day, both included; None: nobody knows since when."""

    person: str  # public id
    office: Office
    begins: date | None
    ends: date | None = None
    country: str = ""  # whose contact point; "" for other offices
    follows: str = ""  # the person whose office this continues

    def __post_init__(self) -> None:
        if self.begins and self.ends and self.ends < self.begins:
            raise TermEndsBeforeItBegins(f"A term ends on {self.ends}, before it begins on {self.begins}.")

    def holds_on(self, day: date) -> bool:
        return (self.begins is None or self.begins <= day) and (self.ends is None or day <= self.ends)

    def overlaps(self, other: Term) -> bool:
        """Whether there is a day on which both hold."""
        first, second = self.begins or date.min, other.begins or date.min
        return max(first, second) <= min(self.ends or date.max, other.ends or date.max)


def check_against(new: Term, others: Iterable[Term]) -> None:
    """Raise `TermsOverlap` where the new term would give a single office to two at once, or the same one twice."""
    for other in others:
        same_office = other.office == new.office and other.country == new.country
        if same_office and other.overlaps(new) and (new.office in SINGLE or other.person == new.person):
            raise TermsOverlap(
                f"The office “{new.office}” is held at that time already, from {other.begins} to {other.ends}."
            )
