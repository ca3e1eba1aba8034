"""The half-yearly question: one letter to each person, about all commitments that they spoke for and that are open."""

from __future__ import annotations

import secrets
from collections import defaultdict
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation

from samsvar.ids import secret_hash
from samsvar.meetings.outcomes import Keeping, OutcomeState, next_follow_up
from samsvar.network.people import Field
from samsvar.site.meetings import models
from samsvar.site.meetings.actions.outcomes import say_how_it_goes
from samsvar.site.network.actions.post import post_letter
from samsvar.site.network.queries.participants import participants_for


def ask_how_it_goes(*, now: datetime, host: str) -> int:
    """Write the digests that are due; how many. A day that was missed is made up for, and none is written twice.

    Each person's letter, their digest and the next day to ask stand in one transaction: a kill leaves all or nothing.
    """
    due = (
        models.Commitment.objects.filter(
            next_follow_up__lte=now.date(), outcome__state=OutcomeState.CONFIRMED, person__erased_at__isnull=True
        )
        .exclude(keeping__in=[one for one in Keeping if one.is_over])
        .exclude(person=None)
        .select_related("person__account", "outcome__meeting")
    )
    by_person: dict[int, list[models.Commitment]] = defaultdict(list)
    for commitment in due:
        by_person[commitment.person_id or 0].append(commitment)
    return sum(_ask(commitments, now=now, host=host) for _person, commitments in sorted(by_person.items()))


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


def _ask(commitments: list[models.Commitment], *, now: datetime, host: str) -> int:
    person = commitments[0].person
    assert person is not None
    account = person.account if person.account is not None and person.account.is_active else None
    told = participants_for(None, [person], subject="a letter", fields=[Field.EMAIL])
    address = account.email if account else told[person.pk].email
    with transaction.atomic():
        held = list(
            models.Commitment.objects.select_for_update().filter(
                pk__in=[one.pk for one in commitments], next_follow_up__lte=now.date()
            )
        )
        if not held:  # another worker was quicker
            return 0
        ends = {one.pk: one.outcome.meeting.ends for one in commitments}
        for one in held:
            one.next_follow_up = next_follow_up(ends[one.pk], Keeping(one.keeping), now.date())
        models.Commitment.objects.bulk_update(held, ["next_follow_up"])
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
