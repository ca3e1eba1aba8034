"""What people decided about the labels of findings, for lists that show many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from samsvar.site.monitoring.models import LabelChange


def find_last_decision(changes: Iterable[LabelChange]) -> LabelChange | None:
    """Return the last change of a label by a person, given its changes oldest first; an undone one does not count."""
    decisions: list[LabelChange] = []
    for change in changes:
        if change.cause == LabelChange.Cause.UNDO:
            del decisions[-1:]
        elif change.by_id is not None:
            decisions.append(change)
    return decisions[-1] if decisions else None


def proposer_roles(findings: Collection[str]) -> dict[str, str]:
    """Return, by public ID, the role that proposed the label of a finding, where a reviewer accepted the proposal.

    One query, or none without findings. Pass only findings that a person has reviewed, to save it.
    """
    if not findings:
        return {}
    changes: dict[str, list[LabelChange]] = defaultdict(list)
    by_people = LabelChange.objects.filter(finding__public_id__in=findings, by__isnull=False).select_related("proposal")
    for change in by_people.only("finding_id", "cause", "by_id", "proposal__role").order_by("pk"):
        changes[change.finding_id].append(change)
    decisions = {finding: find_last_decision(history) for finding, history in changes.items()}
    return {finding: one.proposal.role for finding, one in decisions.items() if one and one.proposal}
