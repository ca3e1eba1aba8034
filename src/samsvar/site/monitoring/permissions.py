"""Who may bring reports in and who may judge findings."""

from __future__ import annotations

from samsvar.network.rights import ANYTHING, Claim, Scope
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.access.permissions import User, holds
from samsvar.territories import territories


def can_upload(user: User, state: str | None) -> bool:
    """Editors bring in reports on any state; a national desk those on its own.

    None, "read it from the title page", is for those who may bring in a report on whatever state stands there: else a
    refusal for one state would be got round by not naming it.
    """
    return _holds(user, Claim.UPLOAD_REPORTS, state)


def states_to_upload(user: User) -> list[str] | None:
    """The states on which this user may bring reports in; None: on any, and without saying which."""
    if _holds(user, Claim.UPLOAD_REPORTS, None):
        return None
    return _states(user, Claim.UPLOAD_REPORTS)


def can_review(user: User, finding: Finding) -> bool:
    """Editors and reviewers confirm, correct or reject the reader's labels; a national desk those of its own state.

    A finding on nobody knows which state is judged by those who may judge all of them.
    """
    return _holds(user, Claim.JUDGE_FINDINGS, finding.state_id)


def _holds(user: User, claim: Claim, state: str | None) -> bool:
    if state:
        return holds(user, claim, Scope(state=state))
    return holds(user, claim, ANYTHING) and len(_states(user, claim)) == len(territories())


def _states(user: User, claim: Claim) -> list[str]:
    return [code for code in territories() if holds(user, claim, Scope(state=code))]
