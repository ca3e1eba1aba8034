"""Leads: what published reports on a state welcome, and what has become of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language

from samsvar.monitoring.report import Strength
from samsvar.site.exchange.practices.models import LeadDecision, Practice
from samsvar.site.exchange.practices.queries.published import practices_of_praise
from samsvar.site.monitoring.models import Finding

STRENGTH_OF_PRAISE = "welcomes"


def praise_of(state: str) -> QuerySet[Finding]:
    """Return the published findings that welcome something in a state, newest first; rejected ones are left out."""
    return (
        Finding.objects.filter(state_id=state, strength=STRENGTH_OF_PRAISE)
        .exclude(review=Finding.Review.REJECTED)
        .defer("boxes", "pages", "actions", "cites", "machine")
        .order_by("-year", "report_id", "ordinal")
    )


def unused_praise(state: str) -> QuerySet[Finding]:
    """Return the praise of a state about which its desk has neither begun a practice nor decided that it is none.

    Drafts of other organisations are not counted, because the desk does not see them.
    """
    known = Q(organisation=None) | Q(published_version__isnull=False)
    used = Practice.objects.filter(known, praise=OuterRef("public_id"))
    decided = LeadDecision.objects.filter(finding=OuterRef("public_id"))
    return praise_of(state).filter(~Exists(used), ~Exists(decided))


def find_praise(public_id: str) -> Finding | None:
    """Return a published finding that welcomes something in a state; None if there is no such finding."""
    praise = Finding.objects.filter(public_id=public_id, strength=STRENGTH_OF_PRAISE, state__isnull=False)
    return praise.exclude(review=Finding.Review.REJECTED).prefetch_related("articles").first()


@dataclass(frozen=True, slots=True)
class DecidedLead:
    """A decision that praise describes no practice, with the finding."""

    decision: LeadDecision
    finding: Finding


@dataclass(frozen=True, slots=True)
class LeadsPage:
    """The praise of a state for its desk: what is not yet used, and what the desk has decided against."""

    state: str
    leads: Sequence[Finding]
    decided: Sequence[DecidedLead]


def leads_page(state: str) -> LeadsPage:
    decisions = {one.finding: one for one in LeadDecision.objects.filter(state_id=state)}
    findings = praise_of(state).filter(public_id__in=decisions)
    return LeadsPage(
        state=state,
        leads=list(unused_praise(state)),
        decided=[DecidedLead(decisions[finding.public_id], finding) for finding in findings],
    )


def desk_panel(state: str) -> tuple[str, dict[str, Any]]:
    """Return the panel of a state's desk, which links to its praise and to the practices that it takes up."""
    return "exchange/practices/_desk_panel.html", {"state": state}


def finding_panel(finding: Finding) -> tuple[str, dict[str, Any]] | None:
    """Return the panel of a finding's page: the published practices that came of its praise; None if there are none."""
    if finding.strength != Strength.WELCOMES:
        return None
    practices = practices_of_praise(finding.public_id, language=get_language() or "en", day=timezone.localdate())
    return ("exchange/practices/_finding_panel.html", {"practices": practices}) if practices else None
