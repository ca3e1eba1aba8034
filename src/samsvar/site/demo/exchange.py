"""The demonstration's exchange: practices with their reviews, offers, requests for help, introductions, adoptions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from samsvar.exchange.practices import PracticeStatus, ReviewCheck, ReviewVerdict
from samsvar.exchange.requests import RequestStatus
from samsvar.funding.projects import FundingLink, FundingLinkKind
from samsvar.implementation.measures import MeasureVisibility, Stage
from samsvar.site.demo.helpers import load_demo_file, record_demo_data
from samsvar.site.demo.people import fictional_people
from samsvar.site.exchange import models
from samsvar.site.exchange.introductions.queries import FrozenMatch, match_now
from samsvar.site.exchange.permissions import Contributor
from samsvar.site.exchange.practices.actions.reviewing import publish_practice
from samsvar.site.exchange.practices.actions.writing import (
    retire_practice,
    save_practice,
    save_translation,
    submit_practice,
)
from samsvar.site.funding.actions import add_link
from samsvar.site.funding.models import Activity
from samsvar.site.implementation.measures.actions import save_measure
from samsvar.site.implementation.models import Measure
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.models import Account, Network, Organisation

_TEXTS = (
    "title", "problem", "solution", "for_whom", "conditions", "went_wrong", "legal_basis", "results",
)  # fmt: skip
_PUBLIC = {"published", "to_be_confirmed", "retired"}


def make_demo_exchange() -> None:
    """Create the exchange unless there is one, so that changes made in the demonstration are kept."""
    if models.Practice.objects.exists():
        return
    world = load_demo_file("exchange.toml")
    with transaction.atomic():
        practices = {entry["key"]: _make_practice(entry) for entry in load_demo_file("practices.toml")["practice"]}
        for entry in world["offer"]:
            _make_offer(entry)
        findings = _findings_by_place()
        requests = {entry["key"]: _make_request(entry, practices, findings) for entry in world["request"]}
        for entry in world["introduction"]:
            _make_introduction(entry, requests[entry["request"]], practices[entry["practice"]])
        for entry in world["adoption"]:
            _make_adoption(entry, practices[entry["practice"]])
        for entry in world["funded"]:
            practice = practices[entry["practice"]].public_id
            link = FundingLink(FundingLinkKind.PRACTICE, practice, entry["note"])
            add_link(by=None, activity=Activity.objects.get(slug=entry["activity"]), link=link)
        record_demo_data("exchange", practices=len(practices), requests=len(requests))


# --- Practices --------------------------------------------------------------------------------------------------------


def _make_practice(entry: Mapping[str, Any]) -> models.Practice:
    """Write a practice, and let it be reviewed and published as far as its status says."""
    original = entry["language"]
    text = _text_columns(entry["text"][original]) | {
        "staff": entry["staff"],
        "cost_note": entry.get("cost_per", entry.get("cost_unknown", "")),
        "blocks": [{"title": block["title"], "text": block["text"]} for block in entry["block"]],
    }
    columns = {
        "place": entry.get("region", ""),
        "since": entry["since"],
        "articles": entry["articles"],
        "concepts": list(dict.fromkeys(entry["concepts"] + entry["forms"])),
        "evidence_level": entry["evidence_level"],
        "results": [dict(result) for result in entry.get("result", [])],
        "language": original,
    }
    if "cost_amount" in entry:
        columns |= {
            "cost": Decimal(entry["cost_amount"]),
            "currency": entry["cost_currency"],
            "cost_year": entry["cost_year"],
        }
    practice = save_practice(
        by=None,
        contributor=Contributor(entry["state"], _organisation(entry["organisation"])),
        values=columns,
        text=text,
    )
    for language, translated in entry["text"].items():
        if language != original:
            is_draft = translated.get("draft_translation", False)
            save_translation(
                by=None, practice=practice, language=language, text=_text_columns(translated), is_draft=is_draft
            )
    if entry["status"] != PracticeStatus.DRAFT:
        practice = submit_practice(by=None, practice=practice)
    if entry["status"] in _PUBLIC:
        _publish(practice, entry)
    return practice


def _text_columns(text: Mapping[str, Any]) -> dict[str, Any]:
    return {name: text.get(name, "") for name in _TEXTS}


def _publish(practice: models.Practice, entry: Mapping[str, Any]) -> None:
    """Let peers of two other organisations approve a practice, publish it, and date everything back."""
    published_at = timezone.now() - timedelta(days=entry["published_days_ago"])
    peers = Organisation.objects.filter(fictional=True).exclude(public_id=entry["organisation"]).order_by("public_id")
    for organisation in peers[:2]:
        models.PracticeReview.objects.create(
            practice=practice, version=practice.version, organisation=organisation, verdict=ReviewVerdict.APPROVE,
            checks=[check.value for check in ReviewCheck], at=published_at - timedelta(days=7),
        )  # fmt: skip
    publish_practice(by=None, practice=practice)
    practice.refresh_from_db()
    confirmed_on = timezone.localdate() - timedelta(days=entry.get("confirmed_days_ago", entry["published_days_ago"]))
    models.PracticeVersion.objects.filter(practice=practice).update(published_at=published_at)
    models.Practice.objects.filter(pk=practice.pk).update(published_at=published_at, confirmed_on=confirmed_on)
    if reason := entry.get("retired_reason"):
        retire_practice(by=None, practice=practice, reason=reason)
    practice.refresh_from_db()


# --- Offers, requests and introductions -------------------------------------------------------------------------------


def _make_offer(entry: Mapping[str, Any]) -> None:
    (language, text), *_ = entry["text"].items()
    models.Offer.objects.create(
        organisation=_organisation(entry["organisation"]), state_id=entry["state"],
        title=entry["title"], text=text, language=language,
        articles=entry["articles"], concepts=list(dict.fromkeys(entry["topics"] + entry["forms"])), help=entry["help"],
        languages=entry["languages"], per_year=None if entry.get("unlimited") else entry["per_year"],
        until=timezone.localdate() + timedelta(days=entry["until_days"]),
    )  # fmt: skip


def _make_request(
    entry: Mapping[str, Any], practices: Mapping[str, models.Practice], findings: Mapping[str, str]
) -> models.HelpRequest:
    """Create a request with its replies, dated back."""
    asked_at = timezone.now() - timedelta(days=entry["days"])
    status, replies = RequestStatus(entry["status"]), entry.get("reply", [])
    answers = [reply for reply in replies if status is not RequestStatus.IN_HAND or reply.get("practice")]
    answered_at = _days_ago(answers[0]["days"]) if answers else None
    needed = entry.get("needed_by_days")
    request = models.HelpRequest.objects.create(
        by=_account(entry["person"]), network=Network.objects.get(slug="lantern"), state_id=entry["state"],
        organisation=_organisation(entry["organisation"]), shown_as=entry["shown_as"], problem=entry["problem"],
        situation=entry["situation"], language=entry["language"], finding=findings.get(entry.get("finding", ""), ""),
        measure=_measure(entry.get("measure", "")), articles=entry["articles"],
        concepts=list(dict.fromkeys(entry["concepts"] + entry["forms"])), help=entry["help"],
        needed_by=timezone.localdate() + timedelta(days=needed) if needed else None, status=status, at=asked_at,
        waiting_since=asked_at, changed_at=_days_ago(replies[-1]["days"]) if replies else asked_at,
        answered_at=answered_at, judged_at=timezone.now() - timedelta(days=1) if _is_judged(status) else None,
    )  # fmt: skip
    for reply in replies:
        account = _account(reply["from"])
        person = getattr(account, "person", None)
        organisation = _organisation_of(reply["from"])
        models.Reply.objects.create(
            request=request, by=account, state=organisation.state if organisation else None, organisation=organisation,
            text=reply["text"], language=reply.get("language", "en"), at=_days_ago(reply["days"]),
            practice=practices.get(reply.get("practice", "")),
            shown_as="no_one" if person is not None and person.at_risk else "organisation",
        )  # fmt: skip
    return request


def _is_judged(status: RequestStatus) -> bool:
    return status in {RequestStatus.HELPED, RequestStatus.PARTLY, RequestStatus.NOT_HELPED}


def _make_introduction(entry: Mapping[str, Any], request: models.HelpRequest, practice: models.Practice) -> None:
    """Create an introduction of the asker to the one who replied with the practice."""
    reply = request.replies.filter(practice=practice).first()
    if reply is None or reply.by is None:
        return
    begun, held = _days_ago(entry["days"]), entry["status"] == "took_place"
    match = match_now(request.by, request, practice=practice, offer=None, helper=None) or FrozenMatch()
    models.Introduction.objects.create(
        request=request, network=request.network, practice=practice, asker=request.by, helper=reply.by,
        asker_state=request.state, helper_state=practice.state, asker_shown_as=request.shown_as,
        helper_shown_as="organisation", help=entry["help"], articles=request.articles, concepts=request.concepts,
        status=entry["status"], at=begun, invited_at=begun, asker_accepted_at=begun + timedelta(days=1),
        helper_accepted_at=begun + timedelta(days=2), introduced_at=begun + timedelta(days=2),
        held_on=(begun + timedelta(days=40)).date() if held else None, outcome=entry.get("came_of_it", ""),
        ended_at=None if entry["status"] == "introduced" else begun + timedelta(days=41),
        reasons=list(match.reasons), weights=dict(match.weights), score=match.score,
    )  # fmt: skip


# --- Adoptions --------------------------------------------------------------------------------------------------------


def _make_adoption(entry: Mapping[str, Any], practice: models.Practice) -> None:
    """Create an adoption with its measure: one of Nordmark's plan by its number, else a new one by its title."""
    measure = Measure.objects.filter(state_id=entry["state"], reference=entry["measure"]).first()
    if measure is None and entry["state"] != "XA":
        stage = {"working": Stage.DONE, "taken_up": Stage.UNDER_WAY}.get(entry["status"], Stage.PROPOSED)
        measure = save_measure(
            by=None, state=entry["state"], stage=stage,
            values={"title": entry["measure"], "visibility": MeasureVisibility.PUBLIC},
        )  # fmt: skip
    adoption = models.Adoption.objects.create(
        practice=practice, practice_version=practice.published_version or 1, state_id=entry["state"], measure=measure,
        kind=entry["kind"], status=entry["status"], changed=entry["changed"], reason=entry.get("reason", ""),
        since=entry["since"], is_public=True, evidence_link=entry.get("evidence", ""),
    )  # fmt: skip
    models.AdoptionEvent.objects.create(
        adoption=adoption, status=adoption.status, reason=adoption.reason, evidence_link=entry.get("evidence", "")
    )


# --- Smaller functions ------------------------------------------------------------------------------------------------


def _days_ago(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)


def _organisation(key: str) -> Organisation | None:
    return Organisation.objects.filter(public_id=key).first()


def _organisation_of(key: str) -> Organisation | None:
    """Return the organisation of a person by the key of the person or the beginning of the account's address."""
    organisation = next((one.organisation for one in fictional_people() if _is_key_of(key, one)), "")
    return _organisation(organisation) if organisation else None


def _account(key: str) -> Account:
    """Return the account of a person by the key of the person or the beginning of the account's address."""
    address = next(one.address for one in fictional_people() if _is_key_of(key, one))
    return Account.objects.get(email=address)


def _is_key_of(key: str, person: Any) -> bool:
    return bool(person.address) and key in {person.key, person.account.partition("@")[0]}


def _findings_by_place() -> dict[str, str]:
    """Return the public IDs of findings by the last figures of the report's reference and the paragraph: "901 § 12"."""
    findings = Finding.objects.filter(state__kind="fictional").select_related("report__document").order_by("ordinal")
    return {
        f"{finding.report.document.reference[-3:]} § {finding.paragraph}": finding.public_id for finding in findings
    }


def _measure(reference: str) -> str:
    measure = Measure.objects.filter(state_id="XA", reference=reference).first() if reference else None
    return measure.public_id if measure else ""
