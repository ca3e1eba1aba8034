"""Personal data in invitations, delegations, quotas and registrations."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from samsvar.meetings.registration import RegistrationStatus
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.personal_data import MEETINGS, ORGANISERS, PUBLIC_TASK, participant_category
from samsvar.site.meetings.registration.queries.quotas import PLACE_HOLDING_STATUSES, registration_quotas
from samsvar.site.network.data_inventory import (
    INTERNAL_ID,
    OTHER_PERSON,
    DataSubject,
    NoPersonalData,
    RetentionRule,
    SubjectOfRequest,
    anonymised,
    keep,
    staff_category,
    withhold,
)

LOGGED_ORGANISERS = _("the organisers; access is logged")
GRANTS_ACCESS = _("gives access to the person’s page; anyone with the file could open that page")
ONE_DAY = timedelta(days=1)  # `limit` is one day back, but answers are deleted on the day itself


def _erase_registrations(subject: SubjectOfRequest, registrations: QuerySet[Any], now: datetime) -> int:
    """Anonymise registrations and return their number.

    Anonymised registrations are still counted. A place at an upcoming meeting is released, as no one will use it.
    """
    del subject
    upcoming = registrations.filter(meeting__ends__gte=now.date())
    for registration in upcoming.filter(status__in=PLACE_HOLDING_STATUSES):
        quotas = registration_quotas(registration, models.Quota.objects.filter(meeting=registration.meeting_id))
        models.Quota.objects.filter(pk__in=[quota.pk for quota in quotas], taken__gt=0).update(taken=F("taken") - 1)
    upcoming.filter(status__in=[*PLACE_HOLDING_STATUSES, RegistrationStatus.WAITING]).update(
        status=RegistrationStatus.DECLINED
    )
    return _anonymise_registrations(registrations)


def _anonymise_registrations(registrations: QuerySet[Any]) -> int:
    models.IssuedLetter.objects.filter(registration__in=registrations.values("pk")).update(printed_name="")
    return registrations.update(
        person=None, invitation=None, nominated_name="", gender="", reason="", ticket=None, token_hash=""
    )


def _anonymise_heads(delegations: QuerySet[Any]) -> int:
    return delegations.update(head=None, head_email="", language="", token_hash="", note="")


DATA_CATEGORIES = (
    participant_category(
        models.Registration, "registrations",
        _("Meeting registrations: status, details used in statistics, who can see the name"),
        exported=(
            "public_id meeting nominated_name category group gender state counts_by_country status waiting_since "
            "waiting_number language at decided_at reason listed photographs is_suggested reminded_at told_of_days_at"
        ),
        withheld={
            "token_hash": GRANTS_ACCESS, "ticket": GRANTS_ACCESS, "decided_by": OTHER_PERSON, "replaces": OTHER_PERSON,
            "invitation": INTERNAL_ID,
        },
        not_personal="delegation is_head",
        recipients=LOGGED_ORGANISERS,
        erasure=anonymised(
            _("the registration is still counted but no longer linked to this person, and the place is released"),
            function=_erase_registrations,
        ),
    ),
    staff_category(
        models.Registration, "registrations_decided", _("Registrations that the person made a decision on"),
        exported="public_id meeting status decided_at", through="decided_by",
        withheld=withhold(
            "person invitation nominated_name token_hash ticket replaces gender reason group state counts_by_country"
        ),
        not_personal=(
            "delegation is_head category waiting_since waiting_number language at listed photographs "
            "is_suggested reminded_at told_of_days_at"
        ),
        recipients=ORGANISERS, retention="registrations",
        erasure=keep(
            _("kept, because the registration belongs to someone else; the account that decided on it is anonymised"),
        ),
    ),
    participant_category(
        models.Answer, "registration_answers",
        _("Answers to a meeting’s registration questions: dietary requirements, access needs, travel and other "
"topics"),
        exported="value", through="registration__person",
        not_personal="question",
        recipients=LOGGED_ORGANISERS,
        computed={
            "asked": lambda answer, _subject: answer.question.text,
            "purpose": lambda answer, _subject: answer.question.purpose,
        },
    ),
    participant_category(
        models.LinkRequest, "link_requests", _("Requests for a registration link that have not been answered yet"),
        exported="meeting email language at",
        data_subject=DataSubject.INVITED, recipients=_("no one (used only by the system)"), by_address="email",
    ),
    participant_category(
        models.MeetingInvitation, "meeting_invitations",
        _("Invitations to meetings, with the address each one was sent to"),
        exported=(
            "public_id meeting email language category group state at expires_at reminded_at answered_at declined_at "
            "withdrawn_at"
        ),
        withheld={"token_hash": GRANTS_ACCESS},
        not_personal="delegation",
        data_subject=DataSubject.INVITED, recipients=LOGGED_ORGANISERS, by_address="email",
    ),
    staff_category(
        models.MeetingInvitation, "meeting_invitations_sent", _("Invitations to meetings sent by the person"),
        exported="public_id meeting at", through="invited_by",
        withheld=withhold("person token_hash email group state"),
        not_personal="language category delegation expires_at reminded_at answered_at declined_at withdrawn_at",
        purposes=MEETINGS, legal_bases=PUBLIC_TASK, recipients=ORGANISERS, retention="meeting_invitations",
        erasure=keep(_("kept, because the invitation belongs to someone else; the account that sent it is anonymised")),
    ),
    participant_category(
        models.Delegation, "delegations_headed",
        _("Delegations the person heads, with the address the link was sent to"),
        exported=(
            "public_id meeting state organisation places reserved head_email language nominate_until at reminded_at"
        ),
        through="head", by_address="head_email",
        withheld={"token_hash": GRANTS_ACCESS, "note": _("a note by the organisers")},
        recipients=LOGGED_ORGANISERS,
        erasure=anonymised(
            _("the delegation and its places are kept; the name and email address of its head are removed"),
            {"head": None, "head_email": "", "language": "", "token_hash": "", "note": ""},
        ),
    ),
)  # fmt: skip

NO_PERSONAL_DATA = {
    "samsvar_meetings.Quota": NoPersonalData("the number of places"),
    "samsvar_meetings.WaitingList": NoPersonalData("the last number issued on a waiting list"),
    "samsvar_meetings.Question": NoPersonalData(
        "the questions of a meeting; people's answers are in a table of their own",
        {
            "text": "the question's", "help": "the question's", "options": "the options to choose from",
            "purpose": "what the answers are used for", "of": "categories",
        },
    ),
}  # fmt: skip

RETENTION_RULES = (
    RetentionRule(
        models.Answer, "question__delete_on", "registration_answers",
        _("Answers to a meeting’s registration questions"),
        days=1, after=_("on the date shown next to the question"),
        why=_("the answers were given for one meeting and one purpose"),
        find_rows=lambda limit: models.Answer.objects.filter(question__delete_on__lte=(limit + ONE_DAY).date()),
        fixed=True,
    ),
    RetentionRule(
        models.LinkRequest, "at", "link_requests", _("Requests for a registration link"),
        days=2, after=_("after they were made"),
        why=_("each is deleted when it is answered, normally within seconds; only a long outage leaves any"),
    ),
    RetentionRule(
        models.MeetingInvitation, "meeting__ends", "meeting_invitations", _("Invitations to meetings"),
        days=180, after=_("after the meeting"),
        why=_("it may be necessary to check who was invited while the meeting’s report is being written"),
    ),
    RetentionRule(
        models.Delegation, "meeting__ends", "delegations_headed", _("Heads of delegation and their addresses"),
        days=180, after=_("after the meeting"),
        why=_("it may be necessary to check who nominated whom while the meeting’s report is being written"),
        condition=~Q(head=None, head_email=""), remove=_anonymise_heads,
    ),
    RetentionRule(
        models.Registration, "meeting__ends", "registrations",
        _("Names of people who registered for a meeting (the total is kept)"),
        days=2 * 365, after=_("after the meeting"),
        why=_("for two years, certificates may be requested and projects may be audited"),
        condition=Q(person__isnull=False, person__fictional=False), remove=_anonymise_registrations,
    ),
)  # fmt: skip
