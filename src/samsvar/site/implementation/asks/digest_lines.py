"""Lines of the weekly email about asks: for the person who sent an ask, and later for the whole desk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from samsvar.dates import PartialDate
from samsvar.implementation.asks import OPEN_STATUSES, AskStatus
from samsvar.site.implementation.asks.models import Ask
from samsvar.site.implementation.digest.queries import DigestLine, DigestStatus, digest_status
from samsvar.site.network.access.permissions import Account


def digest_lines(state: str, account: Account, day: date) -> Iterator[DigestLine]:
    """Yield the answers to check and the asks that are due or overdue, of those that this person has created.

    What has been overdue for more than 30 days is for every member of the desk. Asks are not public, so that the email
    only counts them.
    """
    for ask in Ask.objects.filter(state_id=state, status__in=OPEN_STATUSES).order_by("due", "pk"):
        due = PartialDate(ask.due.year, ask.due.month, ask.due.day)
        is_answered = ask.status == AskStatus.ANSWERED
        status = DigestStatus.TO_DO if is_answered else digest_status(due, day)
        if status is None or (ask.created_by_id != account.pk and status is not DigestStatus.ESCALATED):
            continue
        text = _("Answers to check: %(ask)s") if is_answered else _("No answers yet: %(ask)s")
        yield DigestLine(
            key=f"ask/{ask.public_id}/{ask.edition}/{ask.due}/{status}",
            status=status,
            text=text % {"ask": ask.title},
            due=None if is_answered else due,
            link=reverse("implementation:ask", args=[state, ask.public_id]),
            confidential=True,
        )
