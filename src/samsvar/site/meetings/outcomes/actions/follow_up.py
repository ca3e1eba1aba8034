"""Half-yearly follow-ups: one email to each person about all open commitments that they report on."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import Max, QuerySet
from django.urls import reverse
from django.utils import timezone, translation

from samsvar.ids import hash_secret
from samsvar.meetings.outcomes import CommitmentProgress, OutcomeStatus, add_half_years, next_follow_up_after_email
from samsvar.network.people import Field
from samsvar.site.meetings import models
from samsvar.site.meetings.outcomes.actions.outcomes import record_progress
from samsvar.site.network.access.permissions import Person
from samsvar.site.network.directory.queries.participants import get_visible_participants
from samsvar.site.network.emails.actions import EmailRecipient, notify
from samsvar.site.shell.site_url import absolute_url


def send_follow_ups(*, now: datetime) -> int:
    """Email the follow-ups that are due, including those missed earlier, each only once; return how many were sent.

    Someone who was emailed less than half a year ago is next emailed when that half-year is over, about all
    commitments open then. Each email, its follow-up and the date of the next one are saved in one transaction, so
    that an interruption leaves no partial result.
    """
    due = _get_open_commitments().filter(next_follow_up__lte=now.date()).values("person").distinct()
    people = Person.objects.filter(pk__in=due).select_related("account").order_by("pk")
    return sum(_send_follow_up(person, now=now) for person in people)


def record_progress_by_link(
    *, follow_up: models.FollowUp, commitment: models.Commitment, progress: CommitmentProgress, text: str, evidence: str
) -> None:
    """Record progress on a commitment, reported by one person through the link in their follow-up email."""
    with transaction.atomic():
        why = f"answered the digest of {follow_up.due}"
        record_progress(by=None, commitment=commitment, progress=progress, text=text, evidence=evidence, why=why)
        models.FollowUp.objects.filter(pk=follow_up.pk, answered_at__isnull=True).update(answered_at=timezone.now())


def _get_open_commitments() -> QuerySet[models.Commitment]:
    """Return the commitments whose progress is still followed up."""
    return models.Commitment.objects.filter(
        next_follow_up__isnull=False,
        outcome__state=OutcomeStatus.CONFIRMED,
        person__isnull=False,
        person__erased_at__isnull=True,
    ).exclude(keeping__in=[one for one in CommitmentProgress if one.is_over])


def _send_follow_up(person: Person, *, now: datetime) -> int:
    account = person.account if person.account is not None and person.account.is_active else None
    views = get_visible_participants(None, [person], subject="a letter", fields=[Field.EMAIL])
    address = account.email if account else views[person.pk].email
    with transaction.atomic():
        own_commitments = _get_open_commitments().filter(person=person).select_related("outcome__meeting")
        commitments = list(own_commitments.order_by("pk").select_for_update(of=("self",)))
        if not any(commitment.next_follow_up and commitment.next_follow_up <= now.date() for commitment in commitments):
            return 0  # another worker has just sent it
        last = models.FollowUp.objects.filter(person=person).aggregate(last=Max("due"))["last"]
        too_soon = last is not None and add_half_years(last, 1) > now.date()
        asked_on = last if too_soon else now.date()
        for commitment in commitments:
            commitment.next_follow_up = next_follow_up_after_email(
                commitment.outcome.meeting.ends, CommitmentProgress(commitment.keeping), asked_on
            )
        models.Commitment.objects.bulk_update(commitments, ["next_follow_up"])
        # If it is too soon, the person's next follow-up will include these commitments. Without an address, nothing
        # is sent, and the organiser sees that the commitment is open.
        if too_soon or not address:
            return 0
        token = secrets.token_urlsafe(24)
        follow_up, created = models.FollowUp.objects.get_or_create(
            person=person, due=now.date(), defaults={"token_hash": hash_secret(token)}
        )
        follow_up.commitments.add(*commitments)
        if not created:
            return 0
        language = account.language if account and account.language else "en"
        with translation.override(language):
            link = absolute_url(reverse("meetings:commitment-progress", args=[token]))
        recipient = EmailRecipient(address, language, account)
        notify(recipient, "meetings/how_does_it_go", count=len(commitments), address=link)
    return 1
