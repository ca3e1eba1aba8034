"""Factories for practices of fictional organisations, written and reviewed through the site's own actions."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

from samsvar.exchange.practices import EvidenceLevel, ReviewCheck, ReviewVerdict
from samsvar.site.exchange.permissions import Contributor
from samsvar.site.exchange.practices import models
from samsvar.site.exchange.practices.actions import reviewing, writing
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.models import Account, Organisation
from tests.factories.implementation import make_organisation, make_representative

_numbers = itertools.count(1)

TEXT: dict[str, Any] = {
    "title": "An on-call judge for barring orders",
    "problem": "At weekends no one could decide on an emergency barring order before Monday.",
    "solution": "One judge is on call by telephone, and the police file the request in a form of one page.",
    "for_whom": "Women at immediate risk, and police officers on patrol.",
    "conditions": "A law that allows a decision by telephone.",
    "went_wrong": "In the first months officers did not call, because no one had told them that they could.",
    "blocks": [
        {"title": "The form of one page", "text": "It asks for facts, not for an assessment."},
        {"title": "The telephone rota", "text": "Twelve judges take a week each."},
    ],
}
VALUES: dict[str, Any] = {
    "language": "en",
    "since": "2021-03",
    "place": "Fyrlys",
    "articles": [52, 50],
    "concepts": ["emergency-barring-orders", "domestic-violence"],
    "evidence_level": EvidenceLevel.MONITORED,
    "results": [
        {
            "what": "Orders at weekends", "value": "48", "unit": "orders", "period": "2022",
            "source": "Register of the courts",
        }
    ],
}  # fmt: skip


def contributor_for(organisation: Organisation | None, *, state: str = "XA") -> Contributor:
    """Return an organisation, or the state's national desk if it is None, as the owner of a practice."""
    return Contributor(organisation.state_id if organisation else state, organisation)


def make_practice(
    organisation: Organisation | None = None,
    *,
    by: Account | None = None,
    praise: Finding | None = None,
    state: str = "XA",
    text: dict[str, Any] | None = None,
    **values: Any,
) -> models.Practice:
    """Write a complete draft for an organisation, or for the desk of `state`."""
    return writing.save_practice(
        by=by, contributor=contributor_for(organisation, state=state), values={**VALUES, **values},
        text={**TEXT, **(text or {})}, praise=praise,
    )  # fmt: skip


def approve(
    practice: models.Practice, *, by: Account | None = None, organisation: Organisation | None = None, **how: Any
) -> models.PracticeReview:
    """Review the current version of a practice; it is approved, by a new organisation, unless `how` says otherwise."""
    practice.refresh_from_db()
    organisation = organisation or make_organisation(f"Reviewing House {next(_numbers)}", state="XB")
    options: dict[str, Any] = {"verdict": ReviewVerdict.APPROVE, "checks": list(ReviewCheck), **how}
    return reviewing.review_practice(
        by=by, practice=practice, organisation=organisation, version=practice.version, **options
    )


def publish(practice: models.Practice) -> models.Practice:
    """Submit a draft, approve it twice and publish it."""
    writing.submit_practice(by=None, practice=practice)
    for _number in range(2):
        approve(practice)
    reviewing.publish_practice(by=None, practice=practice)
    practice.refresh_from_db()
    return practice


def publish_practice(organisation: Organisation | None = None, *, confirmed_on: date | None = None, **how: Any) -> Any:
    """Write a practice and publish it; `confirmed_on` sets the day of its last confirmation."""
    practice = publish(make_practice(organisation, **how))
    if confirmed_on is not None:
        models.Practice.objects.filter(pk=practice.pk).update(confirmed_on=confirmed_on)
        practice.refresh_from_db()
    return practice


def make_reviewer(name: str = "") -> tuple[Account, Organisation]:
    """Create a contributor who represents an organisation of another state."""
    organisation = make_organisation(name or f"Peer House {next(_numbers)}", state="XB")
    return make_representative(organisation), organisation


def make_practices_to_visit(organisation: Organisation, *, desk: str, praise: Finding) -> dict[str, Any]:
    """Make a practice of each kind for the tests that visit every address, and return their ids.

    The organisation owns a draft with a French text ("practice") and a published practice; the one in review belongs to
    another. `desk` is the state of a desk that has decided about the praise.
    """
    draft = make_practice(organisation)
    text = {"title": "Un juge de permanence"}
    writing.save_translation(by=None, practice=draft, language="fr", text=text, is_draft=True)
    in_review = make_practice(make_organisation("Far House", state="XB"))
    writing.submit_practice(by=None, practice=in_review)
    models.LeadDecision.objects.create(finding=praise.public_id, state_id=desk, reason="Nothing to add.")
    return {
        "practice": draft.public_id,
        "published_practice": publish_practice(organisation).public_id,
        "practice_in_review": in_review.public_id,
        "praise": praise.public_id,
    }
