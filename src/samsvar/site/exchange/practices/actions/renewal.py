"""The reminder to confirm a practice: its owner is asked once, 18 months after they last confirmed it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from samsvar.site.exchange.practices import models
from samsvar.site.exchange.practices.actions.writing import email_owner
from samsvar.site.exchange.practices.queries.own import practices_to_confirm


def send_renewals(*, now: datetime) -> int:
    """Email the owners of the practices that are due for confirmation, once each; return how many practices."""
    today = timezone.localtime(now).date()
    return sum(_send_renewal(practice, today) for practice in practices_to_confirm(today))


def _send_renewal(practice: models.Practice, today: object) -> int:
    with transaction.atomic():
        # of two workers at the same time, only one changes the row
        is_first = models.Practice.objects.filter(pk=practice.pk, reminded_on=None).update(reminded_on=today)
        if is_first:
            email_owner(practice, "exchange/practice_to_confirm")
    return is_first
