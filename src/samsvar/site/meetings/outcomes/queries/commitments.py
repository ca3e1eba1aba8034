"""Panels of public commitments for the pages of findings, states and articles.

A panel takes two database queries, or one if it is empty. It takes none if the page is cached.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from samsvar.meetings.meeting import AccessLevel
from samsvar.meetings.outcomes import OutcomeKind, OutcomeStatus
from samsvar.site.implementation.measures.models import Measure
from samsvar.site.meetings import models
from samsvar.site.meetings.outcomes.queries.outcomes import CommitmentDetails, build_commitment_details
from samsvar.site.monitoring.models import Finding

COMMITMENTS_SHOWN = 5  # per panel; the register lists them all


@dataclass(frozen=True, slots=True)
class CommitmentPanel:
    """Commitments about a finding, a state or an article, and the filter of the register that lists them all."""

    commitments: tuple[CommitmentDetails, ...]
    has_more: bool = False
    state: str = ""
    article: str = ""


def finding_panel(finding: Finding) -> tuple[str, dict[str, Any]] | None:
    """Return a panel of all commitments that address a finding, or None. The register has no filter for findings."""
    return _build_panel(*_newest_commitments(None, finding=finding.public_id))


def country_panel(code: str) -> tuple[str, dict[str, Any]] | None:
    """Return a panel of the newest commitments made by a state or on its behalf, or None if there are none."""
    return _build_panel(*_newest_commitments(COMMITMENTS_SHOWN, commitment__state=code), state=code)


def article_panel(number: str) -> tuple[str, dict[str, Any]] | None:
    """Return a panel of the newest commitments under an article, by any state, or None if there are none."""
    return _build_panel(*_newest_commitments(COMMITMENTS_SHOWN, article=str(number)), article=str(number))


def measure_panel(public_id: str) -> tuple[str, dict[str, Any]] | None:
    """Return a panel of the commitment that a measure was made from, or None."""
    commitment = Measure.objects.filter(public_id=public_id).values_list("commitment", flat=True).first()
    return _build_panel(*_newest_commitments(None, public_id=commitment)) if commitment else None


def _newest_commitments(limit: int | None, **filters: str) -> tuple[tuple[CommitmentDetails, ...], bool]:
    rows = models.Outcome.objects.filter(
        kind=OutcomeKind.COMMITMENT,
        state=OutcomeStatus.CONFIRMED,
        access=AccessLevel.PUBLIC,
        meeting__access=AccessLevel.PUBLIC,
        **filters,
    ).order_by("-meeting__begins", "pk")
    # Most pages have no commitments, and Django takes longer to compile the query with its relations than to run it.
    keys = list(rows.values_list("pk", flat=True)[: None if limit is None else limit + 1])
    if not keys:
        return (), False
    outcomes = rows.filter(pk__in=keys[:limit]).select_related("meeting", "commitment__organisation")
    more = limit is not None and len(keys) > limit
    return build_commitment_details(list(outcomes), timezone.now().date(), progress=False), more


def _build_panel(
    commitments: tuple[CommitmentDetails, ...], more: bool, **of: Any
) -> tuple[str, dict[str, Any]] | None:
    if not commitments:
        return None
    return "meetings/outcomes/_commitments_panel.html", {"page": CommitmentPanel(commitments, more, **of)}
