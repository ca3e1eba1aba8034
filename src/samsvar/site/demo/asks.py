"""The demonstration's requests for information: the fictional desk of Nordmark asks, and fictional officials answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from samsvar.implementation.asks import AskAct, AskAnswer, AskStatus
from samsvar.site.demo.helpers import load_demo_file, record_demo_data
from samsvar.site.implementation.asks import models
from samsvar.site.implementation.asks.actions import answers, asks
from samsvar.site.implementation.asks.actions.asks import Recipient
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.models import Account, Organisation

STATE = "XA"
DESK = "desk@nordmark.example"
QUESTION = "What has been done about this since the report, and what is planned?"
MESSAGE = "We are preparing the report of Nordmark on this recommendation. Fictional, for demonstration only."


def make_demo_asks() -> None:
    """Create the asks unless there are some already, so that changes made in the demonstration are kept."""
    if models.Ask.objects.filter(state_id=STATE).exists():
        return
    data = load_demo_file("asks.toml")
    with transaction.atomic():
        for entry in data["ask"]:
            _make_ask(entry, data["reference"])
        # what the desk's own account made, as its weekly email counts it
        models.Ask.objects.filter(state_id=STATE).update(created_by=Account.objects.filter(email=DESK).first())
        record_demo_data("asks of Nordmark", asks=len(data["ask"]))


def _make_ask(entry: Mapping[str, Any], reference: str) -> None:
    today, status = timezone.now().date(), AskStatus(entry["status"])
    organisation = Organisation.objects.filter(name=entry["body"], state_id=STATE).first()
    recipient = Recipient(entry["official"], entry["email"], entry["language"], organisation, entry["body"])
    findings = Finding.objects.filter(
        report__document__reference=reference, state_id=STATE, articles__article=entry["article"]
    ).order_by("rank", "ordinal")
    (ask,) = asks.draft_asks(
        by=None,
        state=STATE,
        recipients=[recipient],
        title=entry["title"],
        message=MESSAGE,
        due=today + timedelta(days=entry["due"]),
        question=QUESTION,
        findings=list(findings.exclude(strength__in=["", "welcomes"])[:3]),
    )
    if status is not AskStatus.DRAFTED:
        asks.send_asks(by=None, asks=[ask])
    if status in {AskStatus.ANSWERED, AskStatus.SENT_BACK, AskStatus.ACCEPTED}:
        answer = AskAnswer(entry["answer"], entry.get("figures", ""), tuple(entry.get("evidence", ())))
        given = {question.public_id: answer for question in ask.questions.all()}
        answers.submit_answers(ask=ask, answers=given, signed_by=entry["official"])
    match status:
        case AskStatus.SENT_BACK:
            asks.send_back(by=None, ask=ask, version=1, note=entry["note"], due=ask.due)
        case AskStatus.ACCEPTED:
            asks.accept_answers(by=None, ask=ask, version=1)
        case AskStatus.LAPSED:
            asks.close_ask(by=None, ask=ask, act=AskAct.LAPSE)
        case AskStatus.WITHDRAWN:
            asks.close_ask(by=None, ask=ask, act=AskAct.WITHDRAW, note=entry["note"])
        case _:
            pass
