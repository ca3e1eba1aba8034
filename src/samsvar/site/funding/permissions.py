"""Who may keep the facts about money: the secretariat of any network, administrators, and a desk for its own state."""

from __future__ import annotations

from collections.abc import Iterable

from samsvar.network.rights import Answer, Claim, Scope
from samsvar.site.network.access.permissions import User, access_of


def can_keep(user: User, beneficiaries: Iterable[str]) -> bool:
    """Change an activity of these states: held for one of them or for all, refused for none."""
    scopes = [Scope(state=code) for code in beneficiaries]
    return access_of(user).answer_about(Claim.MANAGE_FUNDING, scopes) is Answer.YES


def may_keep_any(user: User) -> bool:
    """Whether there is anything that this user may keep."""
    return access_of(user).answer(Claim.MANAGE_FUNDING) is Answer.YES
