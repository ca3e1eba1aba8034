"""Permissions to see and to manage meetings; every view of this app uses them to check access to its meeting.

An organiser's role is for one meeting, including the meetings inside it. Members of a secretariat can plan meetings
of their network (`Claim.PLAN_MEETINGS`), but can manage a meeting only if they have the organiser's role for it. A
duty permits less than a role: one task, at one meeting, until a certain time.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.utils import timezone

from samsvar.meetings.meeting import AccessLevel
from samsvar.meetings.registration import RegistrationStatus
from samsvar.network.rights import AccessDecision, Claim, Scope
from samsvar.site.meetings import models
from samsvar.site.network.access.permissions import User, get_access, has_claim, network_scope


class LinkHolder(AnonymousUser):
    """A visitor who used a registration link and has no account; for other meetings they are anonymous."""

    holds_link = True

    def __init__(self, registrations: tuple[models.Registration, ...]) -> None:
        super().__init__()
        self.registrations = registrations

    @property
    def audit_name(self) -> str:
        """Return the name of this visitor in the audit log."""
        return ", ".join(f"registration {one.public_id}" for one in self.registrations)


def registration_by_link(user: User, meeting: models.Meeting) -> models.Registration | None:
    """Return the registration for this meeting whose link the visitor used, or None if they used no such link."""
    if not isinstance(user, LinkHolder):
        return None
    return next((one for one in user.registrations if one.meeting_id == meeting.pk), None)


def _confirmed_registrations_by_link(user: User) -> list[models.Registration]:
    registrations = user.registrations if isinstance(user, LinkHolder) else ()
    return [one for one in registrations if one.status == RegistrationStatus.CONFIRMED]


def _get_person_id(user: User, meeting: models.Meeting) -> int | None:
    """Return the primary key of the user's person at this meeting, or None if there is no such person."""
    registration = registration_by_link(user, meeting)
    return get_access(user).person if registration is None else registration.person_id


def get_scopes(meeting: models.Meeting) -> list[Scope]:
    """Return the scopes of the meeting and of all meetings that contain it."""
    scopes = [Scope(meeting=meeting.public_id)]
    outer = meeting.inside
    while outer is not None and len(scopes) < 5:  # prevents an endless loop, although no form can create a cycle
        scopes.append(Scope(meeting=outer.public_id))
        outer = outer.inside
    return scopes


def can_manage(user: User, meeting: models.Meeting) -> bool:
    """Return whether the user is an organiser of the meeting or of a meeting that contains it."""
    return get_access(user).decide_for_scopes(Claim.MANAGE_MEETING, get_scopes(meeting)) is AccessDecision.ALLOWED


def check_can_manage(user: User, meeting: models.Meeting) -> None:
    """Raise PermissionDenied unless the user may manage the meeting."""
    if not can_manage(user, meeting):
        raise PermissionDenied


def can_plan(user: User, network: Any | None) -> bool:
    """Return whether the user may create meetings of this network or, if it is None, meetings without a network."""
    return get_access(user).decide(Claim.PLAN_MEETINGS, network_scope(network)) is AccessDecision.ALLOWED


def get_duties(user: User, meeting: models.Meeting) -> frozenset[str]:
    """Return the user's current duties at the meeting."""
    access = get_access(user)
    if not access.signed_in or access.is_refused(Claim.MANAGE_MEETING, Scope(meeting=meeting.public_id)):
        return frozenset()
    return frozenset(meeting.duties.filter(account=user, until__gt=timezone.now()).values_list("kind", flat=True))


def can_perform_duty(user: User, meeting: models.Meeting, kind: models.Duty.Kind) -> bool:
    """Return whether the user may perform this task at the meeting, as an organiser or as a helper."""
    return can_manage(user, meeting) or kind in get_duties(user, meeting)


def access_levels(user: User, meeting: models.Meeting) -> frozenset[AccessLevel]:
    """Return the access levels that the user has at this meeting; they may read content with any of them."""
    access = get_access(user)
    levels = {AccessLevel.PUBLIC}
    taking_part = {one.meeting_id for one in _confirmed_registrations_by_link(user)}
    if not access.signed_in and not taking_part:
        return frozenset(levels)
    if can_manage(user, meeting):
        return frozenset(AccessLevel)
    if meeting.pk in taking_part or (
        meeting.inside_id in taking_part and meeting.access == AccessLevel.PARTICIPANTS
    ):  # participants are identified, so they may read what signed-in users may
        levels |= {AccessLevel.SIGNED_IN, AccessLevel.PARTICIPANTS}
        if models.Appearance.objects.filter(session__meeting=meeting, person=_get_person_id(user, meeting)).exists():
            levels.add(AccessLevel.SPEAKERS)
    if not access.signed_in:
        return frozenset(levels)
    levels.add(AccessLevel.SIGNED_IN)
    if meeting.network_id is not None and meeting.network_id in access.networks:
        levels.add(AccessLevel.NETWORK)
    if access.person is not None:
        if meeting.registrations.filter(person=access.person, status=RegistrationStatus.CONFIRMED).exists() or (
            meeting.inside_id is not None
            and meeting.inside is not None
            and meeting.access == AccessLevel.PARTICIPANTS
            and meeting.inside.registrations.filter(person=access.person, status=RegistrationStatus.CONFIRMED).exists()
        ):
            levels.add(AccessLevel.PARTICIPANTS)
        if models.Appearance.objects.filter(session__meeting=meeting, person=access.person).exists():
            levels |= {AccessLevel.PARTICIPANTS, AccessLevel.SPEAKERS}
    return frozenset(levels)


def can_read(user: User, meeting: models.Meeting, level: str) -> bool:
    """Return whether the user may read content with this access level; public content needs no query."""
    return level == AccessLevel.PUBLIC or AccessLevel(level) in access_levels(user, meeting)


def can_see(user: User, meeting: models.Meeting) -> bool:
    """Return whether the user may see the meeting; participants always may, unless only organisers have access."""
    if can_read(user, meeting, meeting.access):
        return True
    return meeting.access != AccessLevel.ORGANISERS and AccessLevel.PARTICIPANTS in access_levels(user, meeting)


def visible_meetings(user: User) -> QuerySet[models.Meeting]:
    """Return the meetings that the user may see. Runs one query."""
    access = get_access(user)
    condition = Q(access=AccessLevel.PUBLIC)
    if access.signed_in:
        condition |= Q(access=AccessLevel.SIGNED_IN)
        condition |= Q(access=AccessLevel.NETWORK, network__in=access.networks)
        managed = [one.scope.meeting for one in access.grants if one.is_active_at(access.moment) and one.scope.meeting]
        managed = [slug for slug in managed if has_claim(user, Claim.MANAGE_MEETING, Scope(meeting=slug))]
        condition |= Q(public_id__in=managed) | Q(inside__public_id__in=managed)
        if access.person is not None:
            takes_part = Q(registrations__person=access.person, registrations__status=RegistrationStatus.CONFIRMED)
            takes_part |= Q(sessions__appearances__person=access.person)
            own = models.Meeting.objects.filter(takes_part).values("pk")
            condition |= ~Q(access=AccessLevel.ORGANISERS) & Q(pk__in=own)
    if registrations := _confirmed_registrations_by_link(user):
        condition |= ~Q(access=AccessLevel.ORGANISERS) & Q(pk__in=[one.meeting_id for one in registrations])
    return models.Meeting.objects.filter(condition)
