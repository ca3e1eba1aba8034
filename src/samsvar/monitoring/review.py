"""What happens to a person's decision when the reader or the source changes: a table, and how to look it up.

A new version of the reader never overwrites what a person decided. If the source itself has changed, the person
decided about a different text, and the finding returns to the review list.
"""

from __future__ import annotations

from enum import StrEnum

from samsvar.monitoring.report import Finding


class Decision(StrEnum):
    """A person's decision about an automatic label."""

    NONE = "none"
    ACCEPTED = "accepted"
    CORRECTED = "corrected"  # the person's own label replaces the automatic one
    REJECTED = "rejected"  # the person decided that this is not a finding


class ReadingChange(StrEnum):
    """What a new reading changes about a finding, compared with the reading that the person reviewed."""

    SAME = "same"
    LABEL = "label"  # the same text, another label: the reader has improved, or is wrong
    SOURCE = "source"  # the text of the paragraph itself differs: a corrected edition
    GONE = "gone"  # the new reading of the same source does not contain it
    NEW = "new"  # only the new reading contains it


class ReviewOutcome(StrEnum):
    """What to do with a finding after a new reading."""

    KEEP = "keep"  # no change
    REPLACE = "replace"  # the new automatic label replaces the old one; there was no decision
    KEEP_AND_SHOW = "keep_and_show"  # the decision is kept; the difference is shown next to it
    RETURN = "return"  # back to the review list, with the old decision shown
    REMOVE = "remove"  # there was no decision, and it is no longer a finding
    ADD = "add"  # a new finding, undecided


REVIEW_OUTCOMES: dict[tuple[Decision, ReadingChange], ReviewOutcome] = {
    (Decision.NONE, ReadingChange.SAME): ReviewOutcome.KEEP,
    (Decision.NONE, ReadingChange.LABEL): ReviewOutcome.REPLACE,
    (Decision.NONE, ReadingChange.SOURCE): ReviewOutcome.REPLACE,
    (Decision.NONE, ReadingChange.GONE): ReviewOutcome.REMOVE,
    (Decision.NONE, ReadingChange.NEW): ReviewOutcome.ADD,
    (Decision.ACCEPTED, ReadingChange.SAME): ReviewOutcome.KEEP,
    (Decision.ACCEPTED, ReadingChange.LABEL): ReviewOutcome.KEEP_AND_SHOW,
    (Decision.ACCEPTED, ReadingChange.SOURCE): ReviewOutcome.RETURN,
    (Decision.ACCEPTED, ReadingChange.GONE): ReviewOutcome.RETURN,
    (Decision.ACCEPTED, ReadingChange.NEW): ReviewOutcome.KEEP,  # accepted by hand before the reader found it
    (Decision.CORRECTED, ReadingChange.SAME): ReviewOutcome.KEEP,
    (Decision.CORRECTED, ReadingChange.LABEL): ReviewOutcome.KEEP_AND_SHOW,
    (Decision.CORRECTED, ReadingChange.SOURCE): ReviewOutcome.RETURN,
    (Decision.CORRECTED, ReadingChange.GONE): ReviewOutcome.RETURN,
    (Decision.CORRECTED, ReadingChange.NEW): ReviewOutcome.KEEP_AND_SHOW,
    (Decision.REJECTED, ReadingChange.SAME): ReviewOutcome.KEEP,
    (Decision.REJECTED, ReadingChange.LABEL): ReviewOutcome.KEEP_AND_SHOW,
    (Decision.REJECTED, ReadingChange.SOURCE): ReviewOutcome.RETURN,
    (Decision.REJECTED, ReadingChange.GONE): ReviewOutcome.KEEP,  # the reader now agrees with the person
    (Decision.REJECTED, ReadingChange.NEW): ReviewOutcome.KEEP_AND_SHOW,
}


def outcome_after(decision: Decision, change: ReadingChange) -> ReviewOutcome:
    """Return what to do with a finding, given the person's decision and the change in a new reading."""
    return REVIEW_OUTCOMES[decision, change]


def change_between(before: Finding | None, now: Finding | None) -> ReadingChange:
    """Return what a new reading changed about a finding; at least one of the two must be given.

    Texts are compared by their letters: a different line break or hyphenation is not a changed source. The position
    (page, boxes) and the version of the reader (`reader`) are not part of what a person decided about.
    """
    if now is None:
        if before is None:
            raise ValueError("one of the two readings has the finding")
        return ReadingChange.GONE
    if before is None:
        return ReadingChange.NEW
    if _letters_only(before.text) != _letters_only(now.text):
        return ReadingChange.SOURCE
    return ReadingChange.SAME if _label_values(before) == _label_values(now) else ReadingChange.LABEL


def _letters_only(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum()).casefold()


def _label_values(finding: Finding) -> tuple[object, ...]:
    return (
        finding.strength,
        finding.verb,
        finding.articles,
        finding.addressee,
        finding.from_state,
        tuple(map(_letters_only, finding.actions)),
    )
