"""Adoptions: a practice of one state that another takes up as a measure, as it is or changed, working or given up."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from samsvar.exchange.practices import ExchangeError


class AdoptionKind(StrEnum):
    """How much of a practice was taken over."""

    AS_IS = "as_is"
    ADAPTED = "adapted"
    INSPIRED = "inspired"


class AdoptionStatus(StrEnum):
    """The statuses of an adoption. One that was given up teaches as much as one that works."""

    CONSIDERED = "considered"
    TAKEN_UP = "taken_up"
    WORKING = "working"  # needs evidence
    GIVEN_UP = "given_up"  # with a reason


# The only table of the steps of an adoption.
ADOPTION_STEPS: Mapping[AdoptionStatus, frozenset[AdoptionStatus]] = {
    AdoptionStatus.CONSIDERED: frozenset({AdoptionStatus.TAKEN_UP, AdoptionStatus.GIVEN_UP}),
    AdoptionStatus.TAKEN_UP: frozenset({AdoptionStatus.WORKING, AdoptionStatus.GIVEN_UP, AdoptionStatus.CONSIDERED}),
    AdoptionStatus.WORKING: frozenset({AdoptionStatus.GIVEN_UP, AdoptionStatus.TAKEN_UP}),
    AdoptionStatus.GIVEN_UP: frozenset({AdoptionStatus.CONSIDERED, AdoptionStatus.TAKEN_UP}),
}


class AdoptionStepNotPossible(ExchangeError):
    """Raised when an adoption cannot go from its status to the one requested, or lacks what that needs."""

    message = "This step is not possible: the adoption has another status, or the evidence or reason is missing."
    advice = "Reload the page. An adoption that works needs evidence, one that is given up a reason."


def check_adoption_step(
    before: AdoptionStatus, after: AdoptionStatus, *, has_evidence: bool = False, has_reason: bool = False
) -> None:
    """Raise `AdoptionStepNotPossible` unless the step is permitted and has what it needs."""
    needs_more = (after is AdoptionStatus.WORKING and not has_evidence) or (
        after is AdoptionStatus.GIVEN_UP and not has_reason
    )
    if after not in ADOPTION_STEPS[before] or needs_more:
        raise AdoptionStepNotPossible
