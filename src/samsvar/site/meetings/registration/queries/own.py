"""Queries for a person's own invitation, delegation and registration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from samsvar.meetings.meeting import RegistrationPolicy
from samsvar.meetings.registration import ACTIVE_STATUSES, RegistrationStatus
from samsvar.network.people import Field
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User, registration_by_link
from samsvar.site.meetings.meeting.queries.opening import is_registration_open
from samsvar.site.meetings.meeting.queries.pseudonyms import get_pseudonym
from samsvar.site.meetings.registration.queries import questions as question_queries
from samsvar.site.network.access.permissions import Person, get_access
from samsvar.site.network.directory.queries.participants import get_visible_participants

OWN_FIELDS = (Field.NAME, Field.ORGANISATION)


@dataclass(frozen=True, slots=True)
class OwnRegistration:
    """A registration as shown to the registered person."""

    registration: models.Registration
    meeting: models.Meeting
    name: str
    pseudonym: str  # the name shown at this meeting instead; "" unless the person is at risk
    organisation: str
    waiting_position: int
    answers: tuple[question_queries.AnsweredQuestion, ...]
    unanswered: tuple[models.Question, ...]
    may_change: bool
    is_over: bool


# --- Access by link ---------------------------------------------------------------------------------------------------


def find_invitation(slug: str, token_hash: str) -> models.MeetingInvitation | None:
    """Return the invitation that a link belongs to, even if it is no longer valid."""
    invitations = models.MeetingInvitation.objects.select_related("meeting__state", "person", "delegation")
    return invitations.filter(token_hash=token_hash, meeting__public_id=slug).first()


def find_registration_by_hash(slug: str, token_hash: str) -> models.Registration | None:
    return registrations_with_related().filter(token_hash=token_hash, meeting__public_id=slug).first()


def find_invitation_registration(invitation: models.MeetingInvitation) -> models.Registration | None:
    return registrations_with_related().filter(invitation=invitation).first()


def find_delegation_by_hash(slug: str, token_hash: str) -> models.Delegation | None:
    return delegations_with_related().filter(token_hash=token_hash, meeting__public_id=slug).first()


def open_invitations_filter(now: datetime) -> Q:
    """Return a filter for invitations that can still be answered."""
    return Q(answered_at__isnull=True, withdrawn_at__isnull=True, declined_at__isnull=True, expires_at__gt=now)


def is_open_invitation(invitation: models.MeetingInvitation) -> bool:
    """Return whether an invitation is neither withdrawn, declined nor expired."""
    ended = invitation.withdrawn_at or invitation.declined_at
    return not ended and invitation.expires_at > timezone.now()


# --- Own registration -------------------------------------------------------------------------------------------------


def own_registration(user: User, meeting: models.Meeting) -> models.Registration | None:
    """Return a user's registration for a meeting, or None.

    For an account, this is the active registration, or else the latest. For a visitor with a link, it is the
    registration of that link.
    """
    link_registration = registration_by_link(user, meeting)
    if link_registration is not None:
        return registrations_with_related().filter(pk=link_registration.pk).first()
    person = get_access(user).person
    if person is None:
        return None
    registrations = registrations_with_related().filter(meeting=meeting, person=person)
    return registrations.filter(status__in=ACTIVE_STATUSES).first() or registrations.order_by("-at", "-pk").first()


def own_registration_page(registration: models.Registration, language: str) -> OwnRegistration:
    meeting = registration.meeting
    people = [registration.person] if registration.person else []
    views = get_visible_participants(None, people, subject="", fields=OWN_FIELDS)
    view = views.get(registration.person_id) if registration.person_id is not None else None
    changes_closed = meeting.changes_until is not None and meeting.changes_until <= timezone.now()
    is_over = RegistrationStatus(registration.status).is_over
    return OwnRegistration(
        registration,
        meeting,
        view.name if view else "",
        get_pseudonym(meeting, registration.person) if registration.person is not None else "",
        view.organisation.label if view and view.organisation else "",
        get_waiting_position(registration),
        question_queries.registration_answers(registration, language),
        tuple(question_queries.unanswered_questions(meeting, [registration.pk]).get(registration.pk, ())),
        not changes_closed and not is_over and meeting.cancelled_at is None,
        is_over,
    )


def known_registrant_name(invitation: models.MeetingInvitation | None, user: User) -> str:
    """Return the name of the person who is registering; "" if it is unknown.

    It comes from their own profile, or else from their nomination, so that no one has to enter a name that is already
    known here. No page shows it.
    """
    own_person_id = get_access(user).person if user is not None else None
    invited_person_id = None
    if invitation is not None and (user is None or invitation.delegation_id):
        invited_person_id = invitation.person_id
    ids = [one for one in (own_person_id, invited_person_id) if one is not None]
    persons = Person.objects.filter(details__field=Field.NAME, pk__in=ids)
    names = dict(persons.values_list("pk", "details__value"))
    return str(names.get(own_person_id or 0) or names.get(invited_person_id or 0) or "")


def can_edit_own_name(person: Person | None) -> bool:
    """Return whether a person edits their name here, because they have neither an account nor a profile."""
    return person is not None and person.account_id is None and not person.memberships.exists()


def is_registrant_at_risk(invitation: models.MeetingInvitation | None, user: User) -> bool:
    """Return whether the identity of the person who is registering is already hidden for their safety."""
    if user is not None:
        person_id = get_access(user).person
        return person_id is not None and Person.objects.filter(pk=person_id, at_risk=True).exists()
    return invitation is not None and invitation.person is not None and invitation.person.at_risk


def get_waiting_position(registration: models.Registration) -> int:
    """Return a registration's position on the waiting list, from 1; 0 if it is not on it."""
    if registration.status != RegistrationStatus.WAITING:
        return 0
    waiting = models.Registration.objects.filter(meeting=registration.meeting_id, status=RegistrationStatus.WAITING)
    return waiting.filter(waiting_number__lte=registration.waiting_number).count()


def can_register_directly(user: User, meeting: models.Meeting) -> bool:
    """Return whether a user can register without an invitation."""
    access = get_access(user)
    if not access.signed_in or not is_registration_open(meeting):
        return False
    return meeting.entry == RegistrationPolicy.OPEN or (
        meeting.entry == RegistrationPolicy.MEMBERS and meeting.network_id in access.networks
    )


# --- Helpers ----------------------------------------------------------------------------------------------------------


def registrations_with_related() -> QuerySet[models.Registration]:
    return models.Registration.objects.select_related(
        "meeting", "meeting__state", "person", "person__account", "invitation", "delegation", "delegation__organisation"
    )


def delegations_with_related() -> QuerySet[models.Delegation]:
    return models.Delegation.objects.select_related("meeting", "meeting__state", "organisation", "state")
