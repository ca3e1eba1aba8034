"""Who may review a contribution and decide on it. A conflict of interest overrides every role."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ReviewVisibility(StrEnum):
    """When a reviewer may see the other reviews."""

    AFTER_OWN = "after_own"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class ContributionAccess:
    """What a person may do with one contribution. An organiser who also reviews is bound by the rules for reviewers."""

    runs: bool = False  # an organiser of the meeting
    reviews: bool = False  # was assigned as a reviewer
    has_reviewed: bool = False  # has submitted a review of this contribution
    conflict: bool = False  # has declared a conflict of interest
    own: bool = False  # submitted this contribution
    asked: bool = True  # the call uses reviews; if not, the organiser decides at once

    @property
    def is_impartial(self) -> bool:
        """Return whether the person has no interest of their own in this contribution."""
        return not (self.conflict or self.own)

    @property
    def may_review(self) -> bool:
        return self.is_impartial and self.asked and (self.reviews or self.runs)

    @property
    def may_decide(self) -> bool:
        return self.is_impartial and self.runs

    @property
    def sees_names(self) -> bool:
        """Return whether the author's name is shown: to organisers, but if they also review, only after their own
        review.
        """
        return self.is_impartial and self.runs and (self.has_reviewed or not (self.reviews and self.asked))

    def sees_reviews(self, visibility: ReviewVisibility) -> bool:
        """Return whether other people's reviews are shown. NEVER applies to every reviewer, whatever their role."""
        if not (self.is_impartial and self.asked):
            return False
        if self.reviews:
            return visibility is ReviewVisibility.AFTER_OWN and self.has_reviewed
        return self.runs
