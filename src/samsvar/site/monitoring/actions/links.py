"""Actions on links between rounds: a reviewer decides whether a later text closes or restates an earlier finding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from samsvar.errors import MonitoringError
from samsvar.monitoring.report import Strength
from samsvar.site.audit.actions import record
from samsvar.site.monitoring import models
from samsvar.site.monitoring.permissions import can_review
from samsvar.site.network.access.permissions import Account


class LinkDecisionInvalid(MonitoringError):
    """The decision cannot be made: it has no reason, or the earlier finding asks for nothing."""

    effect = "Nothing was saved."


class LinkChanged(MonitoringError):
    """Someone else has decided about the link, or the report has been read again, in the meantime."""

    effect = "Your decision was not saved."
    advice = "Check the link as it is now, and decide again if necessary."


def decide_link(
    *, link: models.FindingLink, by: Account, later_text: str, reason: str = "", seen: str | None = None
) -> models.FindingLink:
    """Decide what a later finding does to an earlier one, or withdraw the decision if `later_text` is "".

    The reason is public, and required unless the later finding restates the earlier one. `seen` is the decision that
    the reviewer saw: if it has changed since, `LinkChanged` is raised and nothing is stored.
    """
    if not can_review(by, link.later):
        raise PermissionDenied
    decision = models.FindingLink.LaterText(later_text) if later_text else ""
    if link.earlier.strength == Strength.WELCOMES:
        raise LinkDecisionInvalid(
            "The earlier finding is praise, which nothing can close.", advice="Decide about a recommendation."
        )
    if decision != models.FindingLink.LaterText.RESTATES and not reason.strip():
        raise LinkDecisionInvalid("A reason is missing.", advice="Say why, so that readers can check the decision.")
    with transaction.atomic():
        # Write first: this locks the change number, which all other writers wait for (decision 2).
        models.Report.everything.filter(pk=link.later.report_id).update(revision=F("revision") + 1)
        current = models.FindingLink.everything.filter(pk=link.pk).first()
        if current is None or (seen is not None and seen != current.later_text):
            raise LinkChanged("Someone else decided about this link while you were looking at it.")
        current.later_text, current.reason = decision, reason.strip() if decision else ""
        current.decided_by, current.decided_at = (by, timezone.now()) if decision else (None, None)
        current.save()
        verbs = {"closes": "confirmed that a later text closes a finding", "": "withdrew a decision on a later text"}
        record(
            by=by,
            verb=verbs.get(decision, "confirmed that a later text restates a finding"),
            subject=f"finding {link.earlier.public_id}",
            details={"later": link.later.public_id, "reason": reason.strip()},
        )
    return current


@dataclass(frozen=True, slots=True)
class KeptDecision:
    """A decision on a link whose findings are read again; findings are named by their public ids and texts."""

    later: tuple[str, str]
    earlier: tuple[str, str]
    values: dict[str, Any]


_VALUES = ("basis", "certain", "similarity", "later_text", "decided_by_id", "decided_at", "reason")


def keep_decisions(report: models.Report) -> tuple[KeptDecision, ...]:
    """Return the decisions on links from and to a report's findings, before these are read again."""
    links = models.FindingLink.everything.exclude(later_text="").select_related("later", "earlier")
    return tuple(
        KeptDecision(
            (link.later.public_id, link.later.text),
            (link.earlier.public_id, link.earlier.text),
            {name: getattr(link, name) for name in _VALUES},
        )
        for link in links.filter(Q(later__report=report) | Q(earlier__report=report))
    )


def restore_decisions(decisions: Iterable[KeptDecision]) -> None:
    """Restore the decisions on findings whose text is unchanged. Those that no longer apply are in the audit log."""
    for decision in decisions:
        later, earlier = (_find_unchanged(*finding) for finding in (decision.later, decision.earlier))
        if later and earlier:
            models.FindingLink.everything.update_or_create(later=later, earlier=earlier, defaults=decision.values)
        else:
            decided_at: datetime = decision.values["decided_at"]
            record(
                by=None,
                verb="dropped a decision on a later text",  # the newer reader reads another text
                subject=f"finding {decision.earlier[0]}",
                details={
                    "later": decision.later[0],
                    "decision": decision.values["later_text"],
                    "decided_at": decided_at.isoformat(),
                },
            )


def _find_unchanged(public_id: str, text: str) -> models.Finding | None:
    return models.Finding.everything.filter(public_id=public_id, text=text).first()
