"""What invitations, delegations, quotas and places holds of anybody."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from samsvar.meetings.registration import QuotaKind, Standing
from samsvar.network.consent import Ground, Purpose
from samsvar.site.meetings import models
from samsvar.site.network.data_inventory import INSIDE, Fate, Holding, HoldsNone, Kind, Subject, Whose

ORGANISERS = _("those who run the meeting; each look is written down")
OPENS = _("opens the person’s page; whoever has the file would have the key")
OTHER = _("names another person; that is theirs")
MEETINGS = (Purpose.MEETINGS,)
TASK = (Ground.PUBLIC_TASK,)
ON_THE_DAY = timedelta(days=1)  # `limit` lies one day back, and the answers go on the very day
HOLDING = sorted(one.value for one in Standing if one.holds_a_place)


def _invitations(subject: Subject) -> QuerySet[Any]:
    asked = Q(email__in=subject.addresses)
    if subject.person is not None:
        asked |= Q(person=subject.person)
    return models.MeetingInvitation.objects.filter(asked)


def _headed(subject: Subject) -> QuerySet[Any]:
    asked = Q(head_email__in=subject.addresses)
    if subject.person is not None:
        asked |= Q(head=subject.person)
    return models.Delegation.objects.filter(asked)


def _forget(subject: Subject, rows: QuerySet[Any], now: datetime) -> int:
    """The registration stays as a number. A place at a meeting to come is free: nobody is left to take it."""
    del subject
    coming = rows.filter(meeting__ends__gte=now.date())
    for row in coming.filter(standing__in=HOLDING):
        reached = (
            Q(kind=QuotaKind.WHOLE)
            | Q(kind=QuotaKind.COUNTRY, key=row.state_id or "-")
            | Q(kind=QuotaKind.GROUP, key=row.group or "-")
            | Q(kind=QuotaKind.CATEGORY, key=row.category)
        )
        models.Quota.objects.filter(reached, meeting=row.meeting_id, taken__gt=0).update(taken=F("taken") - 1)
    coming.filter(standing__in=[*HOLDING, Standing.WAITING]).update(standing=Standing.DECLINED)
    return rows.update(person=None, invitation=None, gender="", reason="", ticket=None, token_hash="")


def _forget_people(rows: QuerySet[Any]) -> int:
    return rows.update(person=None, invitation=None, gender="", reason="", ticket=None, token_hash="")


def _forget_heads(rows: QuerySet[Any]) -> int:
    return rows.update(head=None, head_email="", language="", token_hash="", note="")


HOLDINGS: tuple[Holding, ...] = (
    Holding(
        key="registrations",
        model="samsvar_meetings.Registration",
        what=_("Registrations for meetings: standing, what is counted, who may see the name"),
        whose=Whose.PEOPLE,
        through=("person",),
        given=(
            "public_id", "meeting", "category", "group", "gender", "state", "standing", "waiting_since",
            "waiting_number", "language", "at", "decided_at", "reason", "listed", "photographs", "reminded_at",
            "told_of_days_at",
        ),
        withheld={
            "id": INSIDE, "person": INSIDE, "invitation": INSIDE, "token_hash": OPENS, "ticket": OPENS,
            "decided_by": OTHER, "replaces": OTHER,
        },
        plain=("delegation", "is_head"),
        purposes=MEETINGS,
        grounds=TASK,
        recipients=ORGANISERS,
        stays="registrations",
        fate=Fate.EMPTIED,
        erasure=_("that somebody registered stays in the count; that it was this person does not, and a place is free"),
        empty={"person": None, "gender": "", "reason": ""},
        erase=_forget,
    ),
    Holding(
        key="registrations_decided",
        model="samsvar_meetings.Registration",
        what=_("Registrations that the person decided upon"),
        whose=Whose.STAFF,
        through=("decided_by",),
        given=("public_id", "meeting", "standing", "decided_at"),
        withheld={
            "id": INSIDE, "decided_by": INSIDE, "person": OTHER, "invitation": OTHER, "token_hash": OTHER,
            "ticket": OTHER, "replaces": OTHER, "gender": OTHER, "reason": OTHER, "group": OTHER, "state": OTHER,
        },
        plain=(
            "delegation", "is_head", "category", "waiting_since", "waiting_number", "language", "at", "listed",
            "photographs", "reminded_at", "told_of_days_at",
        ),
        purposes=(Purpose.SECURITY,),
        grounds=(Ground.LEGITIMATE_INTERESTS,),
        recipients=_("those who run the meeting"),
        stays="registrations",
        fate=Fate.KEPT,
        erasure=_("the registration is somebody else’s and stays; the account that decided is emptied"),
    ),
    Holding(
        key="registration_answers",
        model="samsvar_meetings.Answer",
        what=_("Answers to the questions of a meeting: diet, access needs, travel and others"),
        whose=Whose.PEOPLE,
        through=("registration__person",),
        given=("value",),
        withheld={"id": INSIDE, "registration": INSIDE},
        plain=("question",),
        purposes=MEETINGS,
        grounds=TASK,
        recipients=ORGANISERS,
        stays="registration_answers",
        fate=Fate.DELETED,
        erasure=_("deleted"),
        extra={"asked": lambda row, _subject: row.question.text, "purpose": lambda row, _subject: row.question.purpose},
    ),
    Holding(
        key="meeting_invitations",
        model="samsvar_meetings.MeetingInvitation",
        what=_("Invitations to meetings, with the address that each is bound to"),
        whose=Whose.INVITED,
        through=("person",),
        rows=_invitations,
        given=(
            "public_id", "meeting", "email", "language", "category", "group", "state", "at", "expires_at",
            "reminded_at", "answered_at", "declined_at", "withdrawn_at",
        ),
        withheld={"id": INSIDE, "person": INSIDE, "token_hash": OPENS, "invited_by": OTHER},
        plain=("delegation",),
        purposes=MEETINGS,
        grounds=TASK,
        recipients=ORGANISERS,
        stays="meeting_invitations",
        fate=Fate.DELETED,
        erasure=_("deleted"),
    ),
    Holding(
        key="meeting_invitations_sent",
        model="samsvar_meetings.MeetingInvitation",
        what=_("Invitations to meetings that the person sent"),
        whose=Whose.STAFF,
        through=("invited_by",),
        given=("public_id", "meeting", "at"),
        withheld={
            "id": INSIDE, "invited_by": INSIDE, "person": OTHER, "token_hash": OTHER, "email": OTHER, "group": OTHER,
            "state": OTHER,
        },
        plain=(
            "language", "category", "delegation", "expires_at", "reminded_at", "answered_at", "declined_at",
            "withdrawn_at",
        ),
        purposes=MEETINGS,
        grounds=TASK,
        recipients=_("those who run the meeting"),
        stays="meeting_invitations",
        fate=Fate.KEPT,
        erasure=_("the invitation is somebody else’s and stays; the account that sent it is emptied"),
    ),
    Holding(
        key="delegations_headed",
        model="samsvar_meetings.Delegation",
        what=_("Delegations that the person heads, with the address that the link went to"),
        whose=Whose.PEOPLE,
        through=("head",),
        rows=_headed,
        given=(
            "public_id", "meeting", "state", "organisation", "places", "reserved", "head_email", "language",
            "nominate_until", "at", "reminded_at",
        ),
        withheld={"id": INSIDE, "head": INSIDE, "token_hash": OPENS, "note": _("a note of those who run the meeting")},
        plain=(),
        purposes=MEETINGS,
        grounds=TASK,
        recipients=ORGANISERS,
        stays="delegations_headed",
        fate=Fate.EMPTIED,
        erasure=_("the delegation stays with its places; its head and the address are removed"),
        empty={"head": None, "head_email": "", "language": "", "token_hash": "", "note": ""},
    ),
)  # fmt: skip

HOLDS_NONE: dict[str, HoldsNone] = {
    "samsvar_meetings.Quota": HoldsNone("how many places there are"),
    "samsvar_meetings.WaitingLine": HoldsNone("the last number of a waiting list"),
    "samsvar_meetings.Question": HoldsNone(
        "what a meeting asks; the answers are held of people",
        {
            "text": "the question's", "help": "the question's", "options": "what can be chosen",
            "purpose": "what the answers are used for", "of": "categories",
        },
    ),
}  # fmt: skip

KINDS: tuple[Kind, ...] = (
    Kind(
        key="registration_answers",
        what=_("Answers to the questions of a meeting"),
        days=1,
        after=_("on the day that is said beside the question"),
        why=_("they were given for one meeting and one purpose"),
        rows=lambda limit: models.Answer.objects.filter(question__delete_on__lte=(limit + ON_THE_DAY).date()),
        age="question__delete_on",
        fixed=True,
    ),
    Kind(
        key="meeting_invitations",
        what=_("Invitations to meetings"),
        days=180,
        after=_("after the meeting"),
        why=_("who was invited may be asked while the meeting’s report is written"),
        rows=lambda limit: models.MeetingInvitation.objects.filter(meeting__ends__lt=limit.date()),
        age="meeting__ends",
    ),
    Kind(
        key="delegations_headed",
        what=_("Who headed a delegation, and the address"),
        days=180,
        after=_("after the meeting"),
        why=_("who named whom may be asked while the meeting’s report is written"),
        rows=lambda limit: models.Delegation.objects.filter(meeting__ends__lt=limit.date()).exclude(
            head=None, head_email=""
        ),
        age="meeting__ends",
        remove=_forget_heads,
    ),
    Kind(
        key="registrations",
        what=_("Who registered for a meeting; the count stays"),
        days=2 * 365,
        after=_("after the meeting"),
        why=_("certificates are asked for, and projects audited, for two years"),
        rows=lambda limit: models.Registration.objects.filter(
            meeting__ends__lt=limit.date(), person__isnull=False, person__invented=False
        ),
        age="meeting__ends",
        remove=_forget_people,
    ),
)
