"""Permissions for the exchange: who can contribute, on whose behalf, who reviews and who runs the helpdesk."""

from __future__ import annotations

from dataclasses import dataclass

from samsvar.network.rights import Claim, Scope
from samsvar.site.implementation.permissions import managed_states
from samsvar.site.network.access.permissions import Organisation, User, has_claim
from samsvar.site.network.membership.queries import represented_organisations


@dataclass(frozen=True, slots=True)
class Contributor:
    """On whose behalf a user writes: an organisation, or the national desk of a state (None)."""

    state: str
    organisation: Organisation | None = None


def contributors(user: User) -> list[Contributor]:
    """Return on whose behalf a user can write: the desks that they belong to, then the organisations of a state that
    they represent.
    """
    if not has_claim(user, Claim.CONTRIBUTE):
        return []
    desks = [Contributor(state) for state in managed_states(user)]
    represented = [body for body in represented_organisations(user) if body.state_id]
    return desks + [Contributor(body.state_id, body) for body in represented if body.state_id]


def can_write_for(user: User, state: str, organisation_id: int | None) -> bool:
    """Return whether a user can write on behalf of an organisation, or of a state's national desk (None)."""
    return any(
        one.state == state and (one.organisation.pk if one.organisation else None) == organisation_id
        for one in contributors(user)
    )


def can_run_helpdesk(user: User, network: str = "") -> bool:
    """Return whether a user helps to answer requests and introduces people: the secretariat, in a staff session."""
    return has_claim(user, Claim.RUN_HELPDESK, Scope(network=network) if network else None)


def can_publish_practices(user: User) -> bool:
    return has_claim(user, Claim.PUBLISH_PRACTICES)
