"""The call for contributions: what is offered, to whom it is shown, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from samsvar.ids import secret_hash
from samsvar.meetings.contributions import ReviewsSeen, Standpoint
from samsvar.network.people import Field
from samsvar.network.rights import Claim, Scope
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User, can_manage, can_see
from samsvar.site.network.access.permissions import access_of
from samsvar.site.network.directory.queries.participants import participants_for
from samsvar.site.network.labels import language_name

State = models.Contribution.State


def call_of(meeting: models.Meeting) -> models.ContributionCall | None:
    return models.ContributionCall.objects.filter(meeting=meeting).first()


def is_open(call: models.ContributionCall, now: datetime) -> bool:
    """Whether something can be offered, and changed."""
    return call.opens_at <= now < call.closes_at and call.meeting.cancelled_at is None


def link_by(meeting: models.Meeting, token: str) -> models.ContributionLink | None:
    """The link that was sent to an address; None where nobody was sent it."""
    return (
        models.ContributionLink.objects.select_related("call__meeting", "contribution")
        .filter(call__meeting=meeting, token_hash=secret_hash(token))
        .first()
    )


def offered_by(user: User, meeting: models.Meeting) -> list[models.Contribution]:
    """What this user has offered to this meeting."""
    if not user.is_authenticated:
        return []
    return list(_of(meeting).filter(account=user))


def own_contribution(user: User, meeting: models.Meeting, public_id: str) -> models.Contribution | None:
    return _of(meeting).filter(account=user, public_id=public_id).first()


def contribution_by(meeting: models.Meeting, public_id: str) -> models.Contribution | None:
    return _of(meeting).filter(public_id=public_id).first()


def _of(meeting: models.Meeting) -> QuerySet[models.Contribution]:
    return models.Contribution.objects.select_related("call__meeting", "track", "session", "person").filter(
        call__meeting=meeting
    )


# --- Who stands how to it ---------------------------------------------------------------------------------------------


def is_reviewer(user: User, meeting: models.Meeting) -> bool:
    """Whether this user has the duty to review, and the call asks for reviews; running the meeting is not the same."""
    access = access_of(user)
    if not access.signed_in or access.is_refused(Claim.MANAGE_MEETING, Scope(meeting=meeting.public_id)):
        return False
    now = timezone.now()
    duties = meeting.duties.filter(account=user, kind=models.Duty.Kind.REVIEW, until__gt=now)
    return duties.exclude(meeting__call__reviewed=False).exists()


def asks_for_reviews(meeting: models.Meeting) -> bool:
    """Whether contributions to this meeting are judged by reviewers: so, until a call says that they are not."""
    return not models.ContributionCall.objects.filter(meeting=meeting, reviewed=False).exists()


def reviews_here(user: User, meeting: models.Meeting) -> bool:
    """Whether this user has anything to do with the reviews of this meeting."""
    return is_reviewer(user, meeting) or (can_manage(user, meeting) and asks_for_reviews(meeting))


def standpoint(user: User, contribution: models.Contribution) -> Standpoint:
    meeting = contribution.call.meeting
    own = contribution.reviews.filter(by=user).first() if user.is_authenticated else None
    return _standpoint(user, contribution, own, runs=can_manage(user, meeting), reviews=is_reviewer(user, meeting))


def _standpoint(
    user: User, contribution: models.Contribution, own: models.ContributionReview | None, *, runs: bool, reviews: bool
) -> Standpoint:
    person = access_of(user).person
    return Standpoint(
        runs=runs,
        reviews=reviews,
        has_reviewed=own is not None and own.score is not None,
        conflict=own is not None and own.conflict,
        own=contribution.account_id == user.pk or (person is not None and contribution.person_id == person),
        asked=contribution.call.reviewed,
    )


# --- Pages ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One contribution in a list: what this reader may know of it."""

    row: models.Contribution
    standpoint: Standpoint
    own: models.ContributionReview | None = None
    name: str = ""
    reviews: int | None = None  # None: not for this reader
    average: float | None = None

    @property
    def waits(self) -> bool:
        """Whether this reader has still to judge it."""
        return self.standpoint.may_review and (self.own is None or self.own.score is None)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a reviewer is: of `of` contributions that they may judge, `done` are judged."""

    done: int
    of: int


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """One contribution with what this reader may see of the reviews."""

    row: models.Contribution
    standpoint: Standpoint
    own: models.ContributionReview | None
    others: tuple[models.ContributionReview, ...] | None  # None: not for this reader
    name: str = ""
    with_others: str = ""

    @property
    def average(self) -> float | None:
        return _average(self.others or ())


def to_review(user: User, meeting: models.Meeting) -> list[Line]:
    """What is offered, for a reviewer: no names; nothing of what is theirs, or in which they have an interest."""
    rows = list(_of(meeting).filter(state=State.OFFERED).prefetch_related("reviews"))
    return [line for line in _lines(user, meeting, rows) if line.standpoint.may_review or line.standpoint.conflict]


def progress_in(lines: Iterable[Line]) -> Progress | None:
    """How far whoever reads these lines is; None where nothing is theirs to judge."""
    theirs = [line for line in lines if line.standpoint.may_review]
    return Progress(sum(not line.waits for line in theirs), len(theirs)) if theirs else None


def progress_of(user: User, meeting: models.Meeting) -> Progress | None:
    """The same of whoever has the duty to review here; None for everybody else."""
    return progress_in(to_review(user, meeting)) if is_reviewer(user, meeting) else None


def reviewers_of(meeting: models.Meeting) -> list[tuple[str, Progress]]:
    """Who reviews, by address, and how far each is; for who runs the meeting."""
    duties = meeting.duties.filter(kind=models.Duty.Kind.REVIEW, until__gt=timezone.now(), account__is_active=True)
    found = []
    for duty in duties.select_related("account").order_by("account__email"):
        if is_reviewer(duty.account, meeting):
            found.append((duty.account.email, progress_in(to_review(duty.account, meeting)) or Progress(0, 0)))
    return found


def reviews_of(public_id: str) -> tuple[str, dict[str, Any]] | None:
    """What waits for the judgement of this account, meeting by meeting: for its own page."""
    duties = models.Duty.objects.filter(
        account__public_id=public_id, kind=models.Duty.Kind.REVIEW, until__gt=timezone.now()
    ).select_related("account", "meeting")
    waiting = [(one.meeting, found) for one in duties if (found := progress_of(one.account, one.meeting)) is not None]
    return ("meetings/_reviews_of_account.html", {"waiting": waiting}) if waiting else None


def all_offered(user: User, meeting: models.Meeting) -> list[Line]:
    """Everything that was offered, for who runs the meeting; names where they may be known, in one sight."""
    rows = list(_of(meeting).prefetch_related("reviews"))
    lines = _lines(user, meeting, rows)
    shown = [line.row for line in lines if line.standpoint.sees_names]
    names = names_of(user, meeting, shown)
    return [
        Line(line.row, line.standpoint, line.own, names.get(line.row.pk, ""), line.reviews, line.average)
        for line in lines
    ]


def review_page(user: User, contribution: models.Contribution) -> ReviewPage:
    """One contribution for a reviewer or for who decides; each is shown what they may see."""
    found = standpoint(user, contribution)
    reviews = list(contribution.reviews.select_related("by"))
    own = next((one for one in reviews if one.by_id == user.pk), None)
    seen = found.sees_reviews(ReviewsSeen(contribution.call.reviews_seen))
    others = tuple(one for one in reviews if one is not own and not one.conflict) if seen else None
    meeting = contribution.call.meeting
    name = names_of(user, meeting, [contribution]).get(contribution.pk, "") if found.sees_names else ""
    return ReviewPage(contribution, found, own, others, name, contribution.with_others if found.sees_names else "")


def names_of(user: User | None, meeting: models.Meeting, rows: Iterable[models.Contribution]) -> dict[int, str]:
    """Who offered each, by its row; one sight for all."""
    rows = list(rows)
    people = {row.person.pk: row.person for row in rows if row.person is not None}
    told = participants_for(user, people.values(), subject=f"contributions {meeting.public_id}", fields=(Field.NAME,))
    return {row.pk: told[row.person.pk].name for row in rows if row.person is not None and row.person.pk in told}


def _lines(user: User, meeting: models.Meeting, rows: Iterable[models.Contribution]) -> list[Line]:
    runs, reviews = can_manage(user, meeting), is_reviewer(user, meeting)
    found = []
    for row in rows:
        said = list(row.reviews.all())
        own = next((one for one in said if one.by_id == user.pk), None)
        stands = _standpoint(user, row, own, runs=runs, reviews=reviews)
        seen = stands.sees_reviews(ReviewsSeen(row.call.reviews_seen))
        scored = [one for one in said if one.score is not None]
        found.append(Line(row, stands, own, "", len(scored) if seen else None, _average(scored) if seen else None))
    return found


def _average(reviews: Iterable[models.ContributionReview]) -> float | None:
    scores = [one.score for one in reviews if one.score is not None]
    return sum(scores) / len(scores) if scores else None


def languages_of(call: models.ContributionCall) -> list[str]:
    """The names of the languages in which something may be held."""
    return [language_name(code) for code in call.languages]


def meeting_to_review(user: User, slug: str) -> models.Meeting | None:
    """The meeting at which this user reviews; a reviewer needs to know of no more of it than its contributions."""
    meeting = models.Meeting.objects.select_related("inside", "network").filter(public_id=slug).first()
    return meeting if meeting is not None and reviews_here(user, meeting) else None


def meeting_with_call(user: User, slug: str) -> models.Meeting | None:
    """The meeting whose call is out; None where this user may not know of it, or there is no call."""
    meeting = models.Meeting.objects.select_related("inside", "network", "state").filter(public_id=slug).first()
    return meeting if meeting is not None and can_see(user, meeting) and call_of(meeting) else None
