"""Actions on the weekly email: sending it, and a person's own settings."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from samsvar.site.implementation.digest.models import DigestSubscription
from samsvar.site.implementation.digest.queries import (
    desk_members,
    end_links,
    is_due,
    lines_for,
    render_lines,
)
from samsvar.site.network.access.permissions import Account
from samsvar.site.network.emails.actions import notify
from samsvar.site.shell.site_url import absolute_url


def send_digests(*, now: datetime) -> int:
    """Email every member of a national desk what is newly due or overdue, at most once a week; return how many.

    A person gets no email if there is nothing new, and no line twice. Called once a day, so that an email that could
    not be sent on one day is sent on the next.
    """
    today = timezone.localtime(now).date()
    return sum(_send_digest(account, today) for account in desk_members().order_by("pk"))


def change_digest(*, account: Account, is_on: bool, snoozed_until: date | None = None) -> None:
    """Turn a person's own weekly email on or off, or snooze it until a day."""
    DigestSubscription.objects.update_or_create(
        account=account, defaults={"is_on": is_on, "snoozed_until": snoozed_until if is_on else None}
    )


def _send_digest(account: Account, today: date) -> int:
    with transaction.atomic(), override(account.language or settings.LANGUAGE_CODE):
        DigestSubscription.objects.get_or_create(account=account)
        # locked: of two workers at the same time, the second one finds that the email was sent
        subscription = DigestSubscription.objects.select_for_update().get(account=account)
        if not is_due(subscription, today):
            return 0
        states = lines_for(account, today)
        current = [line.key for state in states for line in state.lines]
        new = [state.without(subscription.sent_lines) for state in states]
        if not any(state.lines for state in new):
            return 0
        email = notify(
            account,
            "implementation/weekly_digest",
            page="implementation:digest",
            lines=render_lines(new, earlier=len(current) - sum(len(state.lines) for state in new)),
            end_url=absolute_url(reverse("implementation:end-digest", args=[end_links.token(account)])),
        )
        if email is None:
            return 0
        subscription.last_sent_on, subscription.sent_lines = today, current
        subscription.save(update_fields=["last_sent_on", "sent_lines"])
    return 1
