"""Three answers for a finding: what is done, what is proven, and what the monitoring body said afterwards.

The three are never combined into one. "No one has said anything" differs from "there is no evidence", and both differ
from a figure of 0. The verdict is a quotation from a later text of the body, never a grade.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from samsvar.implementation.evidence import EvidenceFacts, Side
from samsvar.implementation.measures import AnswerScope, Stage, TriageDecision


class Done(StrEnum):
    """What the state says it does about a finding."""

    NO_ONE_HAS_SAID = "no_one_has_said"
    NOT_FOR_US = "not_for_us"
    NO_MEASURE = "no_measure"
    STOPPED = "stopped"  # every measure that answered it was stopped
    PROPOSED = "proposed"
    DECIDED = "decided"
    UNDER_WAY = "under_way"
    DONE_IN_PART = "done_in_part"
    DONE_IN_WHOLE = "done_in_whole"


class Proven(StrEnum):
    """What the accepted evidence shows, and from whom."""

    NO_EVIDENCE = "no_evidence"
    EXPIRED = "expired"  # there was evidence, and none of it is valid any longer
    STATE_ONLY = "state_only"
    OTHERS_ONLY = "others_only"
    BOTH_AGREE = "both_agree"
    SIDES_DIFFER = "sides_differ"
    DISPUTED = "disputed"  # all of it says that the thing is not done or does not work


class Verdict(StrEnum):
    """What a later text of the monitoring body says about the same matter."""

    NONE_YET = "none_yet"
    TAKEN_UP_AGAIN = "taken_up_again"
    CLOSED = "closed"  # the later text says that it is settled, as a reviewer has confirmed
    WELCOMED = "welcomed"
    UNDECIDED = "undecided"  # the computer proposes a later text, and no reviewer has decided
    NO_LONGER_RAISED = "no_longer_raised"  # which does not mean that it is solved


@dataclass(frozen=True, slots=True)
class AnswerFacts:
    """A measure that answers a finding: its stage, and whether it answers the whole or which part."""

    stage: Stage
    scope: AnswerScope
    part: int | None = None  # number of the part, from 1; None for the whole or for a part without a number


@dataclass(frozen=True, slots=True)
class LaterFinding:
    """A later finding that takes up an earlier one, according to a certain citation or a reviewer."""

    strength: str
    closes: bool = False


def assess_done(answers: Collection[AnswerFacts], decision: TriageDecision | None, *, parts: int = 1) -> Done:
    """Return what is done about a finding, from the measures that answer it and the desk's decision on it.

    `parts` is how many parts the finding has. It is done in whole if a measure that is done answers the whole, or if
    such measures answer each part. A measure counts before a decision that there is none.
    """
    if not answers:
        match decision:
            case TriageDecision.NOT_FOR_US:
                return Done.NOT_FOR_US
            case TriageDecision.NO_MEASURE:
                return Done.NO_MEASURE
            case TriageDecision.OPEN | TriageDecision.IN_HAND | None:
                return Done.NO_ONE_HAS_SAID
    done = [answer for answer in answers if answer.stage is Stage.DONE]
    if any(answer.scope is AnswerScope.WHOLE for answer in done):
        return Done.DONE_IN_WHOLE
    if done:
        done_parts = {answer.part for answer in done if answer.part is not None and 1 <= answer.part <= parts}
        return Done.DONE_IN_WHOLE if len(done_parts) >= max(parts, 1) else Done.DONE_IN_PART
    stages = {answer.stage for answer in answers}
    for stage, result in (
        (Stage.UNDER_WAY, Done.UNDER_WAY),
        (Stage.DECIDED, Done.DECIDED),
        (Stage.PROPOSED, Done.PROPOSED),
    ):
        if stage in stages:
            return result
    return Done.STOPPED


def assess_proven(evidence: Iterable[EvidenceFacts], day: date) -> Proven:
    """Return what accepted evidence shows on a day. Evidence of the same side that contradicts itself also differs."""
    everything = list(evidence)
    valid = [one for one in everything if not one.has_expired(day)]
    if not valid:
        return Proven.EXPIRED if everything else Proven.NO_EVIDENCE
    supports = {one.supports for one in valid}
    if supports == {True, False}:
        return Proven.SIDES_DIFFER
    if supports == {False}:
        return Proven.DISPUTED
    sides = {one.side is Side.STATE for one in valid}
    if sides == {True, False}:
        return Proven.BOTH_AGREE
    return Proven.STATE_ONLY if True in sides else Proven.OTHERS_ONLY


def assess_verdict(later: Iterable[LaterFinding], *, has_later_round: bool, has_proposals: bool = False) -> Verdict:
    """Return what the body said afterwards. A demand that takes the finding up again outweighs praise and a closure.

    `has_later_round` tells whether the body has published a later assessment of the state, `has_proposals` whether a
    later text is only proposed, so that it is unknown whether the finding was raised again.
    """
    texts = list(later)
    if any(not one.closes and one.strength != "welcomes" for one in texts):
        return Verdict.TAKEN_UP_AGAIN
    if any(one.closes for one in texts):
        return Verdict.CLOSED
    if texts:
        return Verdict.WELCOMED
    if has_proposals:
        return Verdict.UNDECIDED
    return Verdict.NO_LONGER_RAISED if has_later_round else Verdict.NONE_YET
