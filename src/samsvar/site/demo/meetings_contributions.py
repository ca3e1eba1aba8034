"""The invented meeting's call for contributions: six that were offered, reviewed, and two of them decided."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from importlib.resources import files
from typing import Any

from django.db import transaction
from django.utils import timezone

from samsvar.ids import stable_id
from samsvar.network.consent import Ground, Purpose
from samsvar.site.audit.actions import record
from samsvar.site.demo.people import invented_people
from samsvar.site.meetings import models
from samsvar.site.network.models import Account, Basis, Person

SOURCE = "Invented for the demonstration."
State = models.Contribution.State


def make(meeting: models.Meeting) -> None:
    """The call with everything of meetings_contributions.toml, unless the meeting has a call already."""
    if models.ContributionCall.objects.filter(meeting=meeting).exists():
        return
    said = tomllib.loads(files("samsvar.site.demo").joinpath("meetings_contributions.toml").read_text(encoding="utf-8"))
    now = timezone.now()
    keys = {one.key: one.public_id for one in invented_people()}
    with transaction.atomic():
        call = models.ContributionCall.objects.create(
            meeting=meeting,
            text=said["text"],
            opens_at=now - timedelta(days=20),
            closes_at=now + timedelta(days=25),
            languages=said["languages"],
        )
        accounts = {one.email: one for one in Account.objects.filter(email__in=said["reviewers"])}
        for email in said["reviewers"]:
            if email in accounts:
                models.Duty.objects.create(
                    meeting=meeting,
                    account=accounts[email],
                    kind=models.Duty.Kind.REVIEW,
                    until=now + timedelta(days=40),
                )
        for one in said["contribution"]:
            _contribution(call, one, keys, accounts)
        details = {"contributions": len(said["contribution"])}
        record(by=None, verb="loaded", subject=f"meeting {meeting.public_id}", details=details, why="demonstration")


def _contribution(
    call: models.ContributionCall, said: Mapping[str, Any], keys: Mapping[str, str], accounts: Mapping[str, Account]
) -> None:
    person = Person.objects.filter(public_id=keys.get(said["by"], ""), erased_at=None).first()
    if person is not None and not person.bases.filter(purpose=Purpose.MEETINGS).exists():
        Basis.objects.create(
            person=person, purpose=Purpose.MEETINGS, ground=Ground.PUBLIC_TASK, since=timezone.now(), note=SOURCE
        )
    row = models.Contribution.objects.create(
        public_id=stable_id("demonstration, contribution", said["title"]),
        call=call,
        person=person,
        account=person.account if person is not None else None,
        title=said["title"],
        abstract=said["abstract"],
        language=said["language"],
        kind=said["kind"],
        articles=said.get("articles", []),
        state=said.get("state", State.OFFERED),
        reason=said.get("reason", ""),
        decided_at=timezone.now() if "state" in said else None,
    )
    for email, score, text in said.get("reviews", ()):
        if email in accounts:
            models.ContributionReview.objects.create(
                contribution=row, by=accounts[email], score=score or None, conflict=not score, text=text
            )
