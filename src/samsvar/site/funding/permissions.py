"""Who may edit funding data: any network's secretariat, administrators, and a national desk for its own state."""

from __future__ import annotations

from collections.abc import Iterable

from samsvar.network.rights import AccessDecision, Claim, Scope
from samsvar.site.network.access.permissions import User, access_of


def can_edit_funding(user: User, beneficiaries: Iterable[str]) -> bool:
    """Return whether the user may edit an activity of these states: allowed for one or for all, refused for none."""
    scopes = [Scope(state=code) for code in beneficiaries]
    return access_of(user).answer_about(Claim.MANAGE_FUNDING, scopes) is AccessDecision.ALLOWED


def can_edit_any_funding(user: User) -> bool:
    """Return whether there is anything that this user may edit."""
    return access_of(user).answer(Claim.MANAGE_FUNDING) is AccessDecision.ALLOWED
