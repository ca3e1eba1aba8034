"""Who may see what of a meeting, and who may manage it. Every view of this app checks its meeting here.

An organiser's role is bound to one meeting, and includes the meetings inside it. A member of the secretariat plans
meetings of their network (`Claim.PLAN_MEETINGS`) and manages a meeting only with a written role as its organiser. A
duty is less than a role: one task, at one meeting, until a certain time.
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
from samsvar.site.network.access.permissions import User, access_of, network_scope

__all__ = [
    "LinkHolder",
    "User",
    "access_levels",
    "can_help",
    "can_manage",
    "can_plan",
    "can_see",
    "duties_of",
    "may_read",
    "meetings_for",
    "must_manage",
    "registration_by_link",
]  # fmt: skip


class LinkHolder(AnonymousUser):
    """A visitor with a registration link and no account; at other meetings they are anonymous."""

    holds_link = True

    def __init__(self, registrations: tuple[models.Registration, ...]) -> None:
        super().__init__()
        self.places = registrations

    @property
    def known_as(self) -> str:
        """Return how the audit log names the holder of the link."""
        return ", ".join(f"registration {one.public_id}" for one in self.places)


def registration_by_link(user: User, meeting: models.Meeting) -> models.Registration | None:
    """Return the registration for this meeting whose link the visitor used; None for anyone else."""
    if not isinstance(user, LinkHolder):
        return None
    return next((one for one in user.places if one.meeting_id == meeting.pk), None)


def _confirmed_by_link(user: User) -> list[models.Registration]:
    return (
        [one for one in user.places if one.status == RegistrationStatus.CONFIRMED]
        if isinstance(user, LinkHolder)
        else []
    )


def _person_of(user: User, meeting: models.Meeting) -> int | None:
    """Return the id of the visitor's person at this meeting; None if they have none."""
    registration = registration_by_link(user, meeting)
    return access_of(user).person if registration is None else registration.person_id


def scopes_of(meeting: models.Meeting) -> list[Scope]:
    """Return the scopes of the meeting and of the meetings that contain it."""
    scopes = [Scope(meeting=meeting.public_id)]
    outer = meeting.inside
    while outer is not None and len(scopes) < 5:  # a cycle, which no form can create, would never end
        scopes.append(Scope(meeting=outer.public_id))
        outer = outer.inside
    return scopes


def can_manage(user: User, meeting: models.Meeting) -> bool:
    """Return whether this user is an organiser of the meeting, or of the one that contains it."""
    return access_of(user).answer_about(Claim.MANAGE_MEETING, scopes_of(meeting)) is AccessDecision.ALLOWED


def must_manage(user: User, meeting: models.Meeting) -> None:
    """Raise `PermissionDenied` unless this user may manage the meeting."""
    if not can_manage(user, meeting):
        raise PermissionDenied


def can_plan(user: User, network: Any | None) -> bool:
    """Return whether this user may create meetings of this network; None: meetings without a network."""
    return access_of(user).answer(Claim.PLAN_MEETINGS, network_scope(network)) is AccessDecision.ALLOWED


def duties_of(user: User, meeting: models.Meeting) -> frozenset[str]:
    """Return the duties that this user has at the meeting now."""
    access = access_of(user)
    if not access.signed_in or access.is_refused(Claim.MANAGE_MEETING, Scope(meeting=meeting.public_id)):
        return frozenset()
    return frozenset(meeting.duties.filter(account=user, until__gt=timezone.now()).values_list("kind", flat=True))


def can_help(user: User, meeting: models.Meeting, kind: models.Duty.Kind) -> bool:
    """Return whether this user may do this task at the meeting, as an organiser or by duty."""
    return can_manage(user, meeting) or kind in duties_of(user, meeting)


def access_levels(user: User, meeting: models.Meeting) -> frozenset[AccessLevel]:
    """Return the access levels that this user has at this meeting; they may read anything with one of them."""
    access = access_of(user)
    levels = {AccessLevel.PUBLIC}
    taking_part = {one.meeting_id for one in _confirmed_by_link(user)}
    if not access.signed_in and not taking_part:
        return frozenset(levels)
    if can_manage(user, meeting):
        return frozenset(AccessLevel)
    if meeting.pk in taking_part or (
        meeting.inside_id in taking_part and meeting.access == AccessLevel.PARTICIPANTS
    ):  # participants are known by name, and may read what any account may
        levels |= {AccessLevel.SIGNED_IN, AccessLevel.PARTICIPANTS}
        if models.Appearance.objects.filter(session__meeting=meeting, person=_person_of(user, meeting)).exists():
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


def may_read(user: User, meeting: models.Meeting, level: str) -> bool:
    """Return whether this user may read something with this access level. Public content needs no query."""
    return level == AccessLevel.PUBLIC or AccessLevel(level) in access_levels(user, meeting)


def can_see(user: User, meeting: models.Meeting) -> bool:
    """Return whether this user may know of the meeting. Participants always may, unless only organisers have access."""
    if may_read(user, meeting, meeting.access):
        return True
    return meeting.access != AccessLevel.ORGANISERS and AccessLevel.PARTICIPANTS in access_levels(user, meeting)


def meetings_for(user: User) -> QuerySet[models.Meeting]:
    """Return the meetings that this user may know of, in one query."""
    access = access_of(user)
    condition = Q(access=AccessLevel.PUBLIC)
    if access.signed_in:
        condition |= Q(access=AccessLevel.SIGNED_IN)
        condition |= Q(access=AccessLevel.NETWORK, network__in=access.networks)
        managed = [
            grant.scope.meeting for grant in access.grants if grant.is_active_at(access.moment) and grant.scope.meeting
        ]
        managed = [
            one for one in managed if access.answer(Claim.MANAGE_MEETING, Scope(meeting=one)) is AccessDecision.ALLOWED
        ]
        condition |= Q(public_id__in=managed) | Q(inside__public_id__in=managed)
        if access.person is not None:
            takes_part = Q(registrations__person=access.person, registrations__status=RegistrationStatus.CONFIRMED)
            condition |= ~Q(access=AccessLevel.ORGANISERS) & Q(
                pk__in=models.Meeting.objects.filter(
                    takes_part | Q(sessions__appearances__person=access.person)
                ).values("pk")
            )
    if registrations := _confirmed_by_link(user):
        condition |= ~Q(access=AccessLevel.ORGANISERS) & Q(pk__in=[one.meeting_id for one in registrations])
    return models.Meeting.objects.filter(condition)
