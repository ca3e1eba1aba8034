"""Commitments shown on the pages of a finding, a state or an article: public ones only.

Each takes one database query, and a second one if there are any; a cached page takes none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from samsvar.meetings.meeting import AccessLevel
from samsvar.meetings.outcomes import OutcomeKind, OutcomeStatus
from samsvar.site.meetings import models
from samsvar.site.meetings.outcomes.queries.outcomes import CommitmentView, commitment_views

COMMITMENTS_SHOWN = 5  # on another page; the register lists all


@dataclass(frozen=True, slots=True)
class CommitmentPanel:
    """The newest commitments about one subject, and the filter of the register that shows all of them."""

    commitments: tuple[CommitmentView, ...]
    more: bool = False
    state: str = ""
    article: str = ""


def commitments_about_finding(public_id: str) -> tuple[str, dict[str, Any]] | None:
    """Return all commitments that answer a finding, since the register has no filter for a finding."""
    return _panel(*_newest(None, finding=public_id))


def commitments_by_state(code: str) -> tuple[str, dict[str, Any]] | None:
    """Return the newest commitments made by a state, or by an organisation on its behalf."""
    return _panel(*_newest(COMMITMENTS_SHOWN, commitment__state=code), state=code)


def commitments_under_article(number: str) -> tuple[str, dict[str, Any]] | None:
    """Return the newest commitments under an article, by any state."""
    return _panel(*_newest(COMMITMENTS_SHOWN, article=str(number)), article=str(number))


def _newest(limit: int | None, **filters: str) -> tuple[tuple[CommitmentView, ...], bool]:
    rows = models.Outcome.objects.filter(
        kind=OutcomeKind.COMMITMENT,
        state=OutcomeStatus.CONFIRMED,
        access=AccessLevel.PUBLIC,
        meeting__access=AccessLevel.PUBLIC,
        **filters,
    ).order_by("-meeting__begins", "pk")
    # Most pages have none, and Django takes longer to compile the query with its relations than to run it.
    keys = list(rows.values_list("pk", flat=True)[: None if limit is None else limit + 1])
    if not keys:
        return (), False
    outcomes = rows.filter(pk__in=keys[:limit]).select_related("meeting", "commitment__organisation")
    more = limit is not None and len(keys) > limit
    return commitment_views(list(outcomes), timezone.now().date(), progress=False), more


def _panel(commitments: tuple[CommitmentView, ...], more: bool, **of: Any) -> tuple[str, dict[str, Any]] | None:
    return (
        ("meetings/outcomes/_commitments_panel.html", {"page": CommitmentPanel(commitments, more, **of)})
        if commitments
        else None
    )
