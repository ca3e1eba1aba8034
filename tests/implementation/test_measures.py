"""The steps of measures and of evidence, as tables."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from samsvar.dates import PartialDate
from samsvar.implementation.evidence import (
    EvidenceStatus,
    EvidenceStep,
    EvidenceStepNotPossible,
    next_status,
)
from samsvar.implementation.measures import (
    ReasonRequired,
    Stage,
    UnknownTransition,
    check_transition,
    is_overdue,
)

# one character for each stage after: "." stays, "y" without a reason, "r" with one, "-" impossible
STEPS = {
    #                    proposed decided under_way done stopped
    Stage.PROPOSED: ".yyyr",
    Stage.DECIDED: "r.yyr",
    Stage.UNDER_WAY: "-r.yr",
    Stage.DONE: "--r.r",
    Stage.STOPPED: "rrr-.",
}


@pytest.mark.parametrize(("before", "after"), list(product(Stage, Stage)))
def test_a_measure_takes_only_the_steps_of_the_table(before: Stage, after: Stage) -> None:
    match STEPS[before][list(Stage).index(after)]:
        case "." | "y":
            check_transition(before, after)
        case "r":
            with pytest.raises(ReasonRequired):
                check_transition(before, after, " ")
            check_transition(before, after, "The budget was cut.")
        case "-":
            with pytest.raises(UnknownTransition):
                check_transition(before, after, "The budget was cut.")


OFFERED, ACCEPTED, ASIDE, GONE = EvidenceStatus


@pytest.mark.parametrize(
    ("step", "results"),
    [
        (EvidenceStep.ACCEPT, {OFFERED: ACCEPTED, ASIDE: ACCEPTED}),
        (EvidenceStep.SET_ASIDE, {OFFERED: ASIDE, ACCEPTED: ASIDE}),
        (EvidenceStep.SET_ASIDE_FOR_FORM, {OFFERED: ASIDE, ACCEPTED: ASIDE}),
        (EvidenceStep.WITHDRAW, {OFFERED: GONE, ACCEPTED: GONE, ASIDE: GONE}),
    ],
)
def test_evidence_takes_only_the_steps_of_the_table(
    step: EvidenceStep, results: dict[EvidenceStatus, EvidenceStatus]
) -> None:
    for status in EvidenceStatus:
        if status in results:
            assert next_status(step, status) is results[status]
        else:
            with pytest.raises(EvidenceStepNotPossible):
                next_status(step, status)


@pytest.mark.parametrize(
    ("due", "stage", "overdue"),
    [
        (PartialDate(2026, 4), Stage.UNDER_WAY, True),
        (PartialDate(2026, 5), Stage.UNDER_WAY, False),  # the month is not over
        (PartialDate(2026), Stage.PROPOSED, False),
        (PartialDate(2025), Stage.PROPOSED, True),
        (PartialDate(2025), Stage.DONE, False),
        (PartialDate(2025), Stage.STOPPED, False),
        (None, Stage.DECIDED, False),
    ],
)
def test_a_measure_is_overdue_once_its_due_date_has_certainly_passed(
    due: PartialDate | None, stage: Stage, overdue: bool
) -> None:
    assert is_overdue(due, stage, date(2026, 5, 31)) is overdue
