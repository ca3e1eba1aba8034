"""Panels of public commitments for the pages of findings, states and articles.

Each panel takes one database query, even if it is empty, and none if the page is cached.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from samsvar.meetings.meeting import AccessLevel
from samsvar.meetings.outcomes import OutcomeKind, OutcomeStatus
from samsvar.site.meetings import models
from samsvar.site.meetings.outcomes.queries.outcomes import CommitmentView, commitment_views

COMMITMENTS_SHOWN = 5  # per panel; the register lists them all


@dataclass(frozen=True, slots=True)
class CommitmentPanel:
    """The newest commitments about one subject, with the register filter that lists all of them."""

    commitments: tuple[CommitmentView, ...]
    has_more: bool = False
    state: str = ""
    article: str = ""


def commitments_about_finding(public_id: str) -> tuple[str, dict[str, Any]] | None:
    """Return a panel of all commitments that address a finding, as the register cannot be filtered by finding."""
    return _build_panel(*_newest_commitments(None, finding=public_id))


def commitments_by_state(code: str) -> tuple[str, dict[str, Any]] | None:
    """Return a panel of the newest commitments made by a state, or by an organisation on its behalf."""
    return _build_panel(*_newest_commitments(COMMITMENTS_SHOWN, commitment__state=code), state=code)


def commitments_under_article(number: str) -> tuple[str, dict[str, Any]] | None:
    """Return a panel of the newest commitments under an article, by any state."""
    return _build_panel(*_newest_commitments(COMMITMENTS_SHOWN, article=str(number)), article=str(number))


def _newest_commitments(limit: int | None, **filters: str) -> tuple[tuple[CommitmentView, ...], bool]:
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


def _build_panel(commitments: tuple[CommitmentView, ...], more: bool, **of: Any) -> tuple[str, dict[str, Any]] | None:
    return (
        ("meetings/outcomes/_commitments_panel.html", {"page": CommitmentPanel(commitments, more, **of)})
        if commitments
        else None
    )
