"""The demonstration's funding: a programme of fictional states, linked to findings of fictional reports."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from samsvar.funding import loading
from samsvar.funding.projects import FundingLink, FundingLinkKind
from samsvar.site.demo.helpers import load_demo_file
from samsvar.site.funding import actions
from samsvar.site.funding.models import Activity
from samsvar.site.monitoring.models import Finding

DEFAULTS = {"source": "https://nordmark.example/lantern-fund", "confidence": "single-source", "currency": "EUR"}
# columns that an entry may leave out
OPTIONAL_COLUMNS = "payer receiver on note second_source promised came unit begins ends promised_number came_number"
EMPTY_COLUMNS = dict.fromkeys(OPTIONAL_COLUMNS.split(), "")


def make_demo_funding() -> None:
    """Create the funding unless it exists already, so that changes made in the demonstration are kept."""
    data = load_demo_file("funding.toml")
    with transaction.atomic():
        if Activity.objects.filter(slug=data["activity"][0]["id"]).exists():
            return
        actions.load_activities([_parse_activity(entry) for entry in data["activity"]], Activity.Keeper.DEMO)
        activities = {row.slug: row for row in Activity.objects.filter(keeper=Activity.Keeper.DEMO)}
        for entry in data["transaction"]:
            money = loading.transaction_from_row({**EMPTY_COLUMNS, **DEFAULTS, **entry})
            actions.save_transaction(by=None, activity=activities[entry["activity"]], money=money)
        for entry in data["result"]:
            result = loading.result_from_row({**EMPTY_COLUMNS, **DEFAULTS, **entry})
            actions.save_result(by=None, activity=activities[entry["activity"]], result=result)
        for entry in data["link"]:
            link = FundingLink(FundingLinkKind(entry["kind"]), entry["key"], entry["note"])
            actions.add_link(by=None, activity=activities[entry["activity"]], link=link)
        for entry in data["finding"]:
            _link_findings(activities[entry["activity"]], entry)


def _parse_activity(entry: dict[str, str]) -> Any:
    activity, errors = loading.parse_row({**DEFAULTS, "fictional": "yes", **entry})
    if activity is None:
        raise ValueError(f"funding.toml: {errors}")
    return activity


def _link_findings(activity: Activity, entry: dict[str, Any]) -> None:
    """Link an activity to the two strongest findings of a report under an article, or to none without a report."""
    findings = Finding.objects.filter(
        report__document__reference=entry["reference"], articles__article=entry["article"]
    ).order_by("rank", "ordinal")
    for finding in findings[:2]:
        actions.add_link(
            by=None, activity=activity, link=FundingLink(FundingLinkKind.FINDING, finding.public_id, entry["note"])
        )
