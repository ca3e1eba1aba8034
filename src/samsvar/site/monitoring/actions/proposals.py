"""Actions on corrections proposed by those who may not make them: a government, about findings on itself."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.network.rights import Claim
from samsvar.site.audit.actions import record
from samsvar.site.monitoring import models
from samsvar.site.monitoring.actions.reviews import (
    FindingChanged,
    ReasonMissing,
    change_label,
    check_label,
    lock_finding,
    review_state,
)
from samsvar.site.monitoring.permissions import can_propose, can_review, get_acting_role
from samsvar.site.monitoring.review.queries import changes_label, get_label
from samsvar.site.network.access.permissions import Account
from samsvar.site.shell.errors import SiteError

Status = models.CorrectionProposal.Status


class NothingProposed(SiteError):
    """A proposal does not differ from the label."""

    message = _("The finding already has this label.")
    advice = _("Choose another strength, other articles, or “This is not a finding”.")


class ProposalExists(SiteError):
    """The finding has a proposal that has not been decided yet."""

    message = _("A correction has already been proposed for this finding.")
    advice = _("Wait until a reviewer has decided on it.")


class ProposalClosed(SiteError):
    """The proposal has been decided or has become outdated in the meantime."""

    message = _("There is already a decision on this proposal.")
    effect = _("Your decision was not saved; the other reviewer’s was.")


def propose_correction(
    *,
    finding: models.Finding,
    by: Account,
    reason: str,
    rejects: bool = False,
    strength: str | None = None,
    articles: Sequence[int] | None = None,
    seen: str | None = None,
) -> models.CorrectionProposal:
    """Propose another strength, other articles, or with `rejects` that it is not a finding. The label stays as it is.

    `strength` and `articles` are those of the label if None. `seen` is the `review_state` that the proposer saw.
    """
    if not can_propose(by, finding):
        raise PermissionDenied
    check_label(strength, articles)
    if not reason.strip():
        raise ReasonMissing
    with transaction.atomic():
        finding = lock_finding(finding, seen)
        if finding.proposals.filter(status=Status.OPEN).exists():
            raise ProposalExists
        label = get_label(finding)
        proposed = {**label, "review": models.Finding.Review.CONFIRMED.value}
        if rejects:
            proposed["review"] = models.Finding.Review.REJECTED.value
        else:
            proposed["strength"] = label["strength"] if strength is None else strength
            proposed["articles"] = label["articles"] if articles is None else sorted(set(articles))
        if not changes_label(label, proposed):
            raise NothingProposed
        proposal = models.CorrectionProposal.objects.create(
            report_id=finding.report_id,
            finding=finding,
            label=proposed,
            reason=reason,
            proposed_by=by,
            role=get_acting_role(by, Claim.PROPOSE_CORRECTIONS, finding.state_id),
        )
        record(by=by, verb="proposed a correction", subject=f"finding {finding.public_id}", details={"label": proposed})
    return proposal


def accept_proposal(
    *, proposal: models.CorrectionProposal, by: Account, reason: str = "", seen: str | None = None
) -> models.LabelChange:
    """Give the finding the proposed label. The proposer's reason stays with the proposal and is not the reviewer's."""
    with transaction.atomic():
        proposal, finding = _lock_proposal(proposal, by, seen)
        _decide(proposal, by, Status.ACCEPTED, reason)
        change = change_label(
            finding,
            by=by,
            cause=models.LabelChange.Cause.PROPOSAL,
            label=proposal.label,
            reason=reason,
            proposal=proposal,
        )
        record(by=by, verb="accepted a proposal", subject=f"finding {finding.public_id}", details=_details(proposal))
    return change


def decline_proposal(
    *, proposal: models.CorrectionProposal, by: Account, reason: str, seen: str | None = None
) -> models.CorrectionProposal:
    """Decline a proposal with a public reason. The label stays as it is."""
    if not reason.strip():
        raise ReasonMissing
    with transaction.atomic():
        proposal, finding = _lock_proposal(proposal, by, seen)
        _decide(proposal, by, Status.DECLINED, reason)
        record(by=by, verb="declined a proposal", subject=f"finding {finding.public_id}", details=_details(proposal))
    return proposal


def withdraw_proposal(*, proposal: models.CorrectionProposal, by: Account) -> None:
    """Delete one's own proposal before a reviewer has decided on it. Only the audit log keeps that there was one."""
    if proposal.proposed_by_id != by.pk:
        raise PermissionDenied
    with transaction.atomic():
        lock_finding(proposal.finding)
        proposal = models.CorrectionProposal.objects.get(pk=proposal.pk)
        if proposal.status != Status.OPEN:
            raise ProposalClosed
        record(by=by, verb="withdrew a proposal", subject=f"finding {proposal.finding_id}", details=_details(proposal))
        proposal.delete()


def _lock_proposal(
    proposal: models.CorrectionProposal, by: Account, seen: str | None
) -> tuple[models.CorrectionProposal, models.Finding]:
    if not can_review(by, proposal.finding):
        raise PermissionDenied
    if proposal.proposed_by_id == by.pk:  # a reviewer who was bound to the state when proposing
        raise PermissionDenied
    finding = lock_finding(proposal.finding)
    proposal = models.CorrectionProposal.objects.get(pk=proposal.pk)
    if proposal.status != Status.OPEN:
        raise ProposalClosed
    if seen is not None and seen != review_state(finding):
        raise FindingChanged
    return proposal, finding


def _decide(proposal: models.CorrectionProposal, by: Account, status: Status, reason: str) -> None:
    proposal.status = status
    proposal.decided_by = by
    proposal.decided_role = get_acting_role(by, Claim.REVIEW_FINDINGS, proposal.finding.state_id)
    proposal.decided_at = timezone.now()
    proposal.decision_reason = reason
    proposal.save()


def _details(proposal: models.CorrectionProposal) -> dict[str, object]:
    return {"label": proposal.label, "proposal": str(proposal.pk)}
