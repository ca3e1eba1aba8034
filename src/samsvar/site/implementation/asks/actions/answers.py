"""Actions on the answers to an ask: an official's by link, and a desk's that enters a returned file."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from samsvar.errors import UnreadableTable
from samsvar.ids import hash_secret
from samsvar.implementation.asks import (
    OPEN_STATUSES,
    ActNotPossible,
    AskAct,
    AskActor,
    AskAnswer,
    AskStatus,
    check_complete,
    next_status,
)
from samsvar.interchange.ask_documents import (
    AskDocumentRefused,
    DocumentOfAnotherAsk,
    DocumentOfOlderEdition,
    NotAnAskDocument,
    QuestionChanged,
    QuestionMissing,
    QuestionRepeated,
    read_ask_document,
)
from samsvar.site.audit.actions import record
from samsvar.site.implementation.asks import models
from samsvar.site.implementation.asks.permissions import can_manage_asks
from samsvar.site.implementation.asks.queries import build_form
from samsvar.site.network.access.permissions import Account
from samsvar.site.shell.antivirus import scan_for_viruses
from samsvar.site.shell.errors import SiteError
from samsvar.site.shell.office_documents import reject_active_content
from samsvar.site.shell.uploads import FileType, check_file_type

DEVICE_SECRET_BYTES = 32


class OtherAddress(SiteError):
    """Raised when a link is opened with another address than the one to which it was sent."""

    effect = _("Nothing was changed.")
    message = _("This link was not sent to this email address.")
    advice = _("Enter the address at which you received the email with the link.")


class OpenedElsewhere(SiteError):
    """Raised when a link that was used in one browser is opened in another."""

    effect = _("Nothing was changed.")
    message = _("This link was already opened in another browser.")
    advice = _("Open it there, or ask the national desk to let you use another browser.")


class ReturnedFileRefused(SiteError):
    """Raised when a returned file is not one of this ask, or was altered beyond its answers."""

    message = _(
        "We could not use this file: it is not one of this request for information, or "
        "more than its answers was changed."
    )
    advice = _(
        "Download the file of this request for information again, copy the answers into it, and upload that file."
    )


class ReturnedFileUnreadable(SiteError):
    """Raised when a returned file cannot be opened."""

    message = _("We could not read this file: it is damaged, too large or protected by a password.")
    advice = _("Open it in a spreadsheet program or in Word, save it again, and upload the new file.")


_REFUSALS = {
    NotAnAskDocument: _("This file was not made for a request for information, or has lost its reference."),
    DocumentOfAnotherAsk: _("This file was made for another request for information."),
    DocumentOfOlderEdition: _(
        "The request for information was sent again or sent back after this file was downloaded."
    ),
    QuestionChanged: _("The text of question %(number)s was changed in this file."),
    QuestionMissing: _("Question %(number)s is missing in this file, or its fields were removed."),
    QuestionRepeated: _("Question %(number)s is in this file more than once."),
}


def open_link(*, ask: models.Ask, email: str) -> str:
    """Bind the link of an ask to the browser in which it is opened; return the secret that the browser keeps.

    Raises `OtherAddress` for another address than the official's, and `OpenedElsewhere` once a browser is bound.
    """
    with transaction.atomic():
        ask = models.Ask.objects.select_for_update().get(pk=ask.pk)
        if not constant_time_compare(email.strip().lower(), ask.official_email):
            raise OtherAddress
        if ask.device_hash:
            raise OpenedElsewhere
        secret = secrets.token_urlsafe(DEVICE_SECRET_BYTES)
        ask.device_hash, ask.opened_at = hash_secret(secret), timezone.now()
        ask.save(update_fields=["device_hash", "opened_at"])
        record(by=None, verb="opened a request for information by its link", subject=f"ask {ask.public_id}")
    return secret


def record_reading(*, ask: models.Ask) -> None:
    """Record in the audit log that someone read an ask by its link."""
    record(by=None, verb="read a request for information by its link", subject=f"ask {ask.public_id}")


def save_draft(
    *, ask: models.Ask, answers: Mapping[str, AskAnswer], signed_by: str = "", via: str = models.AskSubmission.Via.LINK
) -> models.AskSubmission:
    """Save the official's draft, which replaces the earlier draft. `answers` are by public ID of the question."""
    with transaction.atomic():
        ask = models.Ask.objects.select_for_update().get(pk=ask.pk)
        if ask.status not in OPEN_STATUSES:
            raise ActNotPossible(AskStatus(ask.status), AskAct.ANSWER)
        ask.submissions.filter(number=None).delete()
        return _write(ask, None, answers, signed_by, via, None)


def submit_answers(
    *,
    ask: models.Ask,
    answers: Mapping[str, AskAnswer],
    signed_by: str,
    via: str = models.AskSubmission.Via.LINK,
    by: Account | None = None,
    actor: AskActor = AskActor.OFFICIAL,
) -> models.AskSubmission:
    """Send the answers to the desk as a new version; the draft is deleted.

    `by` is the member of the desk who enters a file that the official returned by email. Raises `AnswerIncomplete`.
    """
    if actor is AskActor.DESK and by is not None and not can_manage_asks(by, ask.state_id):
        raise PermissionDenied
    with transaction.atomic():
        ask = models.Ask.objects.select_for_update().get(pk=ask.pk)
        ask.status = next_status(AskStatus(ask.status), AskAct.ANSWER, actor)
        check_complete(build_form(ask).questions, answers)
        last = ask.submissions.aggregate(last=Max("number"))["last"]
        if actor is AskActor.OFFICIAL:
            ask.submissions.filter(number=None).delete()
        submission = _write(ask, (last or 0) + 1, answers, signed_by, via, by)
        ask.save(update_fields=["status"])
        models.AskEvent.objects.create(ask=ask, act=AskAct.ANSWER, actor=actor, version=submission.number, by=by)
        verb = (
            "answered a request for information by its link"
            if actor is AskActor.OFFICIAL
            else "entered the answers to a request for information"
        )
        record(by=by, verb=verb, subject=f"ask {ask.public_id}", details={"version": submission.number, "via": via})
    return submission


def read_returned_file(*, ask: models.Ask, content: bytes) -> tuple[dict[str, AskAnswer], str]:
    """Return the answers in a returned file and how they came: "xlsx" or "docx". Nothing is saved.

    Raises `ReturnedFileRefused`, which names the reason, `ReturnedFileUnreadable`, or an error of uploads in general.
    """
    file_type = check_file_type(content, FileType.XLSX, FileType.DOCX)
    scan_for_viruses(content)
    reject_active_content(content)
    try:
        return read_ask_document(content, build_form(ask)), file_type.value
    except AskDocumentRefused as error:
        raise ReturnedFileRefused(_REFUSALS[type(error)] % {"number": getattr(error, "number", "")}) from error
    except UnreadableTable as error:
        raise ReturnedFileUnreadable from error


def _write(
    ask: models.Ask,
    number: int | None,
    answers: Mapping[str, AskAnswer],
    signed_by: str,
    via: str,
    by: Account | None,
) -> models.AskSubmission:
    submission = models.AskSubmission.objects.create(
        ask=ask, number=number, edition=ask.edition, signed_by=signed_by.strip(), via=via, entered_by=by
    )
    models.AskAnswer.objects.bulk_create(
        models.AskAnswer(
            submission=submission,
            question=question,
            text=answer.text,
            figures=answer.figures,
            evidence=list(answer.evidence),
            no_answer_because=answer.no_answer_because,
        )
        for question in ask.questions.all()
        if not (answer := answers.get(question.public_id, AskAnswer())).is_empty
    )
    return submission
