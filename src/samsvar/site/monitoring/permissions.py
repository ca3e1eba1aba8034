"""Permissions to see, upload and publish reports, to review findings and to propose corrections."""

from __future__ import annotations

from samsvar.network.rights import UNLIMITED_SCOPE, Claim, Role, Scope
from samsvar.site.monitoring.models import Finding, Report
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
    return report.status == Report.Status.PUBLISHED or can_edit(user, report)


def can_edit(user: User, report: Report) -> bool:
    """Return whether a user can edit a report's details: those who could publish it, and the uploader of a draft."""
    if can_publish(user, report):
        return True
    return (
        report.status == Report.Status.DRAFT
        and user.is_authenticated
        and report.read_by_id == user.pk
        and can_upload(user, report.document.state_id)
    )


def can_publish(user: User, report: Report) -> bool:
    """Return whether a user can publish or withdraw a report: editors can, unless they are bound to its state."""
    return _has_claim_for_state(user, Claim.PUBLISH_REPORTS, report.document.state_id)


def is_bound_to(user: User, state: str | None) -> bool:
    """Return whether an account is bound to a state, through a role or as a member who represents it in a network."""
    return state is not None and state in get_access(user).bound_states


def can_review(user: User, finding: Finding) -> bool:
    """Return whether a user can review a finding: editors and reviewers can, unless they are bound to its state.

    A finding without a known state requires permission for all states.
    """
    return _has_claim_for_state(user, Claim.REVIEW_FINDINGS, finding.state_id)


def reviewable_states(user: User) -> list[str] | None:
    """Return the codes of the states whose findings a user can review; None if all, known or not."""
    if _has_claim_for_state(user, Claim.REVIEW_FINDINGS, None):
        return None
    return _permitted_states(user, Claim.REVIEW_FINDINGS)


def can_propose(user: User, finding: Finding) -> bool:
    """Return whether a user can propose a correction: national desks of its state, and reviewers bound to it."""
    return _has_claim_for_state(user, Claim.PROPOSE_CORRECTIONS, finding.state_id)


STATE_REPRESENTATIVE = "state_representative"  # in place of a role: a member of a network who represents the state
_ROLES_IN_ORDER = (Role.REVIEWER, Role.EDITOR, Role.NATIONAL_DESK)


def get_acting_role(user: User, claim: Claim, state: str | None) -> str:
    """Return the role in which a user acts on a finding, for its public history: what binds them to its state first."""
    access = get_access(user)
    roles = access.roles_granting(claim, Scope(state=state or ""))
    if Role.NATIONAL_DESK in roles:
        return Role.NATIONAL_DESK.value
    if state in access.member_states:
        return STATE_REPRESENTATIVE
    return next((role.value for role in _ROLES_IN_ORDER if role in roles), "")


def _has_claim_for_state(user: User, claim: Claim, state: str | None) -> bool:
    if state:
        return has_claim(user, claim, Scope(state=state))
    return has_claim(user, claim, UNLIMITED_SCOPE) and len(_permitted_states(user, claim)) == len(territories())


def _permitted_states(user: User, claim: Claim) -> list[str]:
    return [code for code in territories() if has_claim(user, claim, Scope(state=code))]
