"""Evidence for a measure, a finding or a figure: who gives it, what it is, and the period it describes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from samsvar.implementation.measures import ImplementationError
from samsvar.network.people import OrganisationKind


class Side(StrEnum):
    """On whose behalf evidence is given. Neither side can change the evidence of another."""

    STATE = "state"
    CIVIL_SOCIETY = "civil_society"
    NATIONAL_INSTITUTION = "national_institution"  # a national human rights institution or equality body
    MONITORING_BODY = "monitoring_body"


# The side on which an organisation gives evidence, by its kind. Bodies of the state give it through the national desk.
# An international organisation has no side here: what it says about a state is read in as a report of its own.
ORGANISATION_SIDES: Mapping[OrganisationKind, Side | None] = {
    OrganisationKind.MINISTRY: Side.STATE,
    OrganisationKind.CO_ORDINATING_BODY: Side.STATE,
    OrganisationKind.POLICE: Side.STATE,
    OrganisationKind.JUSTICE: Side.STATE,
    OrganisationKind.HEALTH: Side.STATE,
    OrganisationKind.SOCIAL_SERVICE: Side.STATE,
    OrganisationKind.SHELTER_NGO: Side.CIVIL_SOCIETY,
    OrganisationKind.RESEARCH: Side.CIVIL_SOCIETY,
    OrganisationKind.NATIONAL_INSTITUTION: Side.NATIONAL_INSTITUTION,
    OrganisationKind.INTERNATIONAL_ORGANISATION: None,
}


class EvidenceKind(StrEnum):
    """The kinds of evidence."""

    LAW = "law"
    DECISION = "decision"
    STATISTICS = "statistics"
    EVALUATION = "evaluation"
    REPORT = "report"
    STATEMENT = "statement"


class EvidenceStatus(StrEnum):
    """The statuses of evidence. Whether it has expired follows from `valid_until` and the day."""

    OFFERED = "offered"  # not yet released by the side that gives it
    ACCEPTED = "accepted"
    SET_ASIDE = "set_aside"  # with a reason; the organisation that gave it still sees it
    WITHDRAWN = "withdrawn"


class EvidenceStep(StrEnum):
    """What can be done with evidence, and with it by whom: see `EVIDENCE_STEPS`."""

    ACCEPT = "accept"
    SET_ASIDE = "set_aside"
    SET_ASIDE_FOR_FORM = "set_aside_for_form"  # a broken link or a person's data, never for what it says
    WITHDRAW = "withdraw"


class FormFault(StrEnum):
    """The faults for which a reviewer can set evidence aside. None of them is about what the evidence says."""

    BROKEN_LINK = "broken_link"
    UNREADABLE_FILE = "unreadable_file"
    PERSONAL_DATA = "personal_data"
    SHELTER_ADDRESS = "shelter_address"


# The only table of the steps of evidence: the statuses they start from, and the status they lead to.
EVIDENCE_STEPS: Mapping[EvidenceStep, tuple[frozenset[EvidenceStatus], EvidenceStatus]] = {
    EvidenceStep.ACCEPT: (
        frozenset({EvidenceStatus.OFFERED, EvidenceStatus.SET_ASIDE}),
        EvidenceStatus.ACCEPTED,
    ),
    EvidenceStep.SET_ASIDE: (
        frozenset({EvidenceStatus.OFFERED, EvidenceStatus.ACCEPTED}),
        EvidenceStatus.SET_ASIDE,
    ),
    EvidenceStep.SET_ASIDE_FOR_FORM: (
        frozenset({EvidenceStatus.OFFERED, EvidenceStatus.ACCEPTED}),
        EvidenceStatus.SET_ASIDE,
    ),
    EvidenceStep.WITHDRAW: (
        frozenset({EvidenceStatus.OFFERED, EvidenceStatus.ACCEPTED, EvidenceStatus.SET_ASIDE}),
        EvidenceStatus.WITHDRAWN,
    ),
}
NEEDS_REASON = frozenset({EvidenceStep.SET_ASIDE, EvidenceStep.SET_ASIDE_FOR_FORM})


class EvidenceStepNotPossible(ImplementationError):
    """Raised when a step does not apply to evidence with its status, such as withdrawing it twice."""

    message = "This step is not possible: the evidence has another status."
    advice = "Reload the page: someone may have decided on it in the meantime."


def next_status(step: EvidenceStep, status: EvidenceStatus) -> EvidenceStatus:
    """Return the status after a step. Raise `EvidenceStepNotPossible` if the step does not apply to this status."""
    before, after = EVIDENCE_STEPS[step]
    if status not in before:
        raise EvidenceStepNotPossible
    return after


@dataclass(frozen=True, slots=True)
class EvidenceFacts:
    """What counts of a piece of accepted evidence: its side, whether it supports or disputes, and its validity."""

    side: Side
    supports: bool
    valid_until: date | None = None  # None: no end is given

    def has_expired(self, day: date) -> bool:
        """Return whether the evidence is no longer valid on a day; it is valid on its last day."""
        return self.valid_until is not None and self.valid_until < day
