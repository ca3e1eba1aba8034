"""Queries for labels and their public history, for proposals, and for review in batches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from samsvar.site.monitoring.models import CorrectionProposal, Finding, LabelChange
from samsvar.site.monitoring.permissions import STATE_REPRESENTATIVE, can_propose, can_review
from samsvar.site.monitoring.queries import get_article_numbers
from samsvar.site.network.access.permissions import User
from samsvar.site.shell import labels

ROLES: dict[str, str | Promise] = {
    "reviewer": _("a reviewer"),
    "editor": _("an editor"),
    "national_desk": _("the national desk of the state concerned"),
    STATE_REPRESENTATIVE: _("a representative of the state concerned"),
}
labels.LABELS["ActingRole"] = ROLES

Label = Mapping[str, Any]  # review, strength and articles


def get_label(finding: Finding) -> dict[str, Any]:
    """Return the label of a finding with prefetched `articles`, as it is kept in its history."""
    return {
        "review": finding.review,
        "strength": finding.strength,
        "articles": list(get_article_numbers(finding)),
    }


def changes_label(before: Label, after: Label) -> bool:
    """Return whether the label itself differs, whether or not a person has confirmed it."""
    rejected = Finding.Review.REJECTED
    return (before["strength"], before["articles"], before["review"] == rejected) != (
        after["strength"],
        after["articles"],
        after["review"] == rejected,
    )


def can_undo(user: User, change: LabelChange) -> bool:
    """Return whether a change is a review by this user; only the last change of a finding can be undone."""
    causes = {LabelChange.Cause.REVIEW, LabelChange.Cause.PROPOSAL, LabelChange.Cause.SAMPLE}
    return change.by_id == user.pk and change.cause in causes


# --- The history of a finding's label ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A line of a label's public history. A declined proposal has no change, an accepted one has both."""

    at: datetime
    change: LabelChange | None
    proposal: CorrectionProposal | None

    @property
    def is_changed(self) -> bool:
        """Whether the label itself changed, and not only its review."""
        change = self.change
        return change is not None and bool(change.before) and changes_label(change.before, change.after)


def label_history(finding: Finding) -> list[HistoryEntry]:
    """Return the public history of a finding's label, oldest first, with the declined proposals. Two queries."""
    entries = [
        HistoryEntry(change.at, change, change.proposal)
        for change in finding.label_changes.select_related("proposal").defer("previous_note")
    ]
    declined = finding.proposals.filter(status=CorrectionProposal.Status.DECLINED)
    entries += [HistoryEntry(one.decided_at or one.proposed_at, None, one) for one in declined]
    return sorted(entries, key=lambda entry: entry.at)


# --- The review of a finding, on its page -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FindingReview:
    """The part of a finding's page that concerns its label: its history, and what the visitor can do about it."""

    history: list[HistoryEntry]
    can_review: bool
    can_propose: bool  # False for anyone who can review it
    proposal: CorrectionProposal | None  # waiting for a decision; only for those who can review or propose
    is_own_proposal: bool
    undoable: LabelChange | None  # the last change, if the visitor can undo it
    next_id: str  # public id of the next finding of the report that no one has reviewed; "" if there is none


def finding_review(user: User, finding: Finding) -> FindingReview:
    """Return the review of a finding. Two queries for the public, and two more for those who can review or propose."""
    history = label_history(finding)
    reviews = can_review(user, finding)
    proposes = not reviews and can_propose(user, finding)
    proposal, next_id = None, ""
    if reviews or proposes:
        proposal = finding.proposals.filter(status=CorrectionProposal.Status.OPEN).first()
    if reviews:
        next_id = find_next_to_review(finding)
    changes = [entry.change for entry in history if entry.change]
    return FindingReview(
        history=history,
        can_review=reviews,
        can_propose=proposes,
        proposal=proposal,
        is_own_proposal=proposal is not None and proposal.proposed_by_id == user.pk,
        undoable=changes[-1] if reviews and changes and can_undo(user, changes[-1]) else None,
        next_id=next_id,
    )


def find_next_to_review(finding: Finding) -> str:
    """Return the public id of the next unreviewed finding of the report, or of its first one; "" if there is none."""
    waiting = Finding.objects.filter(report_id=finding.report_id, review=Finding.Review.MACHINE).exclude(pk=finding.pk)
    ids = list(waiting.order_by("ordinal").values_list("ordinal", "public_id"))
    later = [public_id for ordinal, public_id in ids if ordinal > finding.ordinal]
    return (later or [public_id for _, public_id in ids] or [""])[0]


def find_own_change(user: User, key: str | None) -> LabelChange | None:
    """Return a change of a label by the user, by its key in a URL, if it is still the last one of its finding."""
    if not user.is_authenticated or not key or not key.isascii() or not key.isdigit() or len(key) > 18:
        return None
    change = LabelChange.objects.select_related("finding").filter(pk=int(key), by=user).first()
    is_last = change is not None and change.finding.label_changes.last() == change
    return change if is_last else None


def find_proposal(key: UUID) -> CorrectionProposal | None:
    """Return a proposal whose finding still exists, or None."""
    return CorrectionProposal.objects.select_related("finding", "report").filter(pk=key).first()
