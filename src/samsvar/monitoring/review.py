"""What becomes of a person's decision when the reader or the source changes: one table, and how to enter it.

A new version of the reader never overwrites what a person decided. If the source itself has changed, the person
decided about another text, and the finding returns to the list.
"""

from __future__ import annotations

from enum import StrEnum

from samsvar.monitoring.report import Finding


class Decision(StrEnum):
    """What a person has decided about a machine's label."""

    NONE = "none"
    ACCEPTED = "accepted"
    CORRECTED = "corrected"  # the person's own label stands in place of the machine's
    REJECTED = "rejected"  # the person said that this is no finding


class Change(StrEnum):
    """What a new reading says about a finding, compared with the reading that the person saw."""

    SAME = "same"
    LABEL = "label"  # the same text, another label: the reader has learned, or has erred
    SOURCE = "source"  # the paragraph itself reads differently: a corrected edition
    GONE = "gone"  # the new reading of the same source does not find it
    NEW = "new"  # only the new reading finds it


class Outcome(StrEnum):
    """What is done."""

    KEEP = "keep"  # nothing changes
    REPLACE = "replace"  # the machine's label gives way to the new one; nobody had decided
    KEEP_AND_SHOW = "keep_and_show"  # the decision stands; the difference is shown beside it
    RETURN = "return"  # back to the list of those that a person should look at, with the old decision in sight
    REMOVE = "remove"  # nobody had decided, and it is no finding any more
    ADD = "add"  # a new finding, undecided


AFTER: dict[tuple[Decision, Change], Outcome] = {
    (Decision.NONE, Change.SAME): Outcome.KEEP,
    (Decision.NONE, Change.LABEL): Outcome.REPLACE,
    (Decision.NONE, Change.SOURCE): Outcome.REPLACE,
    (Decision.NONE, Change.GONE): Outcome.REMOVE,
    (Decision.NONE, Change.NEW): Outcome.ADD,
    (Decision.ACCEPTED, Change.SAME): Outcome.KEEP,
    (Decision.ACCEPTED, Change.LABEL): Outcome.KEEP_AND_SHOW,
    (Decision.ACCEPTED, Change.SOURCE): Outcome.RETURN,
    (Decision.ACCEPTED, Change.GONE): Outcome.RETURN,
    (Decision.ACCEPTED, Change.NEW): Outcome.KEEP,  # accepted by hand before the reader found it
    (Decision.CORRECTED, Change.SAME): Outcome.KEEP,
    (Decision.CORRECTED, Change.LABEL): Outcome.KEEP_AND_SHOW,
    (Decision.CORRECTED, Change.SOURCE): Outcome.RETURN,
    (Decision.CORRECTED, Change.GONE): Outcome.RETURN,
    (Decision.CORRECTED, Change.NEW): Outcome.KEEP_AND_SHOW,
    (Decision.REJECTED, Change.SAME): Outcome.KEEP,
    (Decision.REJECTED, Change.LABEL): Outcome.KEEP_AND_SHOW,
    (Decision.REJECTED, Change.SOURCE): Outcome.RETURN,
    (Decision.REJECTED, Change.GONE): Outcome.KEEP,  # person and reader agree now
    (Decision.REJECTED, Change.NEW): Outcome.KEEP_AND_SHOW,
}


def after(decision: Decision, change: Change) -> Outcome:
    """What is done with a finding on which a person has decided so, when a new reading changes so."""
    return AFTER[decision, change]


def change_between(before: Finding | None, now: Finding | None) -> Change:
    """What a new reading changed about one finding; at least one of the two is there.

    The text counts by its words: another line break or hyphen at a line's end is no other source. Where it stands
    (page, boxes) and who read it (`reader`) are no part of what a person decided about.
    """
    if now is None:
        if before is None:
            raise ValueError("one of the two readings has the finding")
        return Change.GONE
    if before is None:
        return Change.NEW
    if _letters(before.text) != _letters(now.text):
        return Change.SOURCE
    return Change.SAME if _label(before) == _label(now) else Change.LABEL


def _letters(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum()).casefold()


def _label(finding: Finding) -> tuple[object, ...]:
    return (
        finding.strength,
        finding.verb,
        finding.articles,
        finding.addressee,
        finding.from_state,
        tuple(map(_letters, finding.actions)),
    )
