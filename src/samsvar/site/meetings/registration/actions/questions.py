"""Actions that add, change, reorder and remove the questions of a registration form.

People answered on the basis of what the form stated: the purpose, the deletion date and the choices. Once someone has
answered, the deletion date can therefore only become earlier, and the kind, the purpose and any selected choice are
locked. To change them, the existing answers are deleted in the same transaction, and people have to answer again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from samsvar.meetings.registration import ANSWER_RETENTION, is_valid_retention_date
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import check_can_manage
from samsvar.site.meetings.meeting.queries.facts import get_local_today
from samsvar.site.meetings.registration.actions.emails import email_participant, registration_email_address
from samsvar.site.meetings.registration.actions.places import check_not_cancelled, lock_waiting_list
from samsvar.site.meetings.registration.errors import RegistrationError
from samsvar.site.meetings.registration.queries.questions import unanswered_questions
from samsvar.site.network.access.permissions import Account
from samsvar.site.shell.templatetags.samsvar import day
from samsvar.text import choose_text

MIN_TIME_BETWEEN_REMINDERS = timedelta(days=1)


class QuestionLocked(RegistrationError):
    """Raised when a change contradicts what people were shown when they answered."""

    advice = _("Leave the question as it was, or ask it again. Asking again deletes the answers given so far.")


class KindLocked(QuestionLocked):
    """Raised when the kind of a question would be changed after someone has answered."""

    message = _("This question has already been answered, so the answer type can no longer be changed.")


class PurposeLocked(QuestionLocked):
    """Raised when the purpose of a question would be changed after someone has answered."""

    message = _("Answers were given for the purpose shown next to the question, and for no other.")


class DeletionDateLocked(QuestionLocked):
    """Raised when the deletion date would become later after someone has answered."""

    def __init__(self, delete_on: date) -> None:
        message = _(
            "People who have answered were told that their answers would be deleted on %(day)s. You can "
            "choose an earlier date."
        )
        super().__init__(message % {"day": day(delete_on.isoformat())})
        self.delete_on = delete_on


class ChoiceInUse(QuestionLocked):
    """Raised when a choice that someone selected would be removed. It can still be reworded."""

    def __init__(self, text: str, count: int) -> None:
        message = ngettext("%(n)s person chose “%(text)s”.", "%(n)s people chose “%(text)s”.", count)
        super().__init__(message % {"n": count, "text": text})
        self.text, self.count = text, count


class DeletionDateOutOfRange(RegistrationError):
    """Raised when the deletion date is in the past, or too long after the meeting."""

    def __init__(self, latest: str) -> None:
        super().__init__(
            _("Choose a future date for deleting the answers, no later than %(day)s.") % {"day": latest},
            _("The answers are for this meeting only and can be kept for up to six months after it."),
        )


def add_question(*, meeting: models.Meeting, by: Account, **columns: Any) -> models.Question:
    """Add a question at the end, with its purpose and the date on which its answers are deleted."""
    check_can_manage(by, meeting)
    _check_deletion_date(meeting, columns["delete_on"])
    with transaction.atomic():
        last = meeting.questions.select_for_update().order_by("order").last()
        question = models.Question.objects.create(meeting=meeting, order=last.order + 1 if last else 0, **columns)
        _record_question_change(question, by, "added a question")
    return question


def change_question(
    *, question: models.Question, by: Account, delete_answers: bool = False, **columns: Any
) -> models.Question:
    """Change a question. With `delete_answers`, existing answers are deleted first, so that any change is allowed."""
    check_can_manage(by, question.meeting)
    with transaction.atomic():
        current = models.Question.objects.select_for_update(of=("self",)).select_related("meeting").get(pk=question.pk)
        if columns.get("delete_on", current.delete_on) != current.delete_on:
            _check_deletion_date(current.meeting, columns["delete_on"])
        values = list(current.answers.values_list("value", flat=True))
        if delete_answers:
            current.answers.all().delete()
        elif values:
            _check_consistency_with_answers(current, columns, values)
        for name, value in columns.items():
            setattr(current, name, value)
        current.save()
        deleted = {"deleted": len(values)} if delete_answers else {}
        _record_question_change(current, by, "changed a question", **deleted)
    return current


def move_question(*, question: models.Question, by: Account, up: bool) -> models.Question:
    """Move a question one position up or down, unless it is already at that end."""
    check_can_manage(by, question.meeting)
    with transaction.atomic():
        questions = list(question.meeting.questions.select_for_update())
        index = next(number for number, sibling in enumerate(questions) if sibling.pk == question.pk)
        target = index - 1 if up else index + 1
        if 0 <= target < len(questions):
            questions[index], questions[target] = questions[target], questions[index]
            for number, sibling in enumerate(questions):
                sibling.order = number
            models.Question.objects.bulk_update(questions, ["order"])
            _record_question_change(question, by, "moved a question", up=up)
    question.refresh_from_db(fields=["order"])
    return question


def remove_question(*, question: models.Question, by: Account) -> None:
    """Remove a question and delete its answers."""
    check_can_manage(by, question.meeting)
    with transaction.atomic():
        _record_question_change(question, by, "removed a question", answers=question.answers.count())
        question.delete()


def email_question_reminders(*, meeting: models.Meeting, by: Account) -> int:
    """Remind everyone with a place and unanswered questions, at most once a day; return the number of emails.

    Participants without an address are skipped.
    """
    check_can_manage(by, meeting)
    check_not_cancelled(meeting)
    now = timezone.now()
    with transaction.atomic():
        lock_waiting_list(meeting)
        not_reminded = Q(reminded_at__isnull=True) | Q(reminded_at__lte=now - MIN_TIME_BETWEEN_REMINDERS)
        registrations = meeting.registrations.filter(not_reminded, pk__in=unanswered_questions(meeting))
        registrations = registrations.select_related("meeting", "invitation", "person__account")
        to_remind = [one for one in registrations if registration_email_address(one)]
        for registration in to_remind:
            email_participant(registration, "still_to_answer")
        meeting.registrations.filter(pk__in=[one.pk for one in to_remind]).update(reminded_at=now)
        if to_remind:
            record(
                by=by, verb="sent a reminder about questions", subject=f"meeting {meeting.public_id}",
                details={"letters": len(to_remind)},
            )  # fmt: skip
    return len(to_remind)


def count_choices(values: Sequence[Any]) -> Mapping[str, int]:
    """Return how often each choice was selected, by key of the choice."""
    return Counter(str(key) for value in values for key in (value if isinstance(value, list) else [value]))


def _check_deletion_date(meeting: models.Meeting, on: date) -> None:
    if not is_valid_retention_date(on, today=get_local_today(meeting), ends=meeting.ends):
        latest = meeting.ends + ANSWER_RETENTION
        raise DeletionDateOutOfRange(day(latest.isoformat()))


def _check_consistency_with_answers(
    question: models.Question, columns: Mapping[str, Any], values: Sequence[Any]
) -> None:
    """Raise an error if the change contradicts what people were shown when they answered.

    Adding a text in another language is always allowed, because no one has read it yet.
    """
    if columns.get("kind", question.kind) != question.kind:
        raise KindLocked
    purpose = columns.get("purpose", question.purpose)
    if any(purpose.get(language) != text for language, text in question.purpose.items()):
        raise PurposeLocked
    if columns.get("delete_on", question.delete_on) > question.delete_on:
        raise DeletionDateLocked(question.delete_on)
    kept_keys = {option["key"] for option in columns.get("options", question.options)}
    chosen = count_choices(values)
    for option in question.options:
        if option["key"] not in kept_keys and option["key"] in chosen:
            text = choose_text(option["text"], question.meeting.original_language)
            raise ChoiceInUse(text or option["key"], chosen[option["key"]])


def _record_question_change(question: models.Question, by: Account, verb: str, **extra_details: Any) -> None:
    details = {"question": question.public_id, **extra_details}
    record(by=by, verb=verb, subject=f"meeting {question.meeting.public_id}", details=details)
