"""Requests for help to the network, offers, and what may happen to them.

A request has two questions: what do you want to solve, and what is in place so far? Those who ask decide how they
are shown.
Someone at risk is shown to no one but the secretariat, whatever they chose.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Final

from samsvar.exchange.practices import ExchangeError

DAYS_UNTIL_OVERDUE: Final = 30  # without an answer, the secretariat is told
DAYS_UNTIL_ENDED: Final = 90  # without an answer, the request ends with a note
DAYS_UNTIL_HELPED: Final = 30  # after the answer, the asker is asked whether it helped
REQUESTS_PER_MONTH: Final = 10  # of one account
REPLIES_PER_DAY: Final = 20
MAX_TEXT_LENGTH: Final = 4_000  # characters of a question or a reply


class RequestStatus(StrEnum):
    """The statuses of a request for help."""

    OPEN = "open"
    IN_HAND = "in_hand"  # someone is working on it
    ANSWERED = "answered"
    HELPED = "helped"  # the last three: according to the asker
    PARTLY = "partly"
    NOT_HELPED = "not_helped"
    ENDED = "ended"  # without an answer, with a note
    WITHDRAWN = "withdrawn"

    @property
    def is_over(self) -> bool:
        return self in {
            RequestStatus.HELPED, RequestStatus.PARTLY, RequestStatus.NOT_HELPED, RequestStatus.ENDED,
            RequestStatus.WITHDRAWN,
        }  # fmt: skip


class RequestAct(StrEnum):
    """What can be done with a request: see `REQUEST_ACTS`."""

    TAKE = "take"  # the secretariat or a helper says that they are working on it
    REPLY = "reply"
    JUDGE = "judge"  # the asker says whether it helped
    END = "end"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


class RequestActor(StrEnum):
    """The parties that act on a request."""

    ASKER = "asker"
    HELPER = "helper"
    SECRETARIAT = "secretariat"
    CLOCK = "clock"


class HelpForm(StrEnum):
    """The ladder of help, from the smallest to the largest."""

    ANSWER = "answer"  # in writing
    CALL = "call"  # of one to two hours
    PEER_REVIEW = "peer_review"
    STUDY_VISIT = "study_visit"

    @property
    def is_meeting(self) -> bool:
        """Whether it is held as a meeting."""
        return self is not HelpForm.ANSWER


class ShownAs(StrEnum):
    """How someone who asks or replies is shown to other members, from the widest to the narrowest."""

    NAME = "name"
    ORGANISATION = "organisation"
    COUNTRY = "country"
    NO_ONE = "no_one"


class OfferStatus(StrEnum):
    """The statuses of an offer."""

    OPEN = "open"
    PAUSED = "paused"
    ENDED = "ended"


_ACTIVE = frozenset({RequestStatus.OPEN, RequestStatus.IN_HAND, RequestStatus.ANSWERED})
VERDICTS = frozenset({RequestStatus.HELPED, RequestStatus.PARTLY, RequestStatus.NOT_HELPED})

# The only table of the acts on a request: who can do it, from which statuses, and the status it leads to. The verdict
# of the asker leads to itself (None).
REQUEST_ACTS: Mapping[RequestAct, tuple[frozenset[RequestActor], frozenset[RequestStatus], RequestStatus | None]] = {
    RequestAct.TAKE: (
        frozenset({RequestActor.HELPER, RequestActor.SECRETARIAT}),
        frozenset({RequestStatus.OPEN}),
        RequestStatus.IN_HAND,
    ),
    RequestAct.REPLY: (
        frozenset({RequestActor.HELPER, RequestActor.SECRETARIAT}),
        _ACTIVE,
        RequestStatus.ANSWERED,
    ),
    RequestAct.JUDGE: (
        frozenset({RequestActor.ASKER}),
        frozenset({RequestStatus.ANSWERED}) | VERDICTS,
        None,
    ),
    RequestAct.END: (
        frozenset({RequestActor.CLOCK, RequestActor.SECRETARIAT}),
        frozenset({RequestStatus.OPEN, RequestStatus.IN_HAND}),
        RequestStatus.ENDED,
    ),
    RequestAct.WITHDRAW: (
        frozenset({RequestActor.ASKER}),
        _ACTIVE,
        RequestStatus.WITHDRAWN,
    ),
    RequestAct.REOPEN: (
        frozenset({RequestActor.ASKER}),
        frozenset({RequestStatus.ENDED, RequestStatus.WITHDRAWN, RequestStatus.PARTLY, RequestStatus.NOT_HELPED}),
        RequestStatus.OPEN,
    ),
}


class RequestActNotPossible(ExchangeError):
    """Raised when an act does not fit the status of a request, or the person who wants it."""

    message = "This step is not possible: the request has another status."
    advice = "Reload the page: someone may have changed it in the meantime."


def next_request_status(
    act: RequestAct, status: RequestStatus, actor: RequestActor, verdict: RequestStatus | None = None
) -> RequestStatus:
    """Return the status after an act; `verdict` is what the asker says for `JUDGE`, one of `VERDICTS`.

    Raise `RequestActNotPossible` if the act fits neither the status nor the actor.
    """
    actors, before, after = REQUEST_ACTS[act]
    after = verdict if act is RequestAct.JUDGE else after
    if (
        actor not in actors
        or status not in before
        or after is None
        or (verdict is not None and verdict not in VERDICTS)
    ):
        raise RequestActNotPossible
    return after


def shown_as(chosen: ShownAs, *, at_risk: bool) -> ShownAs:
    """Return how someone is shown: as chosen, or as no one if they are at risk."""
    return ShownAs.NO_ONE if at_risk else chosen


def has_free_capacity(*, per_year: int | None, used: int, until: date | None, day: date) -> bool:
    """Return whether an offer can still be taken up on a day; `per_year` None means without a limit."""
    return (until is None or day <= until) and (per_year is None or used < per_year)
