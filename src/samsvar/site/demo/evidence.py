"""The demonstration's evidence: both sides on one finding, which differ, and the room of a fictional shelter."""

from __future__ import annotations

import io
from typing import Any

from django.db import transaction

from samsvar.implementation.evidence import Side
from samsvar.site.demo.helpers import load_demo_file
from samsvar.site.implementation.evidence import actions
from samsvar.site.implementation.evidence.permissions import Giver
from samsvar.site.implementation.models import Evidence, Room
from samsvar.site.implementation.rooms import actions as rooms
from samsvar.site.implementation.rooms.permissions import room_organisations
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.models import Account, Organisation

STATE = "XA"


def make_demo_evidence() -> None:
    """Create the evidence and the room unless they exist, so that changes made in the demonstration are kept."""
    data = load_demo_file("evidence.toml")
    with transaction.atomic():
        if not Evidence.objects.filter(title=data["evidence"][0]["title"]).exists():
            for entry in data["evidence"]:
                _offer(entry)
        if not Room.objects.filter(title=data["room"]["title"]).exists():
            _create_room(data["room"])


def _offer(entry: dict[str, Any]) -> None:
    """Offer a piece of evidence about the strongest finding under its article, or none without such a finding."""
    finding = _strongest_finding(entry["article"])
    if finding is None:
        return
    organisations = Organisation.objects.in_bulk([entry["by"], entry.get("body", "")], field_name="public_id")
    organisation = organisations.get(entry["by"])
    columns = ("kind", "title", "text", "begins", "ends", "link")
    evidence = actions.offer_evidence(
        by=None,
        giver=Giver(STATE, Side.CIVIL_SOCIETY if organisation else Side.STATE, organisation),
        body=organisations.get(entry.get("body", "")),
        about=finding,
        values={name: entry[name] for name in columns if name in entry}
        | {"supports": entry.get("supports", True), "valid_until": entry.get("valid_until")},
        file=actions.EvidenceFile(io.BytesIO(entry["file"].strip().encode()), entry["filename"])
        if "file" in entry
        else None,
    )
    actions.accept_evidence(by=None, evidence=evidence)
    if reason := entry.get("set_aside"):
        actions.set_evidence_aside(by=None, evidence=evidence, reason=reason)
    Evidence.objects.filter(pk=evidence.pk).update(received=entry["received"])


def _create_room(data: dict[str, Any]) -> None:
    """Create the room, if its account still represents the organisation."""
    account = Account.objects.filter(email=data["account"]).first()
    organisation = Organisation.objects.filter(public_id=data["organisation"]).first()
    if account is None or organisation is None or organisation not in room_organisations(account):
        return
    finding = _strongest_finding("22")
    room = rooms.create_room(
        by=account,
        organisation=organisation,
        report=finding.report if finding else None,
        **{name: data[name] for name in ("state", "title", "language")},
    )
    for entry in data["section"]:
        about = _strongest_finding(entry["article"]) if "article" in entry else None
        if about is None and "heading" not in entry:
            continue
        section = rooms.add_section(by=account, room=room, finding=about, heading=entry.get("heading", ""))
        rooms.save_section(by=account, room=room, section=section, text=entry["text"], seen=0)


def _strongest_finding(article: str) -> Finding | None:
    findings = Finding.objects.filter(state_id=STATE, articles__article=article)
    return findings.order_by("rank", "-year", "ordinal").first()
