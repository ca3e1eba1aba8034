"""Asks: questions or findings sent to a named official of another body, and what may happen to an ask.

A ministry that co-ordinates the Convention does not know what the police or a region has done; it asks. An ask has a
due day. Its link can be used for 14 days longer, because an answer that is late is better than none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from samsvar.implementation.measures import ImplementationError
from samsvar.text import remove_invalid_xml_characters

LINK_DAYS_AFTER_DUE: Final = 14
DAYS_BETWEEN_EMAILS: Final = 7  # to one person, about all asks together
DUE_SOON_DAYS: Final = 7  # the weekly email names an ask from this many days before it is due
MAX_QUESTIONS: Final = 60  # of one ask; a baseline report addresses some forty proposals to a government
MAX_TEXT_LENGTH: Final = 10_000  # characters, of an answer or of its figures; two printed pages have some 6,000
MAX_REASON_LENGTH: Final = 1_000
MAX_LINKS: Final = 20  # to evidence, in the answer to one question
MAX_LINK_LENGTH: Final = 500


class AskError(ImplementationError):
    """Base class of errors about an ask or its answers."""


class ActNotPossible(AskError):
    """Raised when an act does not fit the status of the ask, or the person who wants it."""

    advice = "Load the page again to see the status of the ask."

    def __init__(self, status: AskStatus, act: AskAct) -> None:
        super().__init__(f"An ask with the status “{status}” allows no act “{act}” by this person.")
        self.status, self.act = str(status), str(act)


class AnswerIncomplete(AskError):
    """Raised when an answer is sent in which a question has neither an answer nor a reason for none."""

    advice = "Answer each question, or say why there is no answer. You can save a draft at any time."

    def __init__(self, numbers: Sequence[int]) -> None:
        super().__init__(f"Questions without an answer: {', '.join(map(str, numbers))}.")
        self.numbers = ", ".join(map(str, numbers))


class AskStatus(StrEnum):
    """The statuses of an ask."""

    DRAFTED = "drafted"
    SENT = "sent"
    ANSWERED = "answered"
    SENT_BACK = "sent_back"  # with a note on what is missing
    ACCEPTED = "accepted"
    LAPSED = "lapsed"  # no answer came
    WITHDRAWN = "withdrawn"  # the desk no longer needs an answer


class AskAct(StrEnum):
    """The acts on an ask: all but a changed due day change its status."""

    SEND = "send"
    ANSWER = "answer"
    SEND_BACK = "send_back"
    ACCEPT = "accept"
    LAPSE = "lapse"
    WITHDRAW = "withdraw"
    CHANGE_DUE = "change_due"


class AskActor(StrEnum):
    """The parties that act on an ask."""

    DESK = "desk"  # of the state
    OFFICIAL = "official"  # of the body asked, by the link
    CLOCK = "clock"  # the daily task


_DESK = frozenset({AskActor.DESK})
_DESK_OR_CLOCK = frozenset({AskActor.DESK, AskActor.CLOCK})
# The desk, too, answers: it enters the file that an official returned by email, in the official's name.
_OFFICIAL_OR_DESK = frozenset({AskActor.OFFICIAL, AskActor.DESK})

# What may happen in each status, who may do it, and the status that follows.
TRANSITIONS: Final[Mapping[tuple[AskStatus, AskAct], tuple[AskStatus, frozenset[AskActor]]]] = {
    (AskStatus.DRAFTED, AskAct.SEND): (AskStatus.SENT, _DESK),
    (AskStatus.SENT, AskAct.ANSWER): (AskStatus.ANSWERED, _OFFICIAL_OR_DESK),
    (AskStatus.SENT, AskAct.LAPSE): (AskStatus.LAPSED, _DESK_OR_CLOCK),
    (AskStatus.SENT, AskAct.WITHDRAW): (AskStatus.WITHDRAWN, _DESK),
    (AskStatus.SENT, AskAct.CHANGE_DUE): (AskStatus.SENT, _DESK),
    # a correction before the desk has decided; each version is kept
    (AskStatus.ANSWERED, AskAct.ANSWER): (AskStatus.ANSWERED, _OFFICIAL_OR_DESK),
    (AskStatus.ANSWERED, AskAct.SEND_BACK): (AskStatus.SENT_BACK, _DESK),
    (AskStatus.ANSWERED, AskAct.ACCEPT): (AskStatus.ACCEPTED, _DESK),
    (AskStatus.SENT_BACK, AskAct.ANSWER): (AskStatus.ANSWERED, _OFFICIAL_OR_DESK),
    (AskStatus.SENT_BACK, AskAct.LAPSE): (AskStatus.LAPSED, _DESK_OR_CLOCK),
    (AskStatus.SENT_BACK, AskAct.WITHDRAW): (AskStatus.WITHDRAWN, _DESK),
    (AskStatus.SENT_BACK, AskAct.CHANGE_DUE): (AskStatus.SENT_BACK, _DESK),
    (AskStatus.LAPSED, AskAct.SEND): (AskStatus.SENT, _DESK),  # once more, with a later due day
}

AWAITING_ANSWER: Final = frozenset({AskStatus.SENT, AskStatus.SENT_BACK})
OPEN_STATUSES: Final = AWAITING_ANSWER | {AskStatus.ANSWERED}
# The official may read an accepted answer until the link ends, but no longer change it.
READABLE_BY_LINK: Final = OPEN_STATUSES | {AskStatus.ACCEPTED}


def next_status(status: AskStatus, act: AskAct, actor: AskActor) -> AskStatus:
    """Return the status that follows an act. Raises ActNotPossible."""
    following, actors = TRANSITIONS.get((status, act), (status, frozenset()))
    if actor not in actors:
        raise ActNotPossible(status, act)
    return following


def possible_acts(status: AskStatus, actor: AskActor) -> tuple[AskAct, ...]:
    """Return the acts that are open to this party, in the order of `AskAct`."""
    return tuple(act for act in AskAct if actor in TRANSITIONS.get((status, act), (status, frozenset()))[1])


def link_expires_on(due: date) -> date:
    """Return the last day on which the link of an ask works."""
    return due + timedelta(days=LINK_DAYS_AFTER_DUE)


def is_link_valid(status: AskStatus, due: date, day: date) -> bool:
    """Return whether the link of an ask opens its page on `day`."""
    return status in READABLE_BY_LINK and day <= link_expires_on(due)


def is_overdue(status: AskStatus, due: date, day: date) -> bool:
    """Return whether an answer is awaited although its due day is over."""
    return status in AWAITING_ANSWER and due < day


def lapses_on(due: date) -> date:
    """Return the day on which an ask without an answer lapses: the first on which its link no longer works."""
    return link_expires_on(due) + timedelta(days=1)


class ReminderReason(StrEnum):
    """The reasons for which the weekly email names an ask."""

    NEW = "new"  # the link was not sent yet
    SENT_BACK = "sent_back"
    DUE_CHANGED = "due_changed"  # the desk has changed the due day
    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    FROM_DESK = "from_desk"  # the desk wants the official to be reminded now


def find_reminder_reason(
    status: AskStatus, due: date, day: date, *, link_was_sent: bool, return_was_sent: bool, due_was_sent: bool = True
) -> ReminderReason | None:
    """Return why an email to the official names this ask on `day`; None if it has no reason to.

    `return_was_sent` says whether an email has already named the last note with which the ask was sent back, and
    `due_was_sent` whether one has named the due day since it was last changed.
    """
    if status not in AWAITING_ANSWER or not is_link_valid(status, due, day):
        return None
    if not link_was_sent:
        return ReminderReason.NEW
    if status is AskStatus.SENT_BACK and not return_was_sent:
        return ReminderReason.SENT_BACK
    if not due_was_sent:
        return ReminderReason.DUE_CHANGED
    if due < day:
        return ReminderReason.OVERDUE
    return ReminderReason.DUE_SOON if due <= day + timedelta(days=DUE_SOON_DAYS) else None


def next_email_on(last_sent: date | None, day: date) -> date:
    """Return the first day, from `day`, on which a person may get the next email about asks."""
    return day if last_sent is None else max(day, last_sent + timedelta(days=DAYS_BETWEEN_EMAILS))


# --- Questions and answers --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AskQuestion:
    """A question of an ask, about a finding or about anything else.

    `id` is the question's own; `citation` and `quotation` are those of the finding, "" without one.
    """

    id: str
    text: str
    citation: str = ""
    quotation: str = ""


@dataclass(frozen=True, slots=True)
class AskAnswer:
    """An answer to a question: text, figures as lines of text, links to evidence, or the reason for no answer.

    An answer that says nothing at all is possible only in a draft.
    """

    text: str = ""
    figures: str = ""
    evidence: tuple[str, ...] = ()
    no_answer_because: str = ""

    @property
    def is_empty(self) -> bool:
        return self == AskAnswer()

    @property
    def is_contradictory(self) -> bool:
        """Whether it gives an answer and also says why there is none."""
        return bool(self.no_answer_because and (self.text or self.figures or self.evidence))


@dataclass(frozen=True, slots=True)
class AnswerFault:
    """A fault in the answer to a question: the question's number from 1, the field, and a code for the text."""

    number: int
    field: str
    code: str


def clean_answer(text: str, figures: str, evidence: Iterable[str] | str, no_answer_because: str) -> AskAnswer:
    """Return an answer as it is stored: without outer spaces, with "\\n" as line end; links one per line."""
    links = evidence.splitlines() if isinstance(evidence, str) else evidence
    return AskAnswer(
        text=_clean_text(text),
        figures=_clean_text(figures),
        evidence=tuple(dict.fromkeys(filter(None, map(_clean_text, links)))),
        no_answer_because=_clean_text(no_answer_because),
    )


def find_faults(questions: Sequence[AskQuestion], answers: Mapping[str, AskAnswer]) -> list[AnswerFault]:
    """Return what must be corrected before the answers can be saved, even as a draft. `answers` are by question."""
    faults = []
    for number, question in enumerate(questions, start=1):
        answer = answers.get(question.id, AskAnswer())
        for field in ("text", "figures"):
            if len(getattr(answer, field)) > MAX_TEXT_LENGTH:
                faults.append(AnswerFault(number, field, "too_long"))
        if len(answer.no_answer_because) > MAX_REASON_LENGTH:
            faults.append(AnswerFault(number, "no_answer_because", "too_long"))
        if answer.is_contradictory:
            faults.append(AnswerFault(number, "no_answer_because", "contradictory"))
        if len(answer.evidence) > MAX_LINKS:
            faults.append(AnswerFault(number, "evidence", "too_many_links"))
        elif not all(map(is_web_address, answer.evidence)):
            faults.append(AnswerFault(number, "evidence", "not_a_link"))
    return faults


def check_complete(questions: Sequence[AskQuestion], answers: Mapping[str, AskAnswer]) -> None:
    """Check that each question has an answer, or a reason for none. Raises AnswerIncomplete."""
    missing = [
        number for number, question in enumerate(questions, start=1) if answers.get(question.id, AskAnswer()).is_empty
    ]
    if missing:
        raise AnswerIncomplete(missing)


def changed_questions(before: Mapping[str, AskAnswer], after: Mapping[str, AskAnswer]) -> frozenset[str]:
    """Return the ids of the questions whose answers differ; a missing answer equals an empty one."""
    empty = AskAnswer()
    return frozenset(id_ for id_ in before.keys() | after.keys() if before.get(id_, empty) != after.get(id_, empty))


def checksum_of_questions(questions: Iterable[AskQuestion]) -> str:
    """Return 16 hexadecimal digits that change when a question is added, removed, moved or reworded."""
    values = [[question.id, question.text, question.citation, question.quotation] for question in questions]
    return hashlib.sha256(json.dumps(values, ensure_ascii=True).encode()).hexdigest()[:16]


def is_web_address(text: str) -> bool:
    """Return whether a text is the address of a page that a reader can open."""
    if len(text) > MAX_LINK_LENGTH or any(c.isspace() for c in text):
        return False
    try:
        parts = urlsplit(text)
    except ValueError:  # such as an IPv6 address that is never closed
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not (parts.username or parts.password)


def _clean_text(text: str) -> str:
    return remove_invalid_xml_characters(text.replace("\r\n", "\n").replace("\r", "\n")).strip()
