"""Factories for asks of fictional states, made through the site's own actions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from samsvar.implementation.asks import AskAnswer
from samsvar.site.convention.models import State
from samsvar.site.implementation.asks import models
from samsvar.site.implementation.asks.actions import answers, asks
from samsvar.site.implementation.asks.actions.asks import Recipient
from samsvar.site.implementation.asks.queries import latest_submission

EMAIL = "kari.holm@justice.xa.example"


def in_days(days: int) -> date:
    return timezone.now().date() + timedelta(days=days)


def make_ask(
    *,
    state: str = "XA",
    email: str = EMAIL,
    body: str = "Ministry of Justice",
    title: str = "Emergency barring orders",
    due: date | None = None,
    findings: Sequence[Any] = (),
    language: str = "en",
    sent: bool = True,
    by: Any = None,
) -> models.Ask:
    """Return an ask with one question, or one per finding, that was sent unless `sent` is False."""
    State.objects.get_or_create(code=state, defaults={"kind": "fictional"})
    (ask,) = asks.draft_asks(
        by=by,
        state=state,
        recipients=[Recipient("Kari Holm", email, language, body_name=body)],
        title=title,
        message="We are preparing our report back.",
        due=due or in_days(30),
        question="How many orders were made in 2025?",
        findings=findings,
    )
    if sent:
        asks.send_asks(by=by, asks=[ask])
        ask.refresh_from_db()
    return ask


def answer_all(ask: models.Ask, text: str = "412 orders.", **columns: Any) -> models.AskSubmission:
    """Answer every question of an ask as its official."""
    given = {question.public_id: AskAnswer(text=text, **columns) for question in ask.questions.all()}
    submission = answers.submit_answers(ask=ask, answers=given, signed_by="Kari Holm, adviser")
    ask.refresh_from_db()
    return submission


def accept(ask: models.Ask, *, by: Any = None) -> None:
    """Accept the newest answers to an ask."""
    newest = latest_submission(ask)
    assert newest is not None
    assert newest.number is not None
    asks.accept_answers(by=by, ask=ask, version=newest.number)
    ask.refresh_from_db()
