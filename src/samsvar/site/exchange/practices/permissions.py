"""Permissions for practices: who acts for their owner, who can review them as a peer, and who can publish them."""

from __future__ import annotations

from django.db.models import Q

from samsvar.exchange.practices import PracticeActor
from samsvar.implementation.evidence import ORGANISATION_SIDES, Side
from samsvar.network.people import OrganisationKind
from samsvar.network.rights import Claim
from samsvar.site.exchange.permissions import can_publish_practices, can_write_for, contributors
from samsvar.site.exchange.practices.models import Practice, PracticeEvent
from samsvar.site.network.access.permissions import Organisation, User, get_access, has_claim
from samsvar.site.network.membership.queries import represented_organisations


def own_practices_filter(user: User) -> Q:
    """Return the condition for practices of the organisations and desks on whose behalf a user can write."""
    condition = Q(pk__in=())
    for contributor in contributors(user):
        condition |= Q(state=contributor.state, organisation=contributor.organisation)
    return condition


def can_edit_practice(user: User, practice: Practice) -> bool:
    return can_write_for(user, practice.state_id, practice.organisation_id)


def not_own_filter(user: User) -> Q:
    """Return the condition for practices of others, in which the user has not written."""
    represented = [organisation.pk for organisation in represented_organisations(user)]
    written = PracticeEvent.objects.filter(by=user.pk, role=PracticeActor.OWNER).values("practice")
    return ~own_practices_filter(user) & ~Q(organisation__in=represented) & ~Q(pk__in=written)


def independent_filter(user: User) -> Q:
    """Return the condition for practices that a user can judge: not their own, nor of a desk whose state binds them."""
    return not_own_filter(user) & ~Q(organisation=None, state__in=get_access(user).bound_states)


def review_organisations(user: User, practice: Practice) -> list[Organisation]:
    """Return the organisations for which a user can review a practice: none if the user is not independent of it."""
    independent = Practice.objects.filter(independent_filter(user), pk=practice.pk)
    if not has_claim(user, Claim.REVIEW_PRACTICES) or not independent.exists():
        return []
    return organisations_that_can_review(represented_organisations(user), practice)


def organisations_that_can_review(organisations: list[Organisation], practice: Practice) -> list[Organisation]:
    """Return the organisations without those bodies of the state to whose national desk the practice belongs."""
    if practice.organisation_id is not None:
        return organisations
    return [
        organisation
        for organisation in organisations
        if organisation.state_id != practice.state_id
        or ORGANISATION_SIDES[OrganisationKind(organisation.kind)] is not Side.STATE
    ]


def can_decide_practice(user: User, practice: Practice) -> bool:
    """Return whether a user can publish, send back or retire a practice as the secretariat, never as its owner.

    A bond to the state does not matter here: the judgement is that of the two peers.
    """
    return can_publish_practices(user) and Practice.objects.filter(not_own_filter(user), pk=practice.pk).exists()
