"""Actions that assign duties at a meeting to helpers, and end them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.site.meetings import models
from samsvar.site.meetings.contributions.queries import uses_reviews
from samsvar.site.meetings.meeting.actions.details import check_is_organiser, record_change
from samsvar.site.meetings.meeting.actions.helper_emails import DUTY_EMAILS, email_helper
from samsvar.site.meetings.meeting.errors import MeetingRuleError
from samsvar.site.network.access.permissions import Account


class ReviewsNotRequested(MeetingRuleError):
    """Raised when a reviewer is added although the call for contributions has no reviews."""

    message = _("The call for contributions to this meeting does not use reviews.")
    advice = _("If you need reviewers, change the settings of the call first.")


class AccountNotFound(MeetingRuleError):
    """Raised when no active account has this email address, because only account holders can have a duty."""

    message = _("There is no account with this email address.")
    advice = _("Invite the person to the site first, or enter another email address.")


def assign_duty(*, by: Account, meeting: models.Meeting, email: str, kind: str, until: datetime) -> models.Duty:
    """Assign a duty at this meeting, until a certain time, to the holder of the account with this email address.

    If the duty is new, they are emailed a link to its page, because nothing else informs them of it. Raises
    AccountNotFound and ReviewsNotRequested.
    """
    check_is_organiser(by, meeting)
    reviews = kind == models.Duty.Kind.REVIEW
    if reviews and not uses_reviews(meeting):
        raise ReviewsNotRequested
    account = Account.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if account is None:
        raise AccountNotFound
    with transaction.atomic():
        existing = meeting.duties.filter(account=account, kind=kind).first()
        is_new = existing is None or existing.until <= timezone.now()
        duty = existing or models.Duty(meeting=meeting, account=account, kind=kind)
        duty.until, duty.given_by = until, by
        if is_new:
            duty.told_at = timezone.now()
        duty.save()
        details = {"kind": kind, "until": until.isoformat(), "account": account.public_id}
        record_change(by, meeting, "assigned a meeting task", details)
        if is_new:
            email_helper(duty, DUTY_EMAILS[models.Duty.Kind(kind)])
    return duty


def end_duty(*, by: Account, meeting: models.Meeting, duty: models.Duty) -> None:
    check_is_organiser(by, meeting)
    with transaction.atomic():
        duty.delete()
        record_change(by, meeting, "ended a meeting task", {"kind": duty.kind, "account": duty.account.public_id})
