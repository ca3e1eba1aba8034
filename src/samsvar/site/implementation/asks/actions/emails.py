"""The emails about asks: at most one a week to each person, about everything that waits for that person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import override

from samsvar.dates import display_date
from samsvar.implementation.asks import (
    AWAITING_ANSWER,
    DAYS_BETWEEN_EMAILS,
    AskStatus,
    ReminderReason,
    find_reminder_reason,
    is_overdue,
    next_email_on,
)
from samsvar.network.rights import Claim, Scope
from samsvar.site.implementation.asks import models
from samsvar.site.implementation.asks.labels import REMINDERS
from samsvar.site.implementation.asks.queries import last_email_on, link_token
from samsvar.site.network.access.permissions import Account, get_access
from samsvar.site.network.emails.actions import EmailRecipient, notify
from samsvar.site.shell.site_url import absolute_url
from samsvar.territories import territory_name


def send_weekly_emails(*, now: datetime) -> int:
    """Email the officials and members of desks for whom something waits; return how many emails were queued."""
    waiting = models.Ask.objects.filter(status__in=AWAITING_ANSWER).exclude(official_email="")
    officials = email_officials(waiting.values_list("official_email", flat=True).distinct(), now=now)
    return officials + sum(_email_desk(account, now) for account in _senders())


def email_officials(addresses: Iterable[str], *, now: datetime, reminded: models.Ask | None = None) -> int:
    """Email those of the officials who may get an email now and have a reason to; return how many.

    The email names the ask `reminded` in any case.
    """
    return sum(_email_official(address, now, reminded) for address in sorted(set(addresses)) if address)


def _email_official(address: str, now: datetime, reminded: models.Ask | None) -> bool:
    day = now.date()
    with transaction.atomic():
        # the lock makes two workers take turns, so that the second one finds the row of the first one's email
        asks = list(
            models.Ask.objects.select_for_update(of=("self",))
            .filter(official_email=address, status__in=AWAITING_ANSWER)
            .order_by("pk")
        )
        reasons = [(ask, _reason(ask, day) or (ReminderReason.FROM_DESK if ask == reminded else None)) for ask in asks]
        named = [(ask, reason) for ask, reason in reasons if reason is not None]
        if not named or next_email_on(last_email_on(address), day) > day:
            return False
        language = named[0][0].language
        lines = "\n\n".join(_line(ask, reason, language) for ask, reason in named)
        notify(EmailRecipient(address, language), "implementation/asks_of_the_week", lines=lines)
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
    )


def _line(ask: models.Ask, reason: ReminderReason, language: str) -> str:
    with override(language):
        text = str(REMINDERS[reason]) % {
            "title": ask.title,
            "state": territory_name(ask.state_id, language),
            "due": display_date(ask.due, language),
        }
        return f"{text}\n{absolute_url(reverse('implementation:ask-link', args=[link_token(ask)]))}"


# --- Desks ------------------------------------------------------------------------------------------------------------


def _senders() -> list[Account]:
    """Return the accounts that have sent asks which may need something from them."""
    return list(
        Account.objects.filter(
            pk__in=models.Ask.objects.exclude(status=AskStatus.DRAFTED).values("created_by"), is_active=True
        ).order_by("pk")
    )


def _email_desk(account: Account, now: datetime) -> bool:
    """Email a member of a desk about the asks that this person made, if the person still belongs to the desk."""
    day, address = now.date(), account.email.lower()
    since = now - timedelta(days=DAYS_BETWEEN_EMAILS)
    with transaction.atomic():
        own = models.Ask.objects.select_for_update(of=("self",)).filter(created_by=account).order_by("pk")
        relevant = own.filter(
            Q(status=AskStatus.ANSWERED)
            | Q(status__in=AWAITING_ANSWER, due__lt=day)
            | Q(status=AskStatus.LAPSED, closed_at__gte=since)
        )
        asks = [ask for ask in relevant if get_access(account).roles_granting(Claim.MANAGE_COUNTRY, _scope(ask))]
        if not asks or next_email_on(last_email_on(address), day) > day:
            return False
        notify(
            account,
            "implementation/asks_of_the_desk",
            page="implementation:asks",
            args=[asks[0].state_id],
            answered=sum(ask.status == AskStatus.ANSWERED for ask in asks),
            overdue=sum(is_overdue(AskStatus(ask.status), ask.due, day) for ask in asks),
            lapsed=sum(ask.status == AskStatus.LAPSED for ask in asks),
        )
        models.AskEmail.objects.create(email=address, sent_on=day)
    return True


def _scope(ask: models.Ask) -> Scope:
    return Scope(state=ask.state_id)
