"""Permissions to clear and submit a report back. Its text belongs to those who manage the state's measures."""

from __future__ import annotations

from samsvar.network.rights import Claim, Scope
from samsvar.site.network.access.permissions import User, has_claim


def can_clear_reports(user: User, state: str) -> bool:
    """Return whether a user can clear reports of a state that someone else has written."""
    return has_claim(user, Claim.CLEAR_REPORT, Scope(state=state))


def can_submit_reports(user: User, state: str) -> bool:
    """Return whether a user can submit and publish cleared reports of a state."""
    return has_claim(user, Claim.SUBMIT_REPORT, Scope(state=state))
