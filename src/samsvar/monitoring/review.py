"""The rules, in one table, for a person's decision about a finding when the reader or the source changes.

The reader is the software that reads reports. A new version of it never overwrites a person's decision. If the source
itself has changed, the decision was about a different text, so the finding returns to the review list.
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
    """The change to a finding between the reading that the person reviewed and a new reading."""

    SAME = "same"
    LABEL = "label"  # the same text with another label: the reader has improved, or is wrong
    SOURCE = "source"  # the text of the paragraph itself differs: a corrected edition
    GONE = "gone"  # the new reading of the same source does not contain it
    NEW = "new"  # only the new reading contains it


class ReviewOutcome(StrEnum):
    """The action to take on a finding after a new reading."""

    KEEP = "keep"  # no change
    REPLACE = "replace"  # the new automatic label replaces the old one, because there was no decision
    KEEP_AND_SHOW = "keep_and_show"  # the decision is kept; the difference is shown next to it
    RETURN = "return"  # back to the review list, with the old decision shown
    REMOVE = "remove"  # no longer a finding, and there was no decision
    ADD = "add"  # a new finding without a decision


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


def get_review_outcome(decision: Decision, change: ReadingChange) -> ReviewOutcome:
    """Return how to treat a finding, given the reviewer's decision and how a new reading changed the finding."""
    return REVIEW_OUTCOMES[decision, change]


def compare_findings(before: Finding | None, now: Finding | None) -> ReadingChange:
    """Return how a new reading changes a finding. Raises ValueError if neither reading has it (both are None).

    Texts are compared by their letters, so a different line break or hyphenation is not a changed source. The
    position (page, boxes) and the version of the reader (`reader`) are ignored, because a decision is not about
    them.
    """
    if now is None:
        if before is None:
            raise ValueError("at least one of the two readings must contain the finding")
        return ReadingChange.GONE
    if before is None:
        return ReadingChange.NEW
    if _extract_letters(before.text) != _extract_letters(now.text):
        return ReadingChange.SOURCE
    return ReadingChange.SAME if _label_values(before) == _label_values(now) else ReadingChange.LABEL


def _extract_letters(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum()).casefold()


def _label_values(finding: Finding) -> tuple[object, ...]:
    return (
        finding.strength,
        finding.verb,
        finding.articles,
        finding.addressee,
        finding.from_state,
        finding.state_position,
        tuple(map(_extract_letters, finding.actions)),
    )
