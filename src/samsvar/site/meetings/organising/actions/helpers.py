"""Add and remove helpers of a meeting, and email them about their task."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from samsvar.meetings.meeting import MeetingsError
from samsvar.site.meetings import models
from samsvar.site.meetings.contributions.queries import asks_for_reviews
from samsvar.site.meetings.meeting.actions.details import _check_runs, _told
from samsvar.site.meetings.meeting.actions.helper_emails import LETTER_OF_DUTY, tell_helper
from samsvar.site.network.access.permissions import Account


class NoReviewsAreAsked(MeetingsError):
    """The call for contributions is decided without reviews."""

    code = "no_reviews_are_asked"


class NobodyWithThisAddress(MeetingsError):
    """A duty is given to somebody who has an account."""

    code = "nobody_with_this_address"


# --- Duties -----------------------------------------------------------------------------------------------------------


def give_duty(
    *, by: Account, meeting: models.Meeting, email: str, kind: str, until: datetime, site: str
) -> models.Duty:
    """Let somebody with an account help with one thing at this meeting, until a moment.

    They are told of it, and where their page is; they would hear of it from nobody else.
    """
    _check_runs(by, meeting)
    reviews = kind == models.Duty.Kind.REVIEW
    if reviews and not asks_for_reviews(meeting):
        raise NoReviewsAreAsked("The call for contributions to this meeting asks for no reviews.")
    account = Account.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if account is None:
        raise NobodyWithThisAddress("No account has this address.")
    with transaction.atomic():
        there = meeting.duties.filter(account=account, kind=kind).first()
        is_new = there is None or there.until <= timezone.now()
        duty = there or models.Duty(meeting=meeting, account=account, kind=kind)
        duty.until, duty.given_by = until, by
        if is_new:
            duty.told_at = timezone.now()
        duty.save()
        _told(by, meeting, "gave a duty", {"kind": kind, "until": until.isoformat(), "account": account.public_id})
        if is_new:
            tell_helper(duty, LETTER_OF_DUTY[models.Duty.Kind(kind)], site=site)
    return duty


def end_duty(*, by: Account, meeting: models.Meeting, duty: models.Duty) -> None:
    _check_runs(by, meeting)
    with transaction.atomic():
        duty.delete()
        _told(by, meeting, "ended a duty", {"kind": duty.kind, "account": duty.account.public_id})
