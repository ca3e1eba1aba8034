"""The emails about asks: at most one a week to each person, about everything that waits for that person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import override

from samsvar.dates import display_date
from samsvar.implementation.asks import (
    AWAITING_ANSWER,
    OPEN_STATUSES,
    AskStatus,
    ReminderReason,
    find_reminder_reason,
    next_email_on,
)
from samsvar.site.audit.actions import record
from samsvar.site.implementation.asks import models
from samsvar.site.implementation.asks.labels import REMINDERS
from samsvar.site.implementation.asks.queries import end_token, last_email_on, link_token
from samsvar.site.network.emails.actions import EmailRecipient, notify
from samsvar.site.shell.site_url import absolute_url
from samsvar.territories import territory_name


def send_weekly_emails(*, now: datetime) -> int:
    """Email the officials for whom something waits; return how many emails were queued.

    What waits for a desk is in its own weekly email (`digest_lines`).
    """
    waiting = models.Ask.objects.filter(status__in=AWAITING_ANSWER).exclude(official_email="")
    return email_officials(waiting.values_list("official_email", flat=True).distinct(), now=now)


def email_officials(addresses: Iterable[str], *, now: datetime, reminded: models.Ask | None = None) -> int:
    """Email those of the officials who may get an email now and have a reason to; return how many.

    The email names the ask `reminded` in any case.
    """
    return sum(_email_official(address, now, reminded) for address in sorted(set(addresses)) if address)


def end_emails(*, ask: models.Ask, now: datetime) -> int:
    """End the emails about every open ask to the official of this one; return how many asks that were.

    A request that a desk sends later is emailed again. The desk sees that the official has ended the emails.
    """
    with transaction.atomic():
        ended = models.Ask.objects.filter(
            official_email=ask.official_email, status__in=OPEN_STATUSES, emails_ended_at=None
        ).update(emails_ended_at=now)
        record(
            by=None,
            verb="ended the emails about requests for information",
            subject=f"ask {ask.public_id}",
            details={"asks": ended},
        )
    return ended


def _email_official(address: str, now: datetime, reminded: models.Ask | None) -> bool:
    day = now.date()
    with transaction.atomic():
        # the lock makes two workers take turns, so that the second one finds the row of the first one's email
        asks = list(
            models.Ask.objects.select_for_update(of=("self",))
            .filter(official_email=address, status__in=AWAITING_ANSWER, emails_ended_at=None)
            .order_by("pk")
        )
        reasons = [(ask, _reason(ask, day) or (ReminderReason.FROM_DESK if ask == reminded else None)) for ask in asks]
        named = [(ask, reason) for ask, reason in reasons if reason is not None]
        if not named or next_email_on(last_email_on(address), day) > day:
            return False
        language = named[0][0].language
        lines = "\n\n".join(_line(ask, reason, language) for ask, reason in named)
        with override(language):
            end_path = reverse("implementation:end-ask-emails", args=[end_token(named[0][0])])
        notify(
            EmailRecipient(address, language),
            "implementation/asks_of_the_week",
            lines=lines,
            end_url=absolute_url(end_path),
        )
        models.AskEmail.objects.create(email=address, sent_on=day)
        models.Ask.objects.filter(pk__in=[ask.pk for ask, _reason in named]).update(emailed_at=now)
    return True


def _reason(ask: models.Ask, day: date) -> ReminderReason | None:
    return find_reminder_reason(
        AskStatus(ask.status),
        ask.due,
        day,
        link_was_sent=ask.emailed_at is not None,
        return_was_sent=bool(ask.emailed_at and ask.returned_at and ask.emailed_at >= ask.returned_at),
        due_was_sent=not (ask.emailed_at and ask.due_changed_at and ask.emailed_at < ask.due_changed_at),
    )


def _line(ask: models.Ask, reason: ReminderReason, language: str) -> str:
    with override(language):
        text = str(REMINDERS[reason]) % {
            "title": ask.title,
            "state": territory_name(ask.state_id, language),
            "due": display_date(ask.due, language),
        }
        return f"{text}\n{absolute_url(reverse('implementation:ask-link', args=[link_token(ask)]))}"
