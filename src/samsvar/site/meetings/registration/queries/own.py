"""Someone’s own invitation, delegation and registration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from samsvar.meetings.meeting import Entry
from samsvar.meetings.registration import OPEN, Standing
from samsvar.network.people import Field
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User, place_by_link
from samsvar.site.meetings.meeting.queries.opening import registration_is_open
from samsvar.site.meetings.registration.queries.questions import Answered, answers_of, still_to_answer
from samsvar.site.network.access.permissions import Person, access_of
from samsvar.site.network.directory.queries.participants import participants_for

OF_ONESELF = (Field.NAME, Field.ORGANISATION)


@dataclass(frozen=True, slots=True)
class Own:
    """A registration as the person themselves sees it."""

    row: models.Registration
    meeting: models.Meeting
    name: str
    organisation: str
    in_line: int
    answers: tuple[Answered, ...]
    to_answer: tuple[models.Question, ...]
    may_change: bool
    is_over: bool


# --- By a link --------------------------------------------------------------------------------------------------------


def invitation_with(slug: str, token_hash: str) -> models.MeetingInvitation | None:
    """The invitation that a link leads to, also one that is not valid any more."""
    return (
        models.MeetingInvitation.objects.select_related("meeting", "meeting__state", "person", "delegation")
        .filter(token_hash=token_hash, meeting__public_id=slug)
        .first()
    )


def registration_with(slug: str, token_hash: str) -> models.Registration | None:
    return _registrations().filter(token_hash=token_hash, meeting__public_id=slug).first()


def registration_of_invitation(invitation: models.MeetingInvitation) -> models.Registration | None:
    return _registrations().filter(invitation=invitation).first()


def delegation_with(slug: str, token_hash: str) -> models.Delegation | None:
    return _delegations().filter(token_hash=token_hash, meeting__public_id=slug).first()


def open_invitations(now: datetime) -> Q:
    """Those that can still be answered."""
    return Q(answered_at__isnull=True, withdrawn_at__isnull=True, declined_at__isnull=True, expires_at__gt=now)


def is_open(invitation: models.MeetingInvitation) -> bool:
    """Whether the invitation itself can still be answered."""
    ended = invitation.withdrawn_at or invitation.declined_at
    return not ended and invitation.expires_at > timezone.now()


# --- One's own --------------------------------------------------------------------------------------------------------


def own_registration(user: User, meeting: models.Meeting) -> models.Registration | None:
    """One's registration with an account: the open one, else the last; by a link, that link's."""
    place = place_by_link(user, meeting)
    if place is not None:
        return _registrations().filter(pk=place.pk).first()
    person = access_of(user).person
    if person is None:
        return None
    mine = _registrations().filter(meeting=meeting, person=person)
    return mine.filter(standing__in=OPEN).first() or mine.order_by("-at", "-pk").first()


def own_page(row: models.Registration, language: str) -> Own:
    meeting = row.meeting
    views = participants_for(None, [row.person] if row.person else [], subject="", fields=OF_ONESELF)
    view = views.get(row.person_id) if row.person_id is not None else None
    late = meeting.changes_until is not None and meeting.changes_until <= timezone.now()
    over = Standing(row.standing).is_over
    return Own(
        row,
        meeting,
        view.name if view else "",
        view.organisation.shown if view and view.organisation else "",
        place_in_line(row),
        answers_of(row, language),
        tuple(still_to_answer(meeting, [row.pk]).get(row.pk, ())),
        not late and not over and meeting.cancelled_at is None,
        over,
    )


def known_name(invitation: models.MeetingInvitation | None, user: User) -> str:
    """The name of whoever registers: of their own entry, else as a head of delegation wrote it; "" where none is.

    Asked so that nobody types what their entry says; no page shows it.
    """
    own = access_of(user).person if user is not None else None
    named = invitation.person_id if invitation is not None and (user is None or invitation.delegation_id) else None
    rows = Person.objects.filter(details__field=Field.NAME, pk__in=[one for one in (own, named) if one is not None])
    names = dict(rows.values_list("pk", "details__value"))
    return str(names.get(own or 0) or names.get(named or 0) or "")


def writes_own_name(person: Person | None) -> bool:
    """Whether somebody's name is written at the meeting: they have no account and no entry of their own."""
    return person is not None and person.account_id is None and not person.memberships.exists()


def is_hidden(invitation: models.MeetingInvitation | None, user: User) -> bool:
    """Whether whoever registers is hidden for their safety already."""
    if user is not None:
        key = access_of(user).person
        return key is not None and Person.objects.filter(pk=key, at_risk=True).exists()
    return invitation is not None and invitation.person is not None and invitation.person.at_risk


def place_in_line(row: models.Registration) -> int:
    """How many wait before somebody, with themselves; 0 for whoever does not wait."""
    if row.standing != Standing.WAITING:
        return 0
    return models.Registration.objects.filter(
        meeting=row.meeting_id, standing=Standing.WAITING, waiting_number__lte=row.waiting_number
    ).count()


def may_register(user: User, meeting: models.Meeting) -> bool:
    """Whether this account registers without an invitation."""
    access = access_of(user)
    if not access.signed_in or not registration_is_open(meeting):
        return False
    return meeting.entry == Entry.OPEN or (meeting.entry == Entry.MEMBERS and meeting.network_id in access.networks)


# --- Steps ------------------------------------------------------------------------------------------------------------


def _registrations() -> QuerySet[models.Registration]:
    return models.Registration.objects.select_related(
        "meeting", "meeting__state", "person", "person__account", "invitation", "delegation", "delegation__organisation"
    )


def _delegations() -> QuerySet[models.Delegation]:
    return models.Delegation.objects.select_related("meeting", "meeting__state", "organisation", "state")
