"""Permissions of a state's national desk, and what everyone else can see of its plans and measures."""

from __future__ import annotations

from django.db.models import Q

from samsvar.implementation.measures import MeasureVisibility
from samsvar.network.rights import Claim, Scope
from samsvar.site.network.access.permissions import User, has_claim
from samsvar.territories import territories


def can_manage_country(user: User, state: str) -> bool:
    """Return whether a user can maintain a state's measures, answers and evidence: its national desk can."""
    return has_claim(user, Claim.MANAGE_COUNTRY, Scope(state=state))


def managed_states(user: User) -> list[str]:
    """Return the codes of the states whose desk the user belongs to."""
    if not has_claim(user, Claim.MANAGE_COUNTRY):
        return []
    return [code for code in territories() if can_manage_country(user, code)]


def visible_to(user: User, state: str, prefix: str = "") -> Q:
    """Return the condition for plans and measures of a state that a user can see; `prefix` is a lookup to them.

    Only the desk sees what is not public. The bodies that a desk asks see what it asks them, through their link.
    """
    return Q() if can_manage_country(user, state) else is_public(prefix)


def is_public(prefix: str = "") -> Q:
    """Return the condition that plans or measures are public."""
    return Q(**{f"{prefix}visibility": MeasureVisibility.PUBLIC.value})
