"""Actions of a desk on its asks: draft, send, send back, accept, close, and let another browser open the link."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from samsvar.ids import hash_secret
from samsvar.implementation.asks import (
    AWAITING_ANSWER,
    ActNotPossible,
    AskAct,
    AskActor,
    AskStatus,
    lapses_on,
    next_status,
)
from samsvar.implementation.measures import ReasonRequired
from samsvar.site.audit.actions import record
from samsvar.site.implementation.asks import models
from samsvar.site.implementation.asks.actions.emails import email_officials
from samsvar.site.implementation.asks.permissions import can_manage_asks
from samsvar.site.implementation.asks.queries import cite_finding, link_token
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.access.permissions import Account, Organisation
from samsvar.site.shell.errors import SiteError


class DueDayPast(SiteError):
    """Raised when an ask would be sent with a due day that is already over."""

    message = _("The due day is not in the future.")
    advice = _("Choose a later day.")


class NewerAnswers(SiteError):
    """Raised when a desk decides on answers of which there is a newer version."""

    message = _("The answers were changed while you were reading them.")
    advice = _("Read the new version, then decide.")


class EmailedLately(SiteError):
    """Raised when an official would get a second email about asks within a week."""

    message = _("This person was emailed less than a week ago.")
    advice = _(
        "The next weekly email names the request for information if it is due or overdue. "
        "You can send its file yourself."
    )


class EmailsEnded(SiteError):
    """Raised when an official would be reminded who has ended the emails about asks."""

    message = _("This person has ended the emails about this request for information.")
    advice = _("Contact them in another way. You can send the file of the request for information yourself.")


class SameDueDay(SiteError):
    """Raised when the due day of an ask would be changed to the same day."""

    message = _("This is the present due day.")
    advice = _("Choose another day.")


class NoQuestions(SiteError):
    """Raised when an ask without a question would be sent."""

    message = _("This request for information has no question.")
    advice = _("Add a question, or choose findings.")


@dataclass(frozen=True, slots=True)
class Recipient:
    """The official of a body who is asked, and the language of emails and files."""

    name: str
    email: str
    language: str
    organisation: Organisation | None = None
    body_name: str = ""

    def columns(self) -> dict[str, Any]:
        """Return the values of the ask's columns."""
        return {
            "official_name": self.name.strip(),
            "official_email": self.email.strip().lower(),
            "language": self.language,
            "organisation": self.organisation,
            "body_name": "" if self.organisation else self.body_name.strip(),
        }


# --- Drafts -----------------------------------------------------------------------------------------------------------


def draft_asks(
    *,
    by: Account | None,
    state: str,
    recipients: Sequence[Recipient],
    title: str,
    message: str,
    due: date,
    question: str,
    findings: Sequence[Finding] = (),
) -> list[models.Ask]:
    """Draft the same ask for several bodies: one question per finding or, without findings, the question alone.

    `by` is None for the demonstration.
    """
    _check_can_manage(by, state)
    with transaction.atomic():
        return [_draft_ask(by, state, recipient, title, message, due, question, findings) for recipient in recipients]


def _draft_ask(
    by: Account | None,
    state: str,
    recipient: Recipient,
    title: str,
    message: str,
    due: date,
    question: str,
    findings: Sequence[Finding],
) -> models.Ask:
    ask = models.Ask.objects.create(
        state_id=state,
        title=title.strip(),
        message=message.strip(),
        due=due,
        created_by=by,
        **recipient.columns(),
    )
    with override(recipient.language):  # "p. 5" in the official's language
        citations = [cite_finding(finding) for finding in findings]
    models.AskQuestion.objects.bulk_create(
        [
            models.AskQuestion(
                ask=ask,
                finding=finding,
                citation=citation,
                quotation=finding.text,
                quotation_language=finding.language,
                text=question.strip(),
                order=order,
            )
            for order, (finding, citation) in enumerate(zip(findings, citations, strict=True))
        ]
        or [models.AskQuestion(ask=ask, text=question.strip())]
    )
    _record(by, "drafted a request for information", ask, {"questions": max(len(findings), 1)})
    return ask


def edit_draft(
    *, by: Account, ask: models.Ask, values: Mapping[str, Any], questions: Mapping[int, str], new_question: str = ""
) -> models.Ask:
    """Change a draft: its columns in `values`, and the texts of questions by key, of which an empty one is removed.

    `values` may contain title, message, due, official_name, official_email and language.
    """
    with transaction.atomic():
        ask = _lock(by, ask)
        _check_is_draft(ask)
        for name, value in values.items():
            setattr(ask, name, value)
        ask.official_email = ask.official_email.lower()
        ask.save()
        for question in ask.questions.all():
            text = questions.get(question.pk, question.text).strip()
            if not text:
                question.delete()
            elif text != question.text:
                question.text = text
                question.save(update_fields=["text"])
        if new_question.strip():
            last = ask.questions.aggregate(last=Max("order"))["last"]
            ask.questions.create(text=new_question.strip(), order=0 if last is None else last + 1)
        _record(by, "edited a request for information", ask)
    return ask


def delete_draft(*, by: Account, ask: models.Ask) -> None:
    """Delete an ask that was never sent."""
    with transaction.atomic():
        ask = _lock(by, ask)
        _check_is_draft(ask)
        _record(by, "deleted a request for information", ask)
        ask.delete()


# --- Acts -------------------------------------------------------------------------------------------------------------


def send_asks(*, by: Account | None, asks: Iterable[models.Ask], due: date | None = None) -> list[models.Ask]:
    """Send asks, all or none, and email each official once about all of them; return them.

    `due` replaces their due day, as for one that has lapsed. An official who had an email about asks less than a week
    ago gets the next one when the week is over.
    """
    now = timezone.now()
    with transaction.atomic():
        sent = [_send(by, ask, due) for ask in asks]
        email_officials({ask.official_email for ask in sent}, now=now)
    return sent


def _send(by: Account | None, ask: models.Ask, due: date | None) -> models.Ask:
    ask = _lock(by, ask)
    was_sent = ask.status == AskStatus.LAPSED
    ask.status = next_status(AskStatus(ask.status), AskAct.SEND, AskActor.DESK)
    ask.due = due or ask.due
    now = timezone.now()
    if by is not None and ask.due <= now.date():
        raise DueDayPast
    if not ask.questions.exists():
        raise NoQuestions
    ask.sent_at, ask.closed_at = now, None
    if was_sent:
        ask.edition += 1
    _make_link(ask, is_new=was_sent)
    ask.save()
    _add_event(ask, AskAct.SEND, by)
    _record(by, "sent a request for information", ask, {"due": ask.due.isoformat()})
    return ask


def remind_official(*, by: Account | None, ask: models.Ask) -> models.Ask:
    """Email the official now that an answer is awaited. Raises `EmailedLately` within a week of the last email."""
    with transaction.atomic():
        ask = _lock(by, ask)
        if ask.status not in AWAITING_ANSWER:
            raise ActNotPossible(AskStatus(ask.status), AskAct.SEND)
        if ask.emails_ended_at is not None:
            raise EmailsEnded
        if not email_officials({ask.official_email}, now=timezone.now(), reminded=ask):
            raise EmailedLately
        _record(by, "reminded the official of a request for information", ask)
    return ask


def change_due_day(*, by: Account | None, ask: models.Ask, due: date, note: str = "") -> models.Ask:
    """Change the due day of an ask that is out, and with it the day on which its link expires.

    No email is sent: the next weekly one names the new day.
    """
    if by is not None and due <= timezone.now().date():
        raise DueDayPast
    with transaction.atomic():
        ask = _lock(by, ask)
        ask.status = next_status(AskStatus(ask.status), AskAct.CHANGE_DUE, AskActor.DESK)
        before = ask.due
        if due == before:
            raise SameDueDay
        ask.due, ask.due_changed_at = due, timezone.now()
        ask.save()
        _add_event(ask, AskAct.CHANGE_DUE, by, note=note, due_before=before, due_after=due)
        details = {"due before": before.isoformat(), "due": due.isoformat()}
        _record(by, "changed the due day of a request for information", ask, details)
    return ask


def send_back(*, by: Account | None, ask: models.Ask, version: int, note: str, due: date) -> models.Ask:
    """Send answers back with a note on what is missing, and a due day. The next weekly email says so."""
    if not note.strip():
        raise ReasonRequired
    if by is not None and due <= timezone.now().date():
        raise DueDayPast
    with transaction.atomic():
        ask = _lock(by, ask)
        ask.status = next_status(AskStatus(ask.status), AskAct.SEND_BACK, AskActor.DESK)
        _check_version(ask, version)
        ask.due, ask.returned_at, ask.edition = due, timezone.now(), ask.edition + 1
        ask.save()
        _add_event(ask, AskAct.SEND_BACK, by, note=note, version=version)
        _record(by, "sent back a request for information", ask, {"version": version, "due": due.isoformat()})
        email_officials({ask.official_email}, now=timezone.now())
    return ask


def accept_answers(*, by: Account | None, ask: models.Ask, version: int, note: str = "") -> models.Ask:
    """Accept a version of the answers, which must be the newest."""
    with transaction.atomic():
        ask = _lock(by, ask)
        ask.status = next_status(AskStatus(ask.status), AskAct.ACCEPT, AskActor.DESK)
        _check_version(ask, version)
        ask.accepted_version, ask.closed_at = version, timezone.now()
        ask.save()
        ask.submissions.filter(number=None).delete()
        _add_event(ask, AskAct.ACCEPT, by, note=note, version=version)
        _record(by, "accepted the answers to a request for information", ask, {"version": version})
    return ask


def close_ask(*, by: Account | None, ask: models.Ask, act: AskAct, note: str = "") -> models.Ask:
    """Mark an ask as lapsed, because no answer came, or withdraw it, with a reason. Its link no longer works."""
    assert act in {AskAct.LAPSE, AskAct.WITHDRAW}
    if act is AskAct.WITHDRAW and not note.strip():
        raise ReasonRequired
    with transaction.atomic():
        ask = _lock(by, ask)
        ask.status = next_status(AskStatus(ask.status), act, AskActor.DESK)
        ask.closed_at = timezone.now()
        ask.save()
        _add_event(ask, act, by, note=note)
        _record(
            by,
            "withdrew a request for information"
            if act is AskAct.WITHDRAW
            else "marked a request for information as lapsed",
            ask,
        )
    return ask


def lapse_asks(*, day: date) -> int:
    """Mark the asks whose link has expired without an answer as lapsed; return how many."""
    count = 0
    with transaction.atomic():
        for ask in models.Ask.objects.select_for_update().filter(status__in=AWAITING_ANSWER, due__lt=day):
            if lapses_on(ask.due) <= day:
                ask.status = next_status(AskStatus(ask.status), AskAct.LAPSE, AskActor.CLOCK)
                ask.closed_at = timezone.now()
                ask.save(update_fields=["status", "closed_at"])
                models.AskEvent.objects.create(ask=ask, act=AskAct.LAPSE, actor=AskActor.CLOCK)
                _record(None, "marked a request for information as lapsed", ask)
                count += 1
    return count


def change_official(*, by: Account, ask: models.Ask, name: str, email: str) -> models.Ask:
    """Send an open ask to another official of the body, by a new link; the earlier link no longer works."""
    with transaction.atomic():
        ask = _lock(by, ask)
        ask.official_name, ask.official_email = name.strip(), email.strip().lower()
        _make_link(ask, is_new=True)
        ask.save()
        ask.submissions.filter(number=None).delete()  # the draft of someone else
        _record(by, "changed the official of a request for information", ask)
        email_officials({ask.official_email}, now=timezone.now())
    return ask


def allow_another_browser(*, by: Account, ask: models.Ask) -> models.Ask:
    """Let the link be opened in another browser, once; it no longer works in the one before."""
    with transaction.atomic():
        ask = _lock(by, ask)
        ask.device_hash, ask.opened_at = "", None
        ask.save(update_fields=["device_hash", "opened_at"])
        _record(by, "allowed another browser for a request for information", ask)
    return ask


# --- Links ------------------------------------------------------------------------------------------------------------


def _make_link(ask: models.Ask, *, is_new: bool) -> None:
    if is_new:
        ask.link_number += 1
        ask.device_hash, ask.opened_at, ask.emailed_at, ask.emails_ended_at = "", None, None, None
    ask.token_hash = hash_secret(link_token(ask))


# --- Helpers ----------------------------------------------------------------------------------------------------------


def _check_can_manage(by: Account | None, state: str) -> None:
    if by is not None and not can_manage_asks(by, state):
        raise PermissionDenied


def _lock(by: Account | None, ask: models.Ask) -> models.Ask:
    _check_can_manage(by, ask.state_id)
    return models.Ask.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=ask.pk)


def _check_is_draft(ask: models.Ask) -> None:
    if ask.status != AskStatus.DRAFTED:
        raise ActNotPossible(AskStatus(ask.status), AskAct.SEND)


def _check_version(ask: models.Ask, version: int) -> None:
    if ask.submissions.aggregate(last=Max("number"))["last"] != version:
        raise NewerAnswers


def _add_event(ask: models.Ask, act: AskAct, by: Account | None, *, note: str = "", **columns: Any) -> None:
    models.AskEvent.objects.create(ask=ask, act=act, actor=AskActor.DESK, note=note.strip(), by=by, **columns)


def _record(by: Account | None, verb: str, ask: models.Ask, details: dict[str, Any] | None = None) -> None:
    record(by=by, verb=verb, subject=f"ask {ask.public_id}", details={"state": ask.state_id, **(details or {})})
