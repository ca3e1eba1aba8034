"""Who reads, judges and decides on a contribution. A conflict of interest is stronger than every role."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ReviewsSeen(StrEnum):
    """When a reviewer sees what the others said."""

    AFTER_OWN = "after_own"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Standpoint:
    """How somebody stands to one contribution. Who runs the meeting and reviews too is bound as a reviewer."""

    runs: bool = False  # the meeting
    reviews: bool = False  # was given this duty
    has_reviewed: bool = False  # this contribution
    conflict: bool = False  # declared one
    own: bool = False  # offered it
    asked: bool = True  # the call asks for reviews; else nobody judges, and who runs the meeting decides at once

    @property
    def is_free(self) -> bool:
        """Whether no interest of their own is at stake."""
        return not (self.conflict or self.own)

    @property
    def may_review(self) -> bool:
        return self.is_free and self.asked and (self.reviews or self.runs)

    @property
    def may_decide(self) -> bool:
        return self.is_free and self.runs

    @property
    def sees_names(self) -> bool:
        """Who runs the meeting; but where they review too, after their own judgement alone."""
        return self.is_free and self.runs and (self.has_reviewed or not (self.reviews and self.asked))

    def sees_reviews(self, rule: ReviewsSeen) -> bool:
        """Whether others' reviews are shown. “Never” holds for every reviewer, whatever else they are."""
        if not (self.is_free and self.asked):
            return False
        if self.reviews:
            return rule is ReviewsSeen.AFTER_OWN and self.has_reviewed
        return self.runs
