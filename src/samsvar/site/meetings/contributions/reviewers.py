"""Daily emails to reviewers about new contributions."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from samsvar.site.meetings import models
from samsvar.site.meetings.contributions import queries
from samsvar.site.meetings.meeting.actions.helper_emails import email_helper


def email_reviewers(*, now: datetime) -> int:
    """Email reviewers with new contributions to review, at most once a day; return how many emails were queued.

    Called daily.
    """
    duties = models.Duty.objects.filter(
        Q(told_at=None) | Q(told_at__date__lt=now.date()),
        kind=models.Duty.Kind.REVIEW,
        until__gt=now,
        account__is_active=True,
        meeting__call__reviewed=True,
        meeting__cancelled_at=None,
    )
    return sum(_email_reviewer(pk, now=now) for pk in duties.values_list("pk", flat=True))


def _email_reviewer(pk: int, *, now: datetime) -> bool:
    with transaction.atomic():
        duty = models.Duty.objects.select_for_update(of=("self",)).select_related("meeting", "account").get(pk=pk)
        if duty.told_at is not None and duty.told_at.date() >= now.date():  # another worker has just sent the email
            return False
        since = duty.told_at or duty.at
        rows = queries.contributions_to_review(duty.account, duty.meeting)
        new = [one for one in rows if one.needs_review and one.contribution.at > since]
        if not new:
            return False
        duty.told_at = now
        duty.save(update_fields=["told_at"])
        return email_helper(duty, "contributions_to_review", count=len(new))
