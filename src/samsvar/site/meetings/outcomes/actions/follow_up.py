"""The half-yearly question: one letter to each person, about all commitments that they spoke for and that are open."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import Max, QuerySet
from django.urls import reverse
from django.utils import timezone, translation

from samsvar.ids import secret_hash
from samsvar.meetings.outcomes import Keeping, OutcomeState, asked_again, half_years_after
from samsvar.network.people import Field
from samsvar.site.meetings import models
from samsvar.site.meetings.outcomes.actions.outcomes import say_how_it_goes
from samsvar.site.network.access.permissions import Person
from samsvar.site.network.directory.queries.participants import participants_for
from samsvar.site.network.emails.actions import post_letter


def ask_how_it_goes(*, now: datetime, host: str) -> int:
    """Write the digests that are due; how many. A day that was missed is made up for, and none is written twice.

    Who was asked within the last half-year is asked again when that is over, about all that is open by then. Each
    person's letter, their digest and the next day to ask stand in one transaction: a kill leaves all or nothing.
    """
    due = _open().filter(next_follow_up__lte=now.date()).values("person").distinct()
    people = Person.objects.filter(pk__in=due).select_related("account").order_by("pk")
    return sum(_ask(person, now=now, host=host) for person in people)


def say_by_link(
    *, digest: models.FollowUp, commitment: models.Commitment, keeping: Keeping, text: str, evidence: str
) -> None:
    """Whoever holds the link of a digest says how one of its commitments stands; the link is that person's alone."""
    with transaction.atomic():
        say_how_it_goes(
            by=None,
            commitment=commitment,
            keeping=keeping,
            text=text,
            evidence=evidence,
            why=f"answered the digest of {digest.due}",
        )
        models.FollowUp.objects.filter(pk=digest.pk, answered_at__isnull=True).update(answered_at=timezone.now())


def _open() -> QuerySet[models.Commitment]:
    """What somebody is still asked about."""
    return models.Commitment.objects.filter(
        next_follow_up__isnull=False,
        outcome__state=OutcomeState.CONFIRMED,
        person__isnull=False,
        person__erased_at__isnull=True,
    ).exclude(keeping__in=[one for one in Keeping if one.is_over])


def _ask(person: Person, *, now: datetime, host: str) -> int:
    account = person.account if person.account is not None and person.account.is_active else None
    told = participants_for(None, [person], subject="a letter", fields=[Field.EMAIL])
    address = account.email if account else told[person.pk].email
    with transaction.atomic():
        theirs = _open().filter(person=person).select_related("outcome__meeting").order_by("pk")
        held = list(theirs.select_for_update(of=("self",)))
        if not any(one.next_follow_up and one.next_follow_up <= now.date() for one in held):
            return 0  # another worker was quicker
        last = models.FollowUp.objects.filter(person=person).aggregate(last=Max("due"))["last"]
        too_soon = last is not None and half_years_after(last, 1) > now.date()
        asked = last if too_soon else now.date()
        for one in held:
            one.next_follow_up = asked_again(one.outcome.meeting.ends, Keeping(one.keeping), asked)
        models.Commitment.objects.bulk_update(held, ["next_follow_up"])
        if too_soon:  # it joins those that this person is asked about then
            return 0
        if not address:  # nobody can be written to: the organiser sees that it is open
            return 0
        token = secrets.token_urlsafe(24)
        digest, made = models.FollowUp.objects.get_or_create(
            person=person, due=now.date(), defaults={"token_hash": secret_hash(token)}
        )
        digest.commitments.add(*held)
        if not made:
            return 0
        language = account.language if account and account.language else "en"
        with translation.override(language):
            link = f"https://{host}" + reverse("meetings:how-it-goes", args=[token])
        post_letter(
            to=address,
            kind="meetings/how_does_it_go",
            context={"count": len(held), "address": link},
            host=host,
            language=language,
            account=account,
        )
    return 1
