"""Queries for calls for contributions: contributions, their reviews, and what a user may see of both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from samsvar.ids import hash_secret
from samsvar.meetings.contributions import ContributionAccess, ReviewVisibility
from samsvar.network.people import Field
from samsvar.network.rights import Claim, Scope
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User, can_manage, can_see
from samsvar.site.network.access.permissions import get_access
from samsvar.site.network.directory.queries.participants import get_visible_participants

State = models.Contribution.State


def find_call(meeting: models.Meeting) -> models.ContributionCall | None:
    return models.ContributionCall.objects.filter(meeting=meeting).first()


def is_call_open(call: models.ContributionCall, now: datetime) -> bool:
    """Return whether contributions can be submitted and changed now."""
    return call.opens_at <= now < call.closes_at and call.meeting.cancelled_at is None


def find_submission_link(meeting: models.Meeting, token: str) -> models.ContributionLink | None:
    """Return the submission link with this token, or None if there is none."""
    links = models.ContributionLink.objects.select_related("call__meeting", "contribution")
    return links.filter(call__meeting=meeting, token_hash=hash_secret(token)).first()


def list_own_contributions(user: User, meeting: models.Meeting) -> list[models.Contribution]:
    """Return the contributions that this user has submitted to this meeting."""
    if not user.is_authenticated:
        return []
    return list(_meeting_contributions(meeting).filter(account=user))


def find_own_contribution(user: User, meeting: models.Meeting, public_id: str) -> models.Contribution | None:
    return _meeting_contributions(meeting).filter(account=user, public_id=public_id).first()


def find_contribution(meeting: models.Meeting, public_id: str) -> models.Contribution | None:
    return _meeting_contributions(meeting).filter(public_id=public_id).first()


def _meeting_contributions(meeting: models.Meeting) -> QuerySet[models.Contribution]:
    contributions = models.Contribution.objects.filter(call__meeting=meeting)
    return contributions.select_related("call__meeting", "track", "session", "person")


# --- Permission to review ---------------------------------------------------------------------------------------------


def is_reviewer(user: User, meeting: models.Meeting) -> bool:
    """Return whether the user is an appointed reviewer of a call with reviews; organisers are not unless appointed."""
    access = get_access(user)
    if not access.signed_in or access.is_refused(Claim.MANAGE_MEETING, Scope(meeting=meeting.public_id)):
        return False
    now = timezone.now()
    duties = meeting.duties.filter(account=user, kind=models.Duty.Kind.REVIEW, until__gt=now)
    return duties.exclude(meeting__call__reviewed=False).exists()


def uses_reviews(meeting: models.Meeting) -> bool:
    """Return whether contributions to this meeting are reviewed, which they are unless the call says otherwise."""
    return not models.ContributionCall.objects.filter(meeting=meeting, reviewed=False).exists()


def can_open_reviews(user: User, meeting: models.Meeting) -> bool:
    """Return whether this user may open the review pages of this meeting."""
    return is_reviewer(user, meeting) or (can_manage(user, meeting) and uses_reviews(meeting))


def get_contribution_access(user: User, contribution: models.Contribution) -> ContributionAccess:
    meeting = contribution.call.meeting
    own = contribution.reviews.filter(by=user).first() if user.is_authenticated else None
    return _build_contribution_access(
        user, contribution, own, runs=can_manage(user, meeting), reviews=is_reviewer(user, meeting)
    )


def _build_contribution_access(
    user: User, contribution: models.Contribution, own: models.ContributionReview | None, *, runs: bool, reviews: bool
) -> ContributionAccess:
    person = get_access(user).person
    return ContributionAccess(
        is_organiser=runs,
        is_reviewer=reviews,
        has_reviewed=own is not None and own.score is not None,
        has_conflict=own is not None and own.conflict,
        is_author=contribution.account_id == user.pk or (person is not None and contribution.person_id == person),
        uses_reviews=contribution.call.reviewed,
    )


# --- Pages ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ContributionRow:
    """A contribution in a list, with what this user may see of it."""

    contribution: models.Contribution
    access: ContributionAccess
    own: models.ContributionReview | None = None
    name: str = ""
    reviews: int | None = None  # None if hidden from the user
    average: float | None = None

    @property
    def needs_review(self) -> bool:
        """Return whether this user still has to review the contribution."""
        return self.access.can_review and (self.own is None or self.own.score is None)


@dataclass(frozen=True, slots=True)
class ReviewProgress:
    """A reviewer's progress: how many contributions they may review, and how many they have reviewed."""

    reviewed: int
    total: int


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """The content of a contribution's page, with those of its reviews that the user may see."""

    contribution: models.Contribution
    access: ContributionAccess
    own: models.ContributionReview | None
    others: tuple[models.ContributionReview, ...] | None  # None: hidden from this user
    name: str = ""
    with_others: str = ""

    @property
    def average(self) -> float | None:
        return _average_score(self.others or ())


def contributions_to_review(user: User, meeting: models.Meeting) -> list[ContributionRow]:
    """Return the pending contributions that the user may review, without authors' names.

    Contributions for which the user declared a conflict of interest are included; their own are not.
    """
    pending = _meeting_contributions(meeting).filter(state=State.OFFERED).prefetch_related("reviews")
    rows = _contribution_rows(user, meeting, pending)
    return [line for line in rows if line.access.can_review or line.access.has_conflict]


def summarise_review_progress(rows: Iterable[ContributionRow]) -> ReviewProgress | None:
    """Return the progress of the reviewer for whom the rows were built; None if they have nothing to review."""
    reviewable = [line for line in rows if line.access.can_review]
    return ReviewProgress(sum(not line.needs_review for line in reviewable), len(reviewable)) if reviewable else None


def get_review_progress(user: User, meeting: models.Meeting) -> ReviewProgress | None:
    """Return the user's progress as a reviewer of this meeting; None if they are not a reviewer."""
    return summarise_review_progress(contributions_to_review(user, meeting)) if is_reviewer(user, meeting) else None


def list_reviewers(meeting: models.Meeting) -> list[tuple[str, ReviewProgress]]:
    """Return the email address and the progress of each reviewer, for organisers."""
    duties = meeting.duties.filter(kind=models.Duty.Kind.REVIEW, until__gt=timezone.now(), account__is_active=True)
    accounts = [one.account for one in duties.select_related("account").order_by("account__email")]
    return [
        (account.email, summarise_review_progress(contributions_to_review(account, meeting)) or ReviewProgress(0, 0))
        for account in accounts
        if is_reviewer(account, meeting)
    ]


def pending_reviews_panel(public_id: str) -> tuple[str, dict[str, Any]] | None:
    """Return the panel with an account's progress as a reviewer of each meeting; None if they review none."""
    duties = models.Duty.objects.filter(
        account__public_id=public_id, kind=models.Duty.Kind.REVIEW, until__gt=timezone.now()
    ).select_related("account", "meeting")
    progress = [(one.meeting, get_review_progress(one.account, one.meeting)) for one in duties]
    waiting = [one for one in progress if one[1] is not None]
    return ("meetings/contributions/_own_reviews_panel.html", {"waiting": waiting}) if waiting else None


def list_contributions(user: User, meeting: models.Meeting) -> list[ContributionRow]:
    """Return all contributions for organisers; access to the authors' names is logged once for the whole list."""
    rows = _contribution_rows(user, meeting, _meeting_contributions(meeting).prefetch_related("reviews"))
    shown = [line.contribution for line in rows if line.access.can_see_author]
    names = get_author_names(user, meeting, shown)
    return [replace(line, name=names.get(line.contribution.pk, "")) for line in rows]


def review_page(user: User, contribution: models.Contribution) -> ReviewPage:
    """Return the content of a contribution's page, limited to what the user may see."""
    reader = get_contribution_access(user, contribution)
    reviews = list(contribution.reviews.select_related("by"))
    own = next((one for one in reviews if one.by_id == user.pk), None)
    may_see_reviews = reader.can_see_reviews(ReviewVisibility(contribution.call.reviews_seen))
    others = tuple(one for one in reviews if one is not own and not one.conflict) if may_see_reviews else None
    meeting = contribution.call.meeting
    if not reader.can_see_author:
        return ReviewPage(contribution, reader, own, others)
    name = get_author_names(user, meeting, [contribution]).get(contribution.pk, "")
    return ReviewPage(contribution, reader, own, others, name, contribution.with_others)


def get_author_names(
    user: User | None, meeting: models.Meeting, contributions: Iterable[models.Contribution]
) -> dict[int, str]:
    """Return the authors' names by the contribution's primary key, logged as one access."""
    contributions = list(contributions)
    people = {row.person.pk: row.person for row in contributions if row.person is not None}
    views = get_visible_participants(
        user, people.values(), subject=f"contributions {meeting.public_id}", fields=(Field.NAME,)
    )
    return {row.pk: views[row.person_id].name for row in contributions if row.person_id and row.person_id in views}


def _contribution_rows(
    user: User, meeting: models.Meeting, contributions: Iterable[models.Contribution]
) -> list[ContributionRow]:
    runs, reviews = can_manage(user, meeting), is_reviewer(user, meeting)
    result = []
    for contribution in contributions:
        all_reviews = list(contribution.reviews.all())
        own = next((one for one in all_reviews if one.by_id == user.pk), None)
        reader = _build_contribution_access(user, contribution, own, runs=runs, reviews=reviews)
        may_see_reviews = reader.can_see_reviews(ReviewVisibility(contribution.call.reviews_seen))
        scored = [one for one in all_reviews if one.score is not None]
        count, average = (len(scored), _average_score(scored)) if may_see_reviews else (None, None)
        result.append(ContributionRow(contribution, reader, own, reviews=count, average=average))
    return result


def _average_score(reviews: Iterable[models.ContributionReview]) -> float | None:
    scores = [one.score for one in reviews if one.score is not None]
    return sum(scores) / len(scores) if scores else None


def find_meeting_to_review(user: User, slug: str) -> models.Meeting | None:
    """Return the meeting if the user may open its review pages; otherwise None.

    Reviewers may have no access to anything else in the meeting.
    """
    meeting = models.Meeting.objects.select_related("inside", "network").filter(public_id=slug).first()
    return meeting if meeting is not None and can_open_reviews(user, meeting) else None


def find_meeting_with_call(user: User, slug: str) -> models.Meeting | None:
    """Return the meeting, if it has a call and this user may see it; None otherwise."""
    meeting = models.Meeting.objects.select_related("inside", "network", "state").filter(public_id=slug).first()
    return meeting if meeting is not None and can_see(user, meeting) and find_call(meeting) else None
