"""Letters to those who help: what they are asked for and where, and to reviewers that something new waits.

They name no author.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from samsvar.languages import best
from samsvar.site.meetings import models, words
from samsvar.site.meetings.queries import contributions as queries
from samsvar.site.network.actions.post import tell

# of a duty that was just given
LETTER_OF_DUTY = {
    models.Duty.Kind.DOOR: "asked_to_the_door",
    models.Duty.Kind.RECORD: "asked_to_record",
    models.Duty.Kind.REVIEW: "asked_to_review",
}


def tell_helper(duty: models.Duty, kind: str, *, site: str, count: int = 0) -> bool:
    """Write to whoever has this duty where their page is; whether a letter was written."""
    meeting, account = duty.meeting, duty.account
    title = best(meeting.title, account.language or "en", (meeting.languages or [""])[0])[1]
    letter = tell(
        account=account,
        kind=f"meetings/{kind}",
        site=site,
        page=words.DUTIES_WAYS[duty.kind][0],
        args=[meeting.public_id],
        meeting=title,
        count=count,
    )
    return letter is not None


def tell_of_new_contributions(*, now: datetime, site: str) -> int:
    """Every day: one letter to each reviewer for whom something new waits, and none on a day that has had one."""
    duties = models.Duty.objects.filter(
        Q(told_at=None) | Q(told_at__date__lt=now.date()),
        kind=models.Duty.Kind.REVIEW,
        until__gt=now,
        account__is_active=True,
        meeting__call__reviewed=True,
        meeting__cancelled_at=None,
    )
    return sum(_tell_of_new(pk, now=now, site=site) for pk in duties.values_list("pk", flat=True))


def _tell_of_new(pk: int, *, now: datetime, site: str) -> bool:
    with transaction.atomic():
        duty = models.Duty.objects.select_for_update(of=("self",)).select_related("meeting", "account").get(pk=pk)
        if duty.told_at is not None and duty.told_at.date() >= now.date():  # another worker was quicker
            return False
        since = duty.told_at or duty.at
        new = [one for one in queries.to_review(duty.account, duty.meeting) if one.waits and one.row.at > since]
        if not new:
            return False
        duty.told_at = now
        duty.save(update_fields=["told_at"])
        return tell_helper(duty, "contributions_to_review", site=site, count=len(new))
