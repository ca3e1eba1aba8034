"""Actions of a national desk on praise that describes no practice."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from samsvar.site.audit.actions import record
from samsvar.site.exchange.practices import models
from samsvar.site.implementation.permissions import can_manage_country
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.access.permissions import Account
from samsvar.site.shell.errors import SiteError


class LeadAlreadyDecided(SiteError):
    """The desk has already decided about this praise."""

    message = _("Your desk has already decided about this.")
    advice = _("Reload the page to read the reason.")


def decide_lead(*, by: Account | None, finding: Finding, reason: str) -> models.LeadDecision:
    """Record why a desk writes no practice about something that a report welcomes. `by` is None for the demo."""
    state = finding.state_id
    if state is None or (by is not None and not can_manage_country(by, state)):
        raise PermissionDenied
    with transaction.atomic():
        decision, is_created = models.LeadDecision.objects.get_or_create(
            finding=finding.public_id, defaults={"state_id": state, "reason": reason.strip(), "by": by}
        )
        if not is_created:
            raise LeadAlreadyDecided
        record(by=by, verb="decided against a practice", subject=f"finding {finding.public_id}")
    return decision


def withdraw_lead_decision(*, by: Account, decision: models.LeadDecision) -> None:
    """Withdraw a desk's decision, so that the praise is offered again."""
    if not can_manage_country(by, decision.state_id):
        raise PermissionDenied
    with transaction.atomic():
        record(by=by, verb="withdrew a decision against a practice", subject=f"finding {decision.finding}")
        decision.delete()
