"""Permissions for rooms: a member of the room who represents its organisation, and no one else.

Neither the state nor those who run the site can be let in, whatever other roles or memberships their account has.
"""

from __future__ import annotations

from django.db.models import Q

from samsvar.implementation.evidence import ORGANISATION_SIDES, Side
from samsvar.network.people import OrganisationKind
from samsvar.network.rights import ROLE_CLAIMS, Claim, Role
from samsvar.site.network.access.permissions import Account, Organisation, User, get_access, has_claim
from samsvar.site.network.membership.queries import represented_organisations


def room_organisations(user: User) -> list[Organisation]:
    """Return the organisations for which a user can have a room: those outside the state that they represent."""
    return _organisations(user) if has_claim(user, Claim.CONTRIBUTE) else []


def can_be_let_in(account: Account, organisation: Organisation, state: str) -> bool:
    """Return whether an account can become a member of an organisation's room on a state, at its next sign-in."""
    access = get_access(account)
    contributes = any(Claim.CONTRIBUTE in ROLE_CLAIMS[role] for role in access.roles)
    is_refused = access.is_refused(Claim.CONTRIBUTE)
    return (
        contributes and not is_refused and state not in access.bound_states and organisation in _organisations(account)
    )


def _organisations(user: User) -> list[Organisation]:
    """Return the organisations outside the state that a user represents; none for a national desk and for staff.

    `represented_organisations` leaves out the staff.
    """
    if Role.NATIONAL_DESK in get_access(user).roles:
        return []
    represented = represented_organisations(user)
    return [body for body in represented if ORGANISATION_SIDES[OrganisationKind(body.kind)] is not Side.STATE]


def own_room_filter(user: User) -> Q:
    """Return the condition for the rooms that a user can open."""
    organisations = [organisation.pk for organisation in room_organisations(user)]
    if not organisations:
        return Q(pk__in=())
    is_bound = Q(state__in=get_access(user).bound_states)
    return Q(members__account=user, organisation__in=organisations) & ~is_bound
