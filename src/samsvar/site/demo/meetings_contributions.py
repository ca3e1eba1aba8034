"""The demo meeting's call for contributions, with six proposals and their reviews; two have been decided."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from samsvar.ids import stable_id
from samsvar.site.demo.helpers import ensure_meetings_basis, load_demo_file, record_demo_data
from samsvar.site.demo.people import fictional_people
from samsvar.site.meetings import models
from samsvar.site.network.models import Account, Person

State = models.Contribution.State


def make_demo_data(meeting: models.Meeting) -> None:
    """Create the call and everything else in meetings_contributions.toml, unless the meeting already has a call."""
    if models.ContributionCall.objects.filter(meeting=meeting).exists():
        return
    data = load_demo_file("meetings_contributions.toml")
    now = timezone.now()
    keys = {entry.key: entry.public_id for entry in fictional_people()}
    with transaction.atomic():
        call = models.ContributionCall.objects.create(
            meeting=meeting,
            text=data["text"],
            opens_at=now - timedelta(days=20),
            closes_at=now + timedelta(days=25),
            languages=data["languages"],
        )
        accounts = {entry.email: entry for entry in Account.objects.filter(email__in=data["reviewers"])}
        for email in data["reviewers"]:
            if email in accounts:
                until = now + timedelta(days=40)
                meeting.duties.create(account=accounts[email], kind=models.Duty.Kind.REVIEW, until=until)
        for entry in data["contribution"]:
            _create_contribution(call, entry, keys, accounts)
        record_demo_data(f"meeting {meeting.public_id}", contributions=len(data["contribution"]))


def _create_contribution(
    call: models.ContributionCall, data: Mapping[str, Any], keys: Mapping[str, str], accounts: Mapping[str, Account]
) -> None:
    person = Person.objects.filter(public_id=keys.get(data["by"], ""), erased_at=None).first()
    if person is not None:
        ensure_meetings_basis(person)
    contribution = models.Contribution.objects.create(
        public_id=stable_id("demonstration, contribution", data["title"]),
        call=call,
        person=person,
        account=person.account if person is not None else None,
        title=data["title"],
        abstract=data["abstract"],
        language=data["language"],
        kind=data["kind"],
        articles=data.get("articles", []),
        state=data.get("state", State.OFFERED),
        reason=data.get("reason", ""),
        decided_at=timezone.now() if "state" in data else None,
    )
    for email, score, text in data.get("reviews", ()):
        if email in accounts:
            models.ContributionReview.objects.create(
                contribution=contribution, by=accounts[email], score=score or None, conflict=not score, text=text
            )
