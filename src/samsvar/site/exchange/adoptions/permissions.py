"""Permissions for adoptions: on whose behalf a practice can be taken up, and who changes or confirms an adoption."""

from __future__ import annotations

from django.db.models import Q

from samsvar.site.exchange.adoptions.models import Adoption
from samsvar.site.exchange.permissions import Contributor, can_write_for, contributors
from samsvar.site.exchange.practices.models import Practice
from samsvar.site.network.access.permissions import User


def possible_adopters(user: User, practice: Practice) -> list[Contributor]:
    """Return on whose behalf a user can take up a practice: desks and organisations of other states.

    In the practice's own state, another organisation can take it up; that does not count as an adoption across states.
    """
    return [
        adopter
        for adopter in contributors(user)
        if adopter.state != practice.state_id
        or (adopter.organisation is not None and adopter.organisation.pk != practice.organisation_id)
    ]


def can_change(user: User, adoption: Adoption) -> bool:
    """Return whether a user can change an adoption: anyone who writes on behalf of those who adopt."""
    return can_write_for(user, adoption.state_id, adoption.organisation_id)


def can_confirm(user: User, adoption: Adoption) -> bool:
    """Return whether a user can confirm a public adoption as the owner of the practice."""
    practice = adoption.practice
    return adoption.is_public and can_write_for(user, practice.state_id, practice.organisation_id)


def own_adoptions(user: User) -> Q:
    """Return the condition for the adoptions that a user can change."""
    condition = Q(pk__in=())
    for adopter in contributors(user):
        condition |= Q(state=adopter.state, organisation=adopter.organisation)
    return condition


def visible_to(user: User) -> Q:
    """Return the condition for the adoptions that a user can see: public ones, and those of their own side."""
    return Q(is_public=True) | own_adoptions(user)
