"""Places at the demonstration's conference: quotas, questions, delegations, and somebody in each standing.

Everybody here is invented. What is there is left as somebody changed it: nothing is made where there is a quota.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from samsvar.meetings.meeting import Access, Category
from samsvar.meetings.registration import QuotaKind, Standing
from samsvar.network.people import Group, organisation_in_words
from samsvar.site.meetings import models
from samsvar.site.meetings.registration.actions import decisions, delegations
from samsvar.site.meetings.registration.actions import registering as actions
from samsvar.site.meetings.registration.actions.invitations import make_invitation
from samsvar.site.network.models import Account, Letter

SITE = "http://localhost:8000/"  # where the demonstration is served unless somebody says otherwise
ORGANISER = "organiser@sudmar.example"
QUOTAS = (
    (QuotaKind.WHOLE, "", 30),
    (QuotaKind.COUNTRY, "XA", 10),
    (QuotaKind.COUNTRY, "XB", 14),
    (QuotaKind.COUNTRY, "XC", 8),
    (QuotaKind.CATEGORY, Category.PRESS.value, 2),
)
DIETS = {
    "everything": {"en": "everything", "fr": "de tout", "nb": "alt", "ro": "orice"},
    "no-meat": {"en": "no meat", "fr": "pas de viande", "nb": "ikke kjøtt", "ro": "fără carne"},
    "vegan": {
        "en": "vegan",
        "fr": "végane",
        "nb": "vegansk",
        "ro": "vegan",
    },
}
GUESTS = 36  # more than there are places: some wait


def make(meeting: models.Meeting) -> None:
    """Everything, once."""
    by = Account.objects.filter(email=ORGANISER).first()
    if by is None or meeting.quotas.exists():
        return
    with transaction.atomic():
        _open(meeting)
        diet = _questions(meeting)
        models.Quota.objects.bulk_create(
            models.Quota(meeting=meeting, kind=kind, key=key, places=places) for kind, key, places in QUOTAS
        )
        before = set(Letter.objects.values_list("pk", flat=True))
        _delegations(meeting, by)
        _members(meeting, by, diet)
        _guests(meeting, by, diet)
        # what a real site would have sent weeks ago has left; the outbox of the demonstration begins empty
        Letter.objects.exclude(pk__in=before).delete()


def _open(meeting: models.Meeting) -> None:
    now, zone = timezone.now(), ZoneInfo(meeting.zone)
    meeting.opens_at = now - timedelta(days=30)
    meeting.closes_at = datetime.combine(meeting.begins - timedelta(days=7), time(18), tzinfo=zone)
    meeting.changes_until = datetime.combine(meeting.begins - timedelta(days=3), time(18), tzinfo=zone)
    meeting.approval = True
    meeting.save(update_fields=["opens_at", "closes_at", "changes_until", "approval"])


def _questions(meeting: models.Meeting) -> models.Question:
    gone = meeting.ends + timedelta(days=14)
    diet = models.Question.objects.create(
        meeting=meeting, kind="choice", subject="diet", delete_on=gone, order=0,
        text={"en": "What do you eat?", "fr": "Que mangez-vous ?", "nb": "Hva spiser du?", "ro": "Ce mâncați?"},
        purpose={"en": "the kitchen, as numbers without names", "fr": "la cuisine, en chiffres sans noms"},
        options=[{"key": key, "text": text} for key, text in DIETS.items()],
    )  # fmt: skip
    models.Question.objects.create(
        meeting=meeting, kind="long_text", subject="access_needs", delete_on=gone, order=1,
        text={"en": "What do you need to take part?", "fr": "De quoi avez-vous besoin pour participer ?"},
        purpose={"en": "rooms and help on the days", "fr": "les salles et l’aide sur place"},
    )  # fmt: skip
    models.Question.objects.create(
        meeting=meeting, kind="language", subject="interpretation", delete_on=gone, order=2,
        text={"en": "Into which language shall we interpret?", "fr": "Vers quelle langue interpréter ?"},
        purpose={"en": "ordering interpreters", "fr": "réserver des interprètes"},
    )  # fmt: skip
    return diet


def _delegations(meeting: models.Meeting, by: Account) -> None:
    """Three states, each with a head by address; the first has named two people and somebody in another's place."""
    until = datetime.combine(meeting.begins - timedelta(days=21), time(18), tzinfo=ZoneInfo(meeting.zone))
    for code, places in (("XA", 4), ("XB", 6), ("XC", 3)):
        made = delegations.make_delegation(
            meeting=meeting, by=by, site=SITE, places=places, head_email=f"head-{code.lower()}@delegations.example",
            state=code, nominate_until=until, note="Invented.",
        )  # fmt: skip
        if code != "XA":
            continue
        named = [
            delegations.nominate(
                delegation=made, by=None, site=SITE, name=f"Invented Delegate {number}",
                email=f"delegate-{number}@delegations.example", group=Group.POLITICIANS.value,
            )
            for number in (1, 2)
        ]  # fmt: skip
        delegations.nominate(
            delegation=made, by=None, site=SITE, name="Invented Delegate 3", email="delegate-3@delegations.example",
            replaces=named[1],
        )  # fmt: skip


def _members(meeting: models.Meeting, by: Account, diet: models.Question) -> None:
    """Members of the network who have an account, confirmed."""
    assert meeting.network is not None
    accounts = Account.objects.filter(person__memberships__network=meeting.network, is_active=True).distinct()
    for account in accounts.order_by("email")[:6]:
        row = _registered(meeting, account.email, by, diet, account=account, listed=Access.PARTICIPANTS)
        if row.standing == Standing.ASKED:
            decisions.approve(registration=row, by=by, site=SITE)


def _guests(meeting: models.Meeting, by: Account, diet: models.Question) -> None:
    """Guests without an account; the first are confirmed, some refused or withdrawn, the last wait."""
    groups, states = list(Group), ("XA", "XB", "XC")
    for number in range(1, GUESTS + 1):
        row = _registered(
            meeting, f"guest-{number:02}@guests.example", by, diet, name=f"Invented Guest {number:02}",
            group=groups[number % 4].value, country=states[number % 3], photographs=(None, True, False)[number % 3],
            organisation=organisation_in_words(f"Invented House {number:02}") if number % 4 == 1 else "",
        )  # fmt: skip
        if row.standing != Standing.ASKED:
            continue
        if number == 4:
            decisions.refuse(registration=row, by=by, reason="The places are for those who work with cases.", site=SITE)
        elif number == 5:
            decisions.decline(registration=row, by=None, site=SITE)
        elif number % 5:
            decisions.approve(registration=row, by=by, site=SITE)
            if number == 6:
                decisions.withdraw(registration=row, by=by, reason="The session was cancelled.", site=SITE)


def _registered(
    meeting: models.Meeting,
    email: str,
    by: Account,
    diet: models.Question,
    *,
    account: Account | None = None,
    **said: Any,
) -> models.Registration:
    invitation = make_invitation(
        meeting, email, by=by, language="en", expires_at=meeting.closes_at or timezone.now() + timedelta(days=20)
    )
    answer = list(DIETS)[len(email) % len(DIETS)]
    listed = Access(said.pop("listed", Access.ORGANISERS))
    what: dict[str, Any] = {"name": "Invented Member", "country": "", **said}
    return actions.register(
        meeting=meeting, invitation=invitation, account=account, site=SITE,
        said=actions.Said(listed=listed, answers={diet.pk: answer}, **what),
    )  # fmt: skip
