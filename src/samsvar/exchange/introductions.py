"""Introductions: two sides are brought together once both have agreed, and what came of it.

Either side can leave at any time without a reason. Seven days of silence bring one reminder, seven more end the
introduction. "Did not take place" is an outcome like any other: no one is asked to rate it.

What is accepted is the introduction, never a message. Nothing waits for ever: proposals and introductions that no one
says anything about end by themselves, and it can still be recorded afterwards whether a past one took place.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from samsvar.exchange.practices import ExchangeError

DAYS_UNTIL_REMINDER: Final = 7
DAYS_UNTIL_NO_ANSWER: Final = 14
DAYS_UNTIL_OUTCOME: Final = 30  # after it took place, the asker is asked what came of it
DAYS_UNTIL_PROPOSAL_ENDS: Final = 60  # without a decision of the secretariat
DAYS_UNTIL_ASKED: Final = 60  # after they were introduced, both sides are asked whether it took place
DAYS_UNTIL_CLOSED: Final = 180  # after they were introduced, without word from anyone


class IntroductionStatus(StrEnum):
    """The statuses of an introduction."""

    PROPOSED = "proposed"  # by a person; neither side knows yet
    INVITED = "invited"  # both sides
    HALF_ACCEPTED = "half_accepted"  # one side has accepted
    INTRODUCED = "introduced"  # both have accepted, and can write to each other on the site
    TOOK_PLACE = "took_place"
    DID_NOT_TAKE_PLACE = "did_not_take_place"
    LEFT = "left"  # by one side, without a reason
    NO_ANSWER = "no_answer"
    DROPPED = "dropped"  # by the secretariat, before both had accepted

    @property
    def is_over(self) -> bool:
        return self not in {
            IntroductionStatus.PROPOSED, IntroductionStatus.INVITED, IntroductionStatus.HALF_ACCEPTED,
            IntroductionStatus.INTRODUCED,
        }  # fmt: skip


class IntroductionAct(StrEnum):
    """What can be done with an introduction: see `INTRODUCTION_ACTS`."""

    INVITE = "invite"
    ACCEPT = "accept"
    LEAVE = "leave"
    EXPIRE = "expire"
    DROP = "drop"
    HELD = "held"  # someone says that it took place
    NOT_HELD = "not_held"


class IntroductionActor(StrEnum):
    """The parties that act on an introduction."""

    ASKER = "asker"
    HELPER = "helper"
    SECRETARIAT = "secretariat"
    CLOCK = "clock"


_SIDES = frozenset({IntroductionActor.ASKER, IntroductionActor.HELPER})
_WAITING = frozenset({IntroductionStatus.INVITED, IntroductionStatus.HALF_ACCEPTED})

# The only table of the acts on an introduction: who can do it, from which statuses, and the status it leads to. The
# second acceptance leads to INTRODUCED, and whether it took place can be said only once both have accepted: see
# `next_introduction_status`.
INTRODUCTION_ACTS: Mapping[
    IntroductionAct, tuple[frozenset[IntroductionActor], frozenset[IntroductionStatus], IntroductionStatus]
] = {
    IntroductionAct.INVITE: (
        frozenset({IntroductionActor.SECRETARIAT}),
        frozenset({IntroductionStatus.PROPOSED}),
        IntroductionStatus.INVITED,
    ),
    IntroductionAct.ACCEPT: (_SIDES, _WAITING, IntroductionStatus.HALF_ACCEPTED),
    IntroductionAct.LEAVE: (_SIDES, _WAITING | {IntroductionStatus.INTRODUCED}, IntroductionStatus.LEFT),
    IntroductionAct.EXPIRE: (
        frozenset({IntroductionActor.CLOCK}),
        _WAITING | {IntroductionStatus.PROPOSED, IntroductionStatus.INTRODUCED},
        IntroductionStatus.NO_ANSWER,
    ),
    IntroductionAct.DROP: (
        frozenset({IntroductionActor.SECRETARIAT}),
        _WAITING | {IntroductionStatus.PROPOSED},
        IntroductionStatus.DROPPED,
    ),
    IntroductionAct.HELD: (
        _SIDES | {IntroductionActor.SECRETARIAT},
        frozenset({IntroductionStatus.INTRODUCED, IntroductionStatus.DID_NOT_TAKE_PLACE, IntroductionStatus.NO_ANSWER}),
        IntroductionStatus.TOOK_PLACE,
    ),
    IntroductionAct.NOT_HELD: (
        _SIDES | {IntroductionActor.SECRETARIAT},
        frozenset({IntroductionStatus.INTRODUCED, IntroductionStatus.TOOK_PLACE, IntroductionStatus.NO_ANSWER}),
        IntroductionStatus.DID_NOT_TAKE_PLACE,
    ),
}


class IntroductionActNotPossible(ExchangeError):
    """Raised when an act does not fit the status of an introduction, or the person who wants it."""

    message = "This step is not possible: the introduction has another status."
    advice = "Reload the page: the other side may have acted in the meantime."


def next_introduction_status(
    act: IntroductionAct,
    status: IntroductionStatus,
    actor: IntroductionActor,
    *,
    other_side_accepted: bool = False,
    both_accepted: bool = True,
) -> IntroductionStatus:
    """Return the status after an act. Raise `IntroductionActNotPossible` if it fits neither the status nor the actor.

    `other_side_accepted` is whether the other side had accepted before, for an acceptance; `both_accepted` is whether
    the two sides were ever introduced, for those acts that say whether it took place.
    """
    actors, before, after = INTRODUCTION_ACTS[act]
    says_whether_held = act in {IntroductionAct.HELD, IntroductionAct.NOT_HELD}
    if actor not in actors or status not in before or (says_whether_held and not both_accepted):
        raise IntroductionActNotPossible
    if act is IntroductionAct.ACCEPT and other_side_accepted:
        return IntroductionStatus.INTRODUCED
    return after


def is_possible(
    act: IntroductionAct, status: IntroductionStatus, actor: IntroductionActor, *, both_accepted: bool = True
) -> bool:
    """Return whether a page should offer an act."""
    try:
        next_introduction_status(act, status, actor, both_accepted=both_accepted)
    except IntroductionActNotPossible:
        return False
    return True


def reminder_is_due(since: datetime, now: datetime) -> bool:
    """Return whether a side that has not answered gets its one reminder."""
    return now >= since + timedelta(days=DAYS_UNTIL_REMINDER)


def ends_without_answer(since: datetime, now: datetime) -> bool:
    """Return whether an introduction ends because a side has not answered."""
    return now >= since + timedelta(days=DAYS_UNTIL_NO_ANSWER)
