"""Permissions to see, upload and publish reports and to review findings."""

from __future__ import annotations

from samsvar.network.rights import UNLIMITED_SCOPE, Claim, Role, Scope
from samsvar.site.monitoring.models import Finding, FindingLink, Report
from samsvar.site.network.access.permissions import User, get_access, has_claim
from samsvar.territories import territories


def can_upload(user: User, state: str | None) -> bool:
    """Return whether a user can upload reports on a state: editors on any state, national desks on their own.

    `state` None means that it is read from the title page. This requires permission for all states; otherwise a user
    without permission for a state could upload reports on it by not naming it.
    """
    return _has_claim_for_state(user, Claim.UPLOAD_REPORTS, state)


def uploadable_states(user: User) -> list[str] | None:
    """Return the codes of the states that a user can upload reports on; None if any state, named or not, is allowed."""
    if _has_claim_for_state(user, Claim.UPLOAD_REPORTS, None):
        return None
    return _permitted_states(user, Claim.UPLOAD_REPORTS)


def can_see_report(user: User, report: Report) -> bool:
    """Return whether a user can see a report: everyone if it is published, else only those who work on it.

    These are the editors who could publish it, and the uploader of a draft. Another account of the same national desk
    does not see it.
    """
    if report.status == Report.Status.PUBLISHED:
        return True
    state = report.document.state_id
    if _has_claim_for_state(user, Claim.PUBLISH_REPORTS, state):
        return True
    return (
        report.status == Report.Status.DRAFT
        and user.is_authenticated
        and report.read_by_id == user.pk
        and can_upload(user, state)
    )


def can_publish(user: User, report: Report) -> bool:
    """Return whether a user can publish or withdraw a report: editors can, but no one for a state they represent."""
    state = report.document.state_id
    return _has_claim_for_state(user, Claim.PUBLISH_REPORTS, state) and not is_bound_to(user, state)


def is_bound_to(user: User, state: str | None) -> bool:
    """Return whether an account speaks for a state: it is, whatever other roles it has, that state's national desk."""
    access = get_access(user)
    return state is not None and any(
        grant.role is Role.NATIONAL_DESK and grant.scope.state == state and grant.is_active_at(access.moment)
        for grant in access.grants
    )


def can_review(user: User, finding: Finding) -> bool:
    """Return whether a user can review a finding: editors and reviewers can, and national desks for their own state.

    A finding without a known state requires permission for all states.
    """
    return _has_claim_for_state(user, Claim.REVIEW_FINDINGS, finding.state_id)


def can_decide_link(user: User, link: FindingLink) -> bool:
    """Return whether a user can decide what a later text does to a finding: no one can for a state they represent."""
    return can_review(user, link.later) and not is_bound_to(user, link.later.state_id)


def _has_claim_for_state(user: User, claim: Claim, state: str | None) -> bool:
    if state:
        return has_claim(user, claim, Scope(state=state))
    return has_claim(user, claim, UNLIMITED_SCOPE) and len(_permitted_states(user, claim)) == len(territories())


def _permitted_states(user: User, claim: Claim) -> list[str]:
    return [code for code in territories() if has_claim(user, claim, Scope(state=code))]
