"""The demonstration's money: an invented programme of invented states, linked to findings of the invented reports."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

from django.db import transaction

from samsvar.funding import loading
from samsvar.funding.projects import Link, LinkKind
from samsvar.site.funding import actions
from samsvar.site.funding.models import Activity
from samsvar.site.monitoring.models import Finding

SAYS_SO = {
    "source": "https://nordmark.example/lantern-fund",
    "confidence": "single-source",
    "currency": "EUR",
}
EMPTY = (
    "payer receiver on note second_source promised came unit begins ends promised_number came_number".split()
)  # columns that an entry leaves out
BLANK = dict.fromkeys(EMPTY, "")


def make_demo_funding() -> None:
    """All of it, unless it is there: what somebody changed in the demonstration stays."""
    told = tomllib.loads(files("samsvar.site.demo").joinpath("funding.toml").read_text(encoding="utf-8"))
    with transaction.atomic():
        if Activity.objects.filter(slug=told["activity"][0]["id"]).exists():
            return
        actions.load_activities(
            [_activity(entry) for entry in told["activity"]],
            Activity.Keeper.DEMO,
        )
        rows = {row.slug: row for row in Activity.objects.filter(keeper=Activity.Keeper.DEMO)}
        for entry in told["transaction"]:
            money = loading.transaction_of({**BLANK, **SAYS_SO, **entry})
            actions.save_transaction(by=None, activity=rows[entry["activity"]], money=money)
        for entry in told["result"]:
            result = loading.result_of({**BLANK, **SAYS_SO, **entry})
            actions.save_result(by=None, activity=rows[entry["activity"]], result=result)
        for entry in told["link"]:
            link = Link(LinkKind(entry["kind"]), entry["key"], entry["note"])
            actions.link_to(by=None, activity=rows[entry["activity"]], link=link)
        for entry in told["finding"]:
            _link_findings(rows[entry["activity"]], entry)


def _activity(entry: dict[str, str]) -> Any:
    activity, wrong = loading.read_row({**SAYS_SO, "invented": "yes", **entry})
    if activity is None:
        raise ValueError(f"funding.toml: {wrong}")
    return activity


def _link_findings(row: Activity, entry: dict[str, Any]) -> None:
    """The strongest findings of a report under one article; none where the reports could not be made."""
    found = Finding.objects.filter(
        report__document__reference=entry["reference"], articles__article=entry["article"]
    ).order_by("rank", "ordinal")
    for finding in found[:2]:
        actions.link_to(by=None, activity=row, link=Link(LinkKind.FINDING, finding.public_id, entry["note"]))
