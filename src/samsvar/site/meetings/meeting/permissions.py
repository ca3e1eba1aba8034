"""Who may see what of a meeting, and who runs it. Every view of this app asks here about the one meeting behind it.

An organiser's role is bound to one meeting, and reaches the meetings inside it. A member of the secretariat plans
meetings of their network (`Claim.PLAN_MEETINGS`) and runs one by being its organiser, in writing. A duty is less than a
role: at this meeting, for one thing, until a moment.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.utils import timezone

from samsvar.meetings.meeting import Access
from samsvar.meetings.registration import Standing
from samsvar.network.rights import Answer, Claim, Scope
from samsvar.site.meetings import models
from samsvar.site.network.access.permissions import User, access_of, network_scope

__all__ = [
    "LinkHolder", "User", "can_help", "can_manage", "can_plan", "can_see", "duties_of", "may_read", "meetings_for",
    "must_manage", "place_by_link", "sees",
]  # fmt: skip


class LinkHolder(AnonymousUser):
    """Whoever came by the link of their registration and has no account: nobody but that at other meetings."""

    holds_link = True

    def __init__(self, places: tuple[models.Registration, ...]) -> None:
        super().__init__()
        self.places = places

    @property
    def known_as(self) -> str:
        """How the trail tells whose link it was."""
        return ", ".join(f"registration {one.public_id}" for one in self.places)


def place_by_link(user: User, meeting: models.Meeting) -> models.Registration | None:
    """The registration for this meeting by whose link this visitor came; None for everybody else."""
    if not isinstance(user, LinkHolder):
        return None
    return next((one for one in user.places if one.meeting_id == meeting.pk), None)


def _confirmed_by_link(user: User) -> list[models.Registration]:
    return [one for one in user.places if one.standing == Standing.CONFIRMED] if isinstance(user, LinkHolder) else []


def _person_of(user: User, meeting: models.Meeting) -> int | None:
    """The person who this visitor is, at this meeting."""
    place = place_by_link(user, meeting)
    return access_of(user).person if place is None else place.person_id


def scopes_of(meeting: models.Meeting) -> list[Scope]:
    """The meeting, and those that it lies inside of."""
    found = [Scope(meeting=meeting.public_id)]
    one = meeting.inside
    while one is not None and len(found) < 5:  # a ring, which no form makes, would not end
        found.append(Scope(meeting=one.public_id))
        one = one.inside
    return found


def can_manage(user: User, meeting: models.Meeting) -> bool:
    """Run this meeting: its organiser, or the organiser of the one that it lies inside of."""
    return access_of(user).answer_about(Claim.MANAGE_MEETING, scopes_of(meeting)) is Answer.YES


def must_manage(user: User, meeting: models.Meeting) -> None:
    """Raise `PermissionDenied` unless this user runs the meeting."""
    if not can_manage(user, meeting):
        raise PermissionDenied


def can_plan(user: User, network: Any | None) -> bool:
    """Announce a new meeting of this network; None: of no network, by whoever may for all."""
    return access_of(user).answer(Claim.PLAN_MEETINGS, network_scope(network)) is Answer.YES


def duties_of(user: User, meeting: models.Meeting) -> frozenset[str]:
    """With what this user helps at the meeting now."""
    access = access_of(user)
    if not access.signed_in or access.is_refused(Claim.MANAGE_MEETING, Scope(meeting=meeting.public_id)):
        return frozenset()
    return frozenset(meeting.duties.filter(account=user, until__gt=timezone.now()).values_list("kind", flat=True))


def can_help(user: User, meeting: models.Meeting, kind: models.Duty.Kind) -> bool:
    """Do this one thing at the meeting: its organiser, or somebody who was given the duty."""
    return can_manage(user, meeting) or kind in duties_of(user, meeting)


def sees(user: User, meeting: models.Meeting) -> frozenset[Access]:
    """The levels of access that this user has at this meeting; what has one of them may be read."""
    access = access_of(user)
    levels = {Access.PUBLIC}
    taking_part = {one.meeting_id for one in _confirmed_by_link(user)}
    if not access.signed_in and not taking_part:
        return frozenset(levels)
    if can_manage(user, meeting):
        return frozenset(Access)
    if meeting.pk in taking_part or (
        meeting.inside_id in taking_part and meeting.access == Access.PARTICIPANTS
    ):  # whoever takes part is known by name, and reads what any account may
        levels |= {Access.SIGNED_IN, Access.PARTICIPANTS}
        if models.Appearance.objects.filter(session__meeting=meeting, person=_person_of(user, meeting)).exists():
            levels.add(Access.SPEAKERS)
    if not access.signed_in:
        return frozenset(levels)
    levels.add(Access.SIGNED_IN)
    if meeting.network_id is not None and meeting.network_id in access.networks:
        levels.add(Access.NETWORK)
    if access.person is not None:
        if meeting.registrations.filter(person=access.person, standing=Standing.CONFIRMED).exists() or (
            meeting.inside_id is not None
            and meeting.inside is not None
            and meeting.access == Access.PARTICIPANTS
            and meeting.inside.registrations.filter(person=access.person, standing=Standing.CONFIRMED).exists()
        ):
            levels.add(Access.PARTICIPANTS)
        if models.Appearance.objects.filter(session__meeting=meeting, person=access.person).exists():
            levels |= {Access.PARTICIPANTS, Access.SPEAKERS}
    return frozenset(levels)


def may_read(user: User, meeting: models.Meeting, level: str) -> bool:
    """Whether something with this level of access is for this user. What is public asks the database nothing."""
    return level == Access.PUBLIC or Access(level) in sees(user, meeting)


def can_see(user: User, meeting: models.Meeting) -> bool:
    """Whether there is such a meeting, for this user. Whoever takes part in one knows of it."""
    if may_read(user, meeting, meeting.access):
        return True
    return meeting.access != Access.ORGANISERS and Access.PARTICIPANTS in sees(user, meeting)


def meetings_for(user: User) -> QuerySet[models.Meeting]:
    """The meetings that this user may know of, in one question."""
    access = access_of(user)
    wanted = Q(access=Access.PUBLIC)
    if access.signed_in:
        wanted |= Q(access=Access.SIGNED_IN)
        wanted |= Q(access=Access.NETWORK, network__in=access.networks)
        run = [grant.scope.meeting for grant in access.grants if grant.holds_at(access.moment) and grant.scope.meeting]
        run = [one for one in run if access.answer(Claim.MANAGE_MEETING, Scope(meeting=one)) is Answer.YES]
        wanted |= Q(public_id__in=run) | Q(inside__public_id__in=run)
        if access.person is not None:
            theirs = Q(registrations__person=access.person, registrations__standing=Standing.CONFIRMED)
            wanted |= ~Q(access=Access.ORGANISERS) & Q(
                pk__in=models.Meeting.objects.filter(theirs | Q(sessions__appearances__person=access.person)).values(
                    "pk"
                )
            )
    if places := _confirmed_by_link(user):
        wanted |= ~Q(access=Access.ORGANISERS) & Q(pk__in=[one.meeting_id for one in places])
    return models.Meeting.objects.filter(wanted)
