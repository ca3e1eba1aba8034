"""Actions of peers and of the secretariat on a practice in review: reviewing, sending back and publishing."""

from __future__ import annotations

from collections.abc import Collection

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.exchange.practices import (
    EvidenceLevel,
    PracticeAct,
    PracticeActNotPossible,
    PracticeActor,
    PracticeStatus,
    ReviewCheck,
    ReviewVerdict,
    check_reviews,
)
from samsvar.site.audit.actions import record
from samsvar.site.exchange.practices import models
from samsvar.site.exchange.practices.actions.writing import PracticeChanged, act_on_practice, email_owner
from samsvar.site.exchange.practices.permissions import can_decide_practice, review_organisations
from samsvar.site.exchange.practices.queries.content import frozen_content, hash_of, tags_of
from samsvar.site.exchange.practices.queries.review import owner_key, to_reviews
from samsvar.site.network.access.permissions import Account, Organisation
from samsvar.site.shell.errors import SiteError


class ChecksMissing(SiteError):
    """A reviewer approves a practice without having ticked every check."""

    message = _("You can approve the practice only if every check is ticked.")
    advice = _("Tick what you have checked, or send the practice back and say what is missing.")


class CommentMissing(SiteError):
    """A practice is sent back without saying what is missing."""

    message = _("Say what is missing.")
    advice = _("The owner reads your comment without your name.")


class AlreadyReviewed(SiteError):
    """The reviewer has already reviewed this version."""

    message = _("You have already reviewed this version.")
    advice = _("If it is changed, you can review the new version.")


def review_practice(
    *,
    by: Account | None,
    practice: models.Practice,
    organisation: Organisation,
    verdict: ReviewVerdict,
    version: int,
    checks: Collection[ReviewCheck] = (),
    comment: str = "",
) -> models.PracticeReview:
    """Record a peer's review of the version that they read; sending it back returns it to its owner at once.

    Raise `ChecksMissing`, `CommentMissing`, `AlreadyReviewed`, `PracticeChanged` if it is another version, or
    `PracticeActNotPossible` if the practice is no longer in review. `by` is None for the demonstration.
    """
    if by is not None and organisation not in review_organisations(by, practice):
        raise PermissionDenied
    if verdict is ReviewVerdict.APPROVE and set(checks) != set(ReviewCheck):
        raise ChecksMissing
    if verdict is ReviewVerdict.SEND_BACK and not comment.strip():
        raise CommentMissing
    with transaction.atomic():
        locked = models.Practice.objects.select_for_update().get(pk=practice.pk)
        if locked.status != PracticeStatus.IN_REVIEW:
            raise PracticeActNotPossible
        if locked.version != version:
            raise PracticeChanged
        if by is not None and locked.reviews.filter(version=version, by=by).exists():
            raise AlreadyReviewed
        review = models.PracticeReview.objects.create(
            practice=locked, version=version, by=by, organisation=organisation, verdict=verdict,
            checks=[check.value for check in ReviewCheck if check in checks], comment=comment.strip(),
        )  # fmt: skip
        record(
            by=by,
            verb="reviewed a practice",
            subject=f"practice {locked.public_id}",
            details={"version": version, "verdict": verdict.value},
        )
        if verdict is ReviewVerdict.SEND_BACK:
            act_on_practice(PracticeAct.SEND_BACK, by=by, practice=locked, role=PracticeActor.REVIEWER, reason=comment)
            email_owner(locked, "exchange/practice_sent_back")
        else:
            models.PracticeEvent.objects.create(
                practice=locked, act="reviewed", version=version, role=PracticeActor.REVIEWER, by=by
            )
    return review


def send_practice_back(*, by: Account, practice: models.Practice, reason: str, seen: int | None = None) -> None:
    """Return a practice in review to its owner, as the secretariat. Raise `CommentMissing` without a reason."""
    if not can_decide_practice(by, practice):
        raise PermissionDenied
    if not reason.strip():
        raise CommentMissing
    with transaction.atomic():
        act_on_practice(
            PracticeAct.SEND_BACK, by=by, practice=practice, role=PracticeActor.SECRETARIAT, reason=reason, seen=seen
        )
        email_owner(practice, "exchange/practice_sent_back")


def publish_practice(
    *, by: Account | None, practice: models.Practice, seen: int | None = None
) -> models.PracticeVersion:
    """Publish a practice that two peers have approved: freeze its content as a version that stays readable.

    Raise `ReviewsMissing` without the two reviews. `by` is None for the demonstration.
    """
    if by is not None and not can_decide_practice(by, practice):
        raise PermissionDenied
    with transaction.atomic():
        locked = models.Practice.objects.select_for_update().get(pk=practice.pk)
        reviews = to_reviews(locked.reviews.select_related("organisation"))
        check_reviews(reviews, owner=owner_key(locked), version=locked.version)
        locked = act_on_practice(
            PracticeAct.PUBLISH, by=by, practice=locked, role=PracticeActor.SECRETARIAT, seen=seen,
            freeze=_freeze_version,
        )  # fmt: skip
        email_owner(locked, "exchange/practice_published")
    return locked.versions.order_by("-number")[0]


def _freeze_version(practice: models.Practice) -> None:
    """Freeze the text of a practice as its next version, and make that the public one."""
    content = frozen_content(practice)
    number = (practice.published_version or 0) + 1
    models.PracticeVersion.objects.create(
        practice=practice,
        number=number,
        content=content,
        content_hash=hash_of(content),
        tags=tags_of(content),
        evidence_rank=EvidenceLevel(practice.evidence_level).rank,
    )
    practice.published_version = number
    practice.published_at = practice.published_at or timezone.now()
    practice.confirmed_on, practice.reminded_on, practice.retired_reason = timezone.localdate(), None, ""
