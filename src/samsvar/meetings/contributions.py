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

    is_organiser: bool = False  # an organiser of the meeting
    is_reviewer: bool = False  # was assigned as a reviewer
    has_reviewed: bool = False  # has submitted a review of this contribution
    has_conflict: bool = False  # has declared a conflict of interest
    is_author: bool = False  # submitted this contribution
    uses_reviews: bool = True  # the call uses reviews; if not, the organiser decides without any

    @property
    def is_impartial(self) -> bool:
        """Return whether the person neither submitted the contribution nor has a conflict of interest."""
        return not (self.has_conflict or self.is_author)

    @property
    def can_review(self) -> bool:
        return self.is_impartial and self.uses_reviews and (self.is_reviewer or self.is_organiser)

    @property
    def can_decide(self) -> bool:
        return self.is_impartial and self.is_organiser

    @property
    def can_see_author(self) -> bool:
        """Return whether an organiser may see the author's name; one who also reviews must submit a review first."""
        return (
            self.is_impartial
            and self.is_organiser
            and (self.has_reviewed or not (self.is_reviewer and self.uses_reviews))
        )

    def can_see_reviews(self, visibility: ReviewVisibility) -> bool:
        """Return whether the person may see other reviews. NEVER applies to all reviewers, even to organisers."""
        if not (self.is_impartial and self.uses_reviews):
            return False
        if self.is_reviewer:
            return visibility is ReviewVisibility.AFTER_OWN and self.has_reviewed
        return self.is_organiser
