"""Who may bring reports in and who may judge findings."""

from __future__ import annotations

from samsvar.network.rights import ANYTHING, Claim, Scope
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.permissions import User, holds


def can_upload(user: User, state: str | None) -> bool:
    """Editors bring in reports on any state (None: the reader finds out which); a national desk those on its own."""
    return holds(user, Claim.UPLOAD_REPORTS, Scope(state=state) if state else ANYTHING)


def can_review(user: User, finding: Finding) -> bool:
    """Editors and reviewers confirm, correct or reject the reader's labels; a national desk those of its own state."""
    return holds(user, Claim.JUDGE_FINDINGS, Scope(state=finding.state_id or ""))
