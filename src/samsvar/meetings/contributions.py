"""Permissions to review contributions and to decide on them. A conflict of interest overrides every role."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ReviewVisibility(StrEnum):
    """The rules on when a reviewer may see the other reviews."""

    AFTER_OWN = "after_own"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class ContributionAccess:
    """A person's permissions for one contribution. Organisers who review are bound by the rules for reviewers."""

    runs: bool = False  # an organiser of the meeting
    reviews: bool = False  # was assigned as a reviewer
    has_reviewed: bool = False  # has submitted a review of this contribution
    conflict: bool = False  # has declared a conflict of interest
    own: bool = False  # submitted this contribution
    asked: bool = True  # the call uses reviews; if not, the organiser decides without any

    @property
    def is_impartial(self) -> bool:
        """Return whether the person neither submitted the contribution nor has a conflict of interest."""
        return not (self.conflict or self.own)

    @property
    def may_review(self) -> bool:
        return self.is_impartial and self.asked and (self.reviews or self.runs)

    @property
    def may_decide(self) -> bool:
        return self.is_impartial and self.runs

    @property
    def sees_names(self) -> bool:
        """Return whether an organiser may see the author's name; one who also reviews must submit a review first."""
        return self.is_impartial and self.runs and (self.has_reviewed or not (self.reviews and self.asked))

    def sees_reviews(self, visibility: ReviewVisibility) -> bool:
        """Return whether the person may see other reviews. NEVER applies to every reviewer, whatever their role."""
        if not (self.is_impartial and self.asked):
            return False
        if self.reviews:
            return visibility is ReviewVisibility.AFTER_OWN and self.has_reviewed
        return self.runs
