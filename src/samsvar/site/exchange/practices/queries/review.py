"""Queries for peers who review practices, and for the secretariat, which publishes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from samsvar.exchange.practices import (
    REVIEWS_NEEDED,
    PracticeStatus,
    Review,
    ReviewCheck,
    ReviewVerdict,
    approving_organisations,
)
from samsvar.site.exchange.practices.models import Practice, PracticeEvent, PracticeReview
from samsvar.site.exchange.practices.permissions import (
    can_decide_practice,
    independent_filter,
    not_own_filter,
    organisations_that_can_review,
    review_organisations,
)
from samsvar.site.exchange.practices.queries.content import frozen_content
from samsvar.site.exchange.practices.queries.own import with_titles
from samsvar.site.network.access.permissions import Organisation, User
from samsvar.site.network.membership.queries import represented_organisations

DESK_KEY = "desk"  # of the owner of a practice that belongs to a state's national desk, in the library's rules


def owner_key(practice: Practice) -> str:
    """Return the owner of a practice as the library's rules name it."""
    return practice.organisation.public_id if practice.organisation else f"{DESK_KEY} {practice.state_id}"


def to_reviews(reviews: Iterable[PracticeReview]) -> list[Review]:
    """Return reviews, with their organisations loaded, as values of the library."""
    return [
        Review(
            organisation=review.organisation.public_id,
            verdict=ReviewVerdict(review.verdict),
            version=review.version,
            checks=frozenset(ReviewCheck(check) for check in review.checks),
        )
        for review in reviews
    ]


def count_approvals(practice: Practice) -> int:
    """Return how many other organisations approve the current text; `reviews__organisation` may be prefetched."""
    reviews = to_reviews(practice.reviews.all())
    return len(approving_organisations(reviews, owner=owner_key(practice), version=practice.version))


@dataclass(frozen=True, slots=True)
class WaitingPractice:
    """A practice that waits for reviews or for the secretariat."""

    practice: Practice
    title: str
    approvals: int

    @property
    def is_ready(self) -> bool:
        """Whether enough organisations approve it to publish it."""
        return self.approvals >= REVIEWS_NEEDED


def practices_to_review(user: User) -> list[WaitingPractice]:
    """Return the practices that the user can review and has not yet reviewed in this version, oldest first."""
    own = represented_organisations(user)
    return [
        _describe_waiting(practice)
        for practice in _in_review(independent_filter(user))
        if organisations_that_can_review(own, practice) and not _is_reviewed_by(user, practice)
    ]


def practices_to_publish(user: User) -> list[WaitingPractice]:
    """Return the practices in review for the secretariat, those that can be published first."""
    return sorted(map(_describe_waiting, _in_review(not_own_filter(user))), key=lambda waiting: -waiting.approvals)


def _in_review(condition: Q) -> list[Practice]:
    in_review = Practice.objects.filter(condition, status=PracticeStatus.IN_REVIEW)
    return list(with_titles(in_review).prefetch_related("reviews__organisation").order_by("updated_at", "pk"))


def _is_reviewed_by(user: User, practice: Practice) -> bool:
    return any(review.by_id == user.pk and review.version == practice.version for review in practice.reviews.all())


def _describe_waiting(practice: Practice) -> WaitingPractice:
    title: str = practice.title  # type: ignore[attr-defined]  # annotated by `with_titles`
    return WaitingPractice(practice, title, count_approvals(practice))


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """The text of a practice in review, for a peer or the secretariat."""

    practice: Practice
    content: Mapping[str, Any]
    approvals: int
    organisations: Sequence[Organisation]  # for which the user can review it
    reviews: Sequence[PracticeReview]  # of this version; for the secretariat only
    events: Sequence[PracticeEvent]

    @property
    def is_ready(self) -> bool:
        return self.approvals >= REVIEWS_NEEDED


def practice_to_review(user: User, public_id: str) -> ReviewPage | None:
    """Return the text of a practice that the user can review as a peer; None if there is no such practice.

    A practice that the user has already reviewed in this version cannot be reviewed again.
    """
    practice = _find_in_review(public_id)
    if practice is None or not (organisations := review_organisations(user, practice)):
        return None
    if _is_reviewed_by(user, practice):
        return None
    return _review_page(practice, organisations)


def practice_to_publish(user: User, public_id: str) -> ReviewPage | None:
    """Return a practice in review for the secretariat with its reviews; None if there is no such practice."""
    practice = _find_in_review(public_id)
    if practice is None or not can_decide_practice(user, practice):
        return None
    return _review_page(practice, ())


def _find_in_review(public_id: str) -> Practice | None:
    in_review = Practice.objects.filter(public_id=public_id, status=PracticeStatus.IN_REVIEW)
    return with_titles(in_review).prefetch_related("reviews__organisation").first()


def _review_page(practice: Practice, organisations: Sequence[Organisation]) -> ReviewPage:
    return ReviewPage(
        practice=practice,
        content=frozen_content(practice),
        approvals=count_approvals(practice),
        organisations=organisations,
        reviews=[review for review in practice.reviews.all() if review.version == practice.version],
        events=list(practice.events.order_by("-pk").defer("by")),
    )
