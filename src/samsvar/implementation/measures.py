"""Measures of a state, the stages they go through, and how they answer findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from samsvar.dates import PartialDate
from samsvar.errors import SamsvarError


class ImplementationError(SamsvarError):
    """Base class of errors in measures, evidence, indicators, duties, asks and reports back."""


class PlanKind(StrEnum):
    """The kinds of documents that measures belong to."""

    STRATEGY = "strategy"
    ACTION_PLAN = "action_plan"
    LAW = "law"


class MeasureKind(StrEnum):
    """The kinds of measures."""

    LAW = "law"
    POLICY = "policy"
    SERVICE = "service"
    TRAINING = "training"
    DATA = "data"
    AWARENESS = "awareness"
    FUNDING = "funding"
    CO_ORDINATION = "co_ordination"


class Stage(StrEnum):
    """The stages of a measure."""

    PROPOSED = "proposed"
    DECIDED = "decided"
    UNDER_WAY = "under_way"
    DONE = "done"
    STOPPED = "stopped"

    @property
    def is_over(self) -> bool:
        return self in {Stage.DONE, Stage.STOPPED}


class MeasureVisibility(StrEnum):
    """Who can see a plan or a measure."""

    DESK = "desk"  # the state's national desk
    BODIES = "bodies"  # and the bodies that are asked about it
    PUBLIC = "public"


class AnswerScope(StrEnum):
    """How much of a finding a measure answers."""

    WHOLE = "whole"
    PART = "part"


class TriageDecision(StrEnum):
    """What a desk decided about a finding."""

    OPEN = "open"  # nothing yet
    IN_HAND = "in_hand"  # a body has been assigned, or a measure linked
    NOT_FOR_US = "not_for_us"  # the state says that it does not concern it, with a reason
    NO_MEASURE = "no_measure"  # the state says that it plans no measure, with a reason

    @property
    def needs_reason(self) -> bool:
        return self in {TriageDecision.NOT_FOR_US, TriageDecision.NO_MEASURE}


class RegionKind(StrEnum):
    """The kinds of territories below a state."""

    REGION = "region"
    MUNICIPALITY = "municipality"


class ChangeCause(StrEnum):
    """What led to a change of a measure, an answer or a desk's decision."""

    EDIT = "edit"
    BULK = "bulk"  # together with others
    IMPORT = "import"
    COMMITMENT = "commitment"  # made from a commitment of a meeting
    ASK = "ask"  # from an accepted answer of another body
    UNDO = "undo"


class UnknownTransition(ImplementationError):
    """Raised when a measure cannot go from its stage to the one requested."""

    message = "A measure cannot go from this stage to that one."
    advice = "Reload the page: the measure may have changed in the meantime."

    def __init__(self, before: Stage, after: Stage) -> None:
        super().__init__(f"A measure that is {before.value} cannot become {after.value}.")
        self.before, self.after = before, after


class ReasonRequired(ImplementationError):
    """Raised when a step needs a reason and none is given, such as stopping a measure."""

    message = "A reason is missing."
    advice = "Write in one sentence why."


@dataclass(frozen=True, slots=True)
class Transition:
    """A permitted step of a measure; a step back or a stop needs a reason."""

    after: Stage
    needs_reason: bool = False


# The only table of the steps of a measure. A step that skips a stage is permitted, because plans are imported late;
# a step back corrects an error and says why.
TRANSITIONS: Mapping[Stage, tuple[Transition, ...]] = {
    Stage.PROPOSED: (
        Transition(Stage.DECIDED),
        Transition(Stage.UNDER_WAY),
        Transition(Stage.DONE),
        Transition(Stage.STOPPED, needs_reason=True),
    ),
    Stage.DECIDED: (
        Transition(Stage.UNDER_WAY),
        Transition(Stage.DONE),
        Transition(Stage.STOPPED, needs_reason=True),
        Transition(Stage.PROPOSED, needs_reason=True),
    ),
    Stage.UNDER_WAY: (
        Transition(Stage.DONE),
        Transition(Stage.STOPPED, needs_reason=True),
        Transition(Stage.DECIDED, needs_reason=True),
    ),
    Stage.DONE: (
        Transition(Stage.UNDER_WAY, needs_reason=True),
        Transition(Stage.STOPPED, needs_reason=True),  # a service that was open and has closed
    ),
    Stage.STOPPED: (
        Transition(Stage.PROPOSED, needs_reason=True),
        Transition(Stage.DECIDED, needs_reason=True),
        Transition(Stage.UNDER_WAY, needs_reason=True),
    ),
}


def check_transition(before: Stage, after: Stage, reason: str = "") -> None:
    """Raise `UnknownTransition` or `ReasonRequired` if a measure cannot take this step; a stage may stay as it is."""
    if before is after:
        return
    step = next((one for one in TRANSITIONS[before] if one.after is after), None)
    if step is None:
        raise UnknownTransition(before, after)
    if step.needs_reason and not reason.strip():
        raise ReasonRequired


def is_overdue(due: PartialDate | None, stage: Stage, day: date) -> bool:
    """Return whether a measure is neither done nor stopped although its due date has certainly passed."""
    return due is not None and not stage.is_over and due.latest < day
