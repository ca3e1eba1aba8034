"""Who may do what with an introduction, and that nothing waits for ever."""

from __future__ import annotations

import pytest

from samsvar.exchange.introductions import (
    INTRODUCTION_ACTS,
    IntroductionAct,
    IntroductionActNotPossible,
    IntroductionActor,
    IntroductionStatus,
    is_possible,
    next_introduction_status,
)

ASKER, HELPER, SECRETARIAT, CLOCK = IntroductionActor
A = IntroductionAct
# written by hand, apart from the library: what each may do, by status
MAY_DO = {
    IntroductionStatus.PROPOSED: {SECRETARIAT: {A.INVITE, A.DROP}, CLOCK: {A.EXPIRE}},
    IntroductionStatus.INVITED: {
        ASKER: {A.ACCEPT, A.LEAVE}, HELPER: {A.ACCEPT, A.LEAVE}, SECRETARIAT: {A.DROP}, CLOCK: {A.EXPIRE},
    },
    IntroductionStatus.HALF_ACCEPTED: {
        ASKER: {A.ACCEPT, A.LEAVE}, HELPER: {A.ACCEPT, A.LEAVE}, SECRETARIAT: {A.DROP}, CLOCK: {A.EXPIRE},
    },
    IntroductionStatus.INTRODUCED: {
        ASKER: {A.LEAVE, A.HELD, A.NOT_HELD}, HELPER: {A.LEAVE, A.HELD, A.NOT_HELD},
        SECRETARIAT: {A.HELD, A.NOT_HELD}, CLOCK: {A.EXPIRE},
    },
    IntroductionStatus.TOOK_PLACE: {ASKER: {A.NOT_HELD}, HELPER: {A.NOT_HELD}, SECRETARIAT: {A.NOT_HELD}},
    IntroductionStatus.DID_NOT_TAKE_PLACE: {ASKER: {A.HELD}, HELPER: {A.HELD}, SECRETARIAT: {A.HELD}},
    IntroductionStatus.NO_ANSWER: {
        ASKER: {A.HELD, A.NOT_HELD}, HELPER: {A.HELD, A.NOT_HELD}, SECRETARIAT: {A.HELD, A.NOT_HELD},
    },
    IntroductionStatus.LEFT: {},
    IntroductionStatus.DROPPED: {},
}  # fmt: skip


@pytest.mark.parametrize("status", list(IntroductionStatus))
def test_who_may_do_what(status: IntroductionStatus) -> None:
    possible = {
        actor: {act for act in IntroductionAct if is_possible(act, status, actor)} for actor in IntroductionActor
    }
    assert {actor: acts for actor, acts in possible.items() if acts} == MAY_DO[status]


@pytest.mark.parametrize("status", [status for status in IntroductionStatus if not status.is_over])
def test_nothing_stays_pending_for_ever(status: IntroductionStatus) -> None:
    after = next_introduction_status(IntroductionAct.EXPIRE, status, CLOCK)
    assert after is IntroductionStatus.NO_ANSWER
    assert after.is_over


@pytest.mark.parametrize("act", [IntroductionAct.HELD, IntroductionAct.NOT_HELD])
def test_a_past_introduction_can_be_closed_only_if_both_had_accepted(act: IntroductionAct) -> None:
    with pytest.raises(IntroductionActNotPossible):
        next_introduction_status(act, IntroductionStatus.NO_ANSWER, ASKER, both_accepted=False)
    after = next_introduction_status(act, IntroductionStatus.NO_ANSWER, ASKER, both_accepted=True)
    assert after is INTRODUCTION_ACTS[act][2]
