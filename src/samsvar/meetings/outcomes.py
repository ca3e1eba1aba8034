"""Outcomes of a meeting (decisions, commitments, questions, practices) and when to ask about their progress."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from samsvar.dates import PartialDate, add_months

FOLLOW_UP_MONTHS = 6  # between two emails to the person responsible for a commitment
MAX_FOLLOW_UPS = 10  # half-years after the meeting: after five years without an answer, we stop sending emails


class OutcomeKind(StrEnum):
    """The kinds of outcomes."""

    DECISION = "decision"
    COMMITMENT = "commitment"  # who will do what by when
    QUESTION = "question"  # an open question
    PRACTICE = "practice"  # mentioned as a practice that works


class CommitmentProgress(StrEnum):
    """The progress of a commitment, as last reported."""

    NOT_REPORTED = "promised"  # no report since it was made
    UNDER_WAY = "under_way"
    KEPT = "kept"
    PARTLY_KEPT = "partly_kept"
    NOT_KEPT = "not_kept"
    RELEASED = "given_up"  # released by the organiser, with a reason

    @property
    def is_over(self) -> bool:
        return self not in {CommitmentProgress.NOT_REPORTED, CommitmentProgress.UNDER_WAY}


class ReporterRole(StrEnum):
    """The roles of people who report on a commitment; readers give more weight to some than to others."""

    SPEAKER = "speaker"  # the person who spoke for it at the meeting
    DESK = "desk"  # the desk of the state that made the commitment
    ORGANISER = "organiser"  # an organiser of the meeting


class OutcomeStatus(StrEnum):
    """The statuses of an outcome, from recorded to confirmed or retracted."""

    RECORDED = "recorded"  # recorded during the session
    CONFIRMED = "confirmed"  # shown to those present, and corrected at their request
    RETRACTED = "struck"  # retracted before the record was closed; kept only in its history


def is_overdue(due: PartialDate | None, progress: CommitmentProgress, day: date) -> bool:
    """Return whether a commitment is still open although its due date has certainly passed."""
    return due is not None and not progress.is_over and due.latest < day


def add_half_years(ends: date, count: int) -> date:
    """Return the date `count` half-years after `ends`, or the last day of that month if it is too short."""
    return add_months(ends, FOLLOW_UP_MONTHS * count)


def next_follow_up(ends: date, progress: CommitmentProgress, day: date) -> date | None:
    """Return the first half-yearly follow-up date after `day`; None if the commitment is closed or none is left."""
    if progress.is_over:
        return None
    follow_ups = (add_half_years(ends, count) for count in range(1, MAX_FOLLOW_UPS + 1))
    return next((follow_up for follow_up in follow_ups if follow_up > day), None)


def next_follow_up_after_email(ends: date, progress: CommitmentProgress, last_asked: date) -> date | None:
    """Return the next follow-up date: half a year after the person was last asked about any of their commitments.

    All commitments of a person are therefore followed up on the same day, with one email every half-year. Returns None
    if the commitment is closed or its follow-up period has ended.
    """
    follow_up = add_half_years(last_asked, 1)
    return None if progress.is_over or follow_up > add_half_years(ends, MAX_FOLLOW_UPS) else follow_up


@dataclass(frozen=True, slots=True)
class CommitmentSummary:
    """The number of commitments by progress. Every progress has an entry, so that zeros are shown."""

    counts: dict[CommitmentProgress, int]
    overdue: int

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def summarise_commitments(
    commitments: Iterable[tuple[CommitmentProgress, PartialDate | None]], day: date
) -> CommitmentSummary:
    """Count the commitments by progress, and those that are overdue on `day`."""
    listed = list(commitments)
    return CommitmentSummary(
        {one: sum(keeping is one for keeping, _ in listed) for one in CommitmentProgress},
        sum(is_overdue(due, keeping, day) for keeping, due in listed),
    )
