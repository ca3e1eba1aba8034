"""Registrations for the demo conference: quotas, questions, delegations, and registrations of every status.

Everyone here is fictional. Nothing is created if the meeting already has a quota, so that users' changes are kept.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from samsvar.meetings.meeting import AccessLevel, ParticipantCategory
from samsvar.meetings.registration import QuotaKind, RegistrationStatus
from samsvar.network.people import Group, format_unlisted_organisation
from samsvar.site.demo.helpers import local_datetime
from samsvar.site.meetings import models
from samsvar.site.meetings.registration.actions import decisions, delegations
from samsvar.site.meetings.registration.actions import registering as actions
from samsvar.site.meetings.registration.actions.invitations import create_invitation
from samsvar.site.network.models import Account, OutgoingEmail

ORGANISER = "organiser@sudmar.example"
QUOTAS = (
    (QuotaKind.TOTAL, "", 30),
    (QuotaKind.COUNTRY, "XA", 10),
    (QuotaKind.COUNTRY, "XB", 14),
    (QuotaKind.COUNTRY, "XC", 8),
    (QuotaKind.CATEGORY, ParticipantCategory.PRESS.value, 2),
)
DIETS = {
    "everything": {"en": "everything", "fr": "de tout", "nb": "alt", "ro": "orice"},
    "no-meat": {"en": "no meat", "fr": "pas de viande", "nb": "ikke kjøtt", "ro": "fără carne"},
    "vegan": {"en": "vegan", "fr": "végane", "nb": "vegansk", "ro": "vegan"},
}
GUEST_COUNT = 36  # more than there are places, so that some are on the waiting list


def make_demo_data(meeting: models.Meeting) -> None:
    """Create the quotas, questions, delegations and registrations, unless the meeting already has a quota."""
    by = Account.objects.filter(email=ORGANISER).first()
    if by is None or meeting.quotas.exists():
        return
    with transaction.atomic():
        _open_registration(meeting)
        diet = _create_questions(meeting)
        models.Quota.objects.bulk_create(
            models.Quota(meeting=meeting, kind=kind, key=key, places=places) for kind, key, places in QUOTAS
        )
        before = set(OutgoingEmail.objects.values_list("pk", flat=True))
        _create_delegations(meeting, by)
        _register_members(meeting, by, diet)
        _register_guests(meeting, by, diet)
        # A real site would have sent these emails weeks ago; the outbox of the demo starts empty.
        OutgoingEmail.objects.exclude(pk__in=before).delete()


def _open_registration(meeting: models.Meeting) -> None:
    meeting.opens_at = timezone.now() - timedelta(days=30)
    meeting.closes_at = local_datetime(meeting.begins - timedelta(days=7), meeting, "18:00")
    meeting.changes_until = local_datetime(meeting.begins - timedelta(days=3), meeting, "18:00")
    meeting.approval = True
    meeting.save(update_fields=["opens_at", "closes_at", "changes_until", "approval"])


def _create_questions(meeting: models.Meeting) -> models.Question:
    delete_on = meeting.ends + timedelta(days=14)
    diet = models.Question.objects.create(
        meeting=meeting, kind="choice", subject="diet", delete_on=delete_on, order=0,
        text={"en": "What do you eat?", "fr": "Que mangez-vous ?", "nb": "Hva spiser du?", "ro": "Ce mâncați?"},
        purpose={"en": "catering, as totals without names", "fr": "la cuisine, en chiffres sans noms"},
        options=[{"key": key, "text": text} for key, text in DIETS.items()],
    )  # fmt: skip
    models.Question.objects.create(
        meeting=meeting, kind="long_text", subject="access_needs", delete_on=delete_on, order=1,
        text={"en": "What do you need to take part?", "fr": "De quoi avez-vous besoin pour participer ?"},
        purpose={"en": "rooms and support on site", "fr": "les salles et l’aide sur place"},
    )  # fmt: skip
    models.Question.objects.create(
        meeting=meeting, kind="language", subject="interpretation", delete_on=delete_on, order=2,
        text={"en": "Which language do you need interpretation into?", "fr": "Vers quelle langue interpréter ?"},
        purpose={"en": "ordering interpreters", "fr": "réserver des interprètes"},
    )  # fmt: skip
    return diet


def _create_delegations(meeting: models.Meeting, by: Account) -> None:
    """Create three delegations, each with a head invited by email; one has two nominees and a replacement."""
    until = local_datetime(meeting.begins - timedelta(days=21), meeting, "18:00")
    for code, places in (("XA", 4), ("XB", 6), ("XC", 3)):
        delegation = delegations.create_delegation(
            meeting=meeting, by=by, places=places, head_email=f"head-{code.lower()}@delegations.example",
            state=code, nominate_until=until, note="Fictional.",
        )  # fmt: skip
        if code != "XA":
            continue
        nominations = [
            delegations.nominate_person(
                delegation=delegation, by=None, name=f"Fictional Delegate {number}",
                email=f"delegate-{number}@delegations.example", group=Group.POLITICIANS.value,
            )
            for number in (1, 2)
        ]  # fmt: skip
        delegations.nominate_person(
            delegation=delegation, by=None, name="Fictional Delegate 3", email="delegate-3@delegations.example",
            replaces=nominations[1],
        )  # fmt: skip


def _register_members(meeting: models.Meeting, by: Account, diet: models.Question) -> None:
    """Create registrations for up to six network members who have an account, and approve them if necessary."""
    assert meeting.network is not None
    accounts = Account.objects.filter(person__memberships__network=meeting.network, is_active=True).distinct()
    for account in accounts.order_by("email")[:6]:
        registration = _register_participant(
            meeting, account.email, by, diet, account=account, listed=AccessLevel.PARTICIPANTS
        )
        if registration.status == RegistrationStatus.ASKED:
            decisions.approve_registration(registration=registration, by=by)


def _register_guests(meeting: models.Meeting, by: Account, diet: models.Question) -> None:
    """Create guests without accounts, mostly confirmed; some are pending, refused, withdrawn or on the waiting list."""
    groups, states = list(Group), ("XA", "XB", "XC")
    for number in range(1, GUEST_COUNT + 1):
        registration = _register_participant(
            meeting, f"guest-{number:02}@guests.example", by, diet, name=f"Fictional Guest {number:02}",
            group=groups[number % 4].value, country=states[number % 3], photographs=(None, True, False)[number % 3],
            organisation=format_unlisted_organisation(f"Fictional House {number:02}") if number % 4 == 1 else "",
        )  # fmt: skip
        if registration.status != RegistrationStatus.ASKED:
            continue
        if number == 4:
            decisions.refuse_registration(
                registration=registration, by=by, reason="Places are reserved for people who handle cases."
            )
        elif number == 5:
            decisions.decline_registration(registration=registration, by=None)
        elif number % 5:
            decisions.approve_registration(registration=registration, by=by)
            if number == 6:
                decisions.withdraw_registration(registration=registration, by=by, reason="The session was cancelled.")


def _register_participant(
    meeting: models.Meeting,
    email: str,
    by: Account,
    diet: models.Question,
    *,
    account: Account | None = None,
    **data: Any,
) -> models.Registration:
    invitation = create_invitation(
        meeting, email, by=by, language="en", expires_at=meeting.closes_at or timezone.now() + timedelta(days=20)
    )
    answer = list(DIETS)[len(email) % len(DIETS)]
    listed = AccessLevel(data.pop("listed", AccessLevel.ORGANISERS))
    details: dict[str, Any] = {"name": "Fictional Member", "country": "", **data}
    return actions.register_person(
        meeting=meeting, invitation=invitation, account=account,
        data=actions.RegistrationData(listed=listed, answers={diet.pk: answer}, **details),
    )  # fmt: skip
