"""Actions on links between rounds: a reviewer decides what a later finding does to an earlier one, and can undo it."""

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
from samsvar.network.rights import Claim
from samsvar.site.audit.actions import record
from samsvar.site.monitoring import models
from samsvar.site.monitoring.permissions import can_review, get_acting_role
from samsvar.site.network.access.permissions import Account

_LaterText = models.FindingLink.LaterText
WITHOUT_REASON = frozenset({_LaterText.RESTATES, _LaterText.TAKES_UP})  # the two texts say it themselves
_VERBS = {
    "": "withdrew a decision on a later text",
    _LaterText.CLOSES: "confirmed that a later text closes a finding",
    _LaterText.RESTATES: "confirmed that a later text restates a finding",
    _LaterText.TAKES_UP: "confirmed that a later text takes up a finding",
    _LaterText.SET_ASIDE: "set aside a link between findings",
}


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

    The reason is public. It is required to close a finding, to withdraw a decision, and to set aside a link that a
    citation makes certain. `seen` is the decision that the reviewer saw: if it has changed since, `LinkChanged` is
    raised and nothing is stored.
    """
    if not can_review(by, link.later):
        raise PermissionDenied
    decision = _LaterText(later_text) if later_text else ""
    if link.earlier.strength == Strength.WELCOMES and decision in {"", *models.FindingLink.SUPERSEDING}:
        raise LinkDecisionInvalid(
            "The earlier finding is praise, which nothing can close.", advice="Decide about a recommendation."
        )
    needs_reason = link.certain if decision == _LaterText.SET_ASIDE else decision not in WITHOUT_REASON
    if needs_reason and not reason.strip():
        raise LinkDecisionInvalid("A reason is missing.", advice="Say why, so that readers can check the decision.")
    with transaction.atomic():
        current = _lock_link(link)
        if current is None or (seen is not None and seen != current.later_text):
            raise LinkChanged("Someone else decided about this link while you were looking at it.")
        line = _add_line(current, by=by, later_text=decision, reason=reason.strip())
        _apply(current, line)
        record(
            by=by,
            verb=_VERBS[decision],
            subject=f"finding {link.earlier.public_id}",
            details={"later": link.later.public_id, "reason": reason.strip()},
        )
    return current


def undo_link_decision(*, decision: models.LinkDecision, by: Account) -> models.FindingLink:
    """Restore a link as it was before the user's own last decision; its history keeps both.

    Raises `LinkChanged` if someone has decided about the link since, or if a newer reader has read its findings.
    """
    pair = {"later__public_id": decision.later_id, "earlier__public_id": decision.earlier_id}
    link = models.FindingLink.everything.select_related("later", "earlier").filter(**pair).first()
    if link is None or not can_review(by, link.later):
        raise PermissionDenied
    with transaction.atomic():
        current = _lock_link(link)
        lines = list(_decisions_of(link)[:2])
        if current is None or not lines or lines[0].pk != decision.pk or not can_undo(by, lines[0]):
            raise LinkChanged("Someone else decided about this link after you.")
        before = lines[1] if lines[1:] else models.LinkDecision()
        _add_line(current, by=by, later_text=before.later_text, reason=before.reason, is_undo=True)
        _apply(current, before)
        record(
            by=by,
            verb="undid a decision on a later text",
            subject=f"finding {link.earlier.public_id}",
            details={"later": link.later.public_id, "decision": before.later_text},
        )
    return current


def can_undo(by: Account, decision: models.LinkDecision) -> bool:
    """Return whether a decision is the user's own, and not an undoing itself."""
    return decision.by_id == by.pk and not decision.is_undo


def _decisions_of(link: models.FindingLink) -> Any:
    """Return the public history of a link, newest first."""
    pair = {"later_id": link.later.public_id, "earlier_id": link.earlier.public_id}
    return models.LinkDecision.everything.filter(**pair).order_by("-pk")


def _lock_link(link: models.FindingLink) -> models.FindingLink | None:
    """Return a link as it is now, or None if it is gone.

    The write comes first: it locks the change number, which all other writers wait for (decision 2).
    """
    models.Report.everything.filter(pk=link.later.report_id).update(revision=F("revision") + 1)
    return models.FindingLink.everything.select_related("later", "earlier").filter(pk=link.pk).first()


def _add_line(
    link: models.FindingLink, *, by: Account, later_text: str, reason: str, is_undo: bool = False
) -> models.LinkDecision:
    """Add a line to the public history of a link."""
    return models.LinkDecision.everything.create(
        report_id=link.later.report_id,
        later=link.later,
        earlier=link.earlier,
        later_text=later_text,
        at=timezone.now(),
        by=by,
        role=get_acting_role(by, Claim.REVIEW_FINDINGS, link.later.state_id),
        reason=reason,
        is_undo=is_undo,
    )


def _apply(link: models.FindingLink, line: models.LinkDecision) -> None:
    """Give a link the decision of a line of its history; a line without a decision withdraws it."""
    link.later_text, link.reason = line.later_text, line.reason if line.later_text else ""
    link.decided_by_id, link.decided_at = (line.by_id, line.at) if line.later_text else (None, None)
    link.save()


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
