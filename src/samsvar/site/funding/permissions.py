"""Permissions to edit funding data: secretariats and administrators for any state, national desks for their own."""

from __future__ import annotations

from collections.abc import Iterable

from samsvar.network.rights import AccessDecision, Claim, Scope
from samsvar.site.network.access.permissions import User, get_access


def can_edit_funding(user: User, beneficiaries: Iterable[str]) -> bool:
    """Return whether the user may edit activities of these states: one permission suffices unless one is refused."""
    scopes = [Scope(state=code) for code in beneficiaries]
    return get_access(user).decide_for_scopes(Claim.MANAGE_FUNDING, scopes) is AccessDecision.ALLOWED


def can_edit_any_funding(user: User) -> bool:
    """Return whether the user may edit the activities of at least one state."""
    return get_access(user).decide(Claim.MANAGE_FUNDING) is AccessDecision.ALLOWED
