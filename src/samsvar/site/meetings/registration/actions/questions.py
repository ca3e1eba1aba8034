"""What a registration asks besides: questions are added, changed, put in another order and removed.

Whoever has answered did so on what was said beside the question: what the answer is used for, the day on which it goes,
what could be chosen. None of this is changed behind their back. An earlier day is kept to; for anything else the
question is asked anew, and the answers given so far go in the same step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samsvar.meetings.registration import KEPT_AFTER, may_be_kept_until
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import must_manage
from samsvar.site.meetings.registration.actions.emails import address_of, write_to
from samsvar.site.meetings.registration.actions.places import lock_line, must_be_held
from samsvar.site.meetings.registration.errors import RegistrationError
from samsvar.site.meetings.registration.queries.questions import still_to_answer
from samsvar.site.network.access.permissions import Account
from samsvar.site.shell.templatetags.samsvar import day

REMIND_AGAIN = timedelta(days=1)


class ToldOtherwise(RegistrationError):
    """Somebody has answered, and was told something else beside the question than it shall say now."""

    code = "told_otherwise"

    def __init__(self, message: str) -> None:
        super().__init__(message, _("Leave it as it was, or ask anew: then the answers given so far are deleted."))


class KindIsAnswered(ToldOtherwise):
    """How a question is answered stays as it is once somebody has answered it."""

    code = "kind_is_answered"

    def __init__(self) -> None:
        super().__init__(_("The question is answered already, and can be answered in no other way."))


class PurposeIsPromised(ToldOtherwise):
    """What the answers are used for stays once there are answers."""

    code = "purpose_is_promised"

    def __init__(self) -> None:
        super().__init__(_("Answers were given for the purpose that stood beside the question, and for no other."))


class DayIsPromised(ToldOtherwise):
    """The day on which answers go can come earlier, not later, once there are answers."""

    code = "day_is_promised"

    def __init__(self, promised: date) -> None:
        said = _("Whoever has answered was told that answers are deleted on %(day)s. An earlier day is possible.")
        super().__init__(said % {"day": day(promised.isoformat())})
        self.promised = promised


class ChoiceIsTaken(ToldOtherwise):
    """Something that somebody chose can be said in other words, and not taken away."""

    code = "choice_is_taken"

    def __init__(self, text: str, count: int) -> None:
        said = ngettext("%(n)s person chose “%(text)s”.", "%(n)s people chose “%(text)s”.", count)
        super().__init__(said % {"n": count, "text": text})
        self.text, self.count = text, count


class DeletedTooLate(RegistrationError):
    """The answers would go on a day that is over, or be kept long after the meeting that they were given for."""

    code = "answers_deleted_too_late"

    def __init__(self, latest: str) -> None:
        super().__init__(
            _("The answers are deleted on a day to come, and at the latest on %(day)s.") % {"day": latest},
            _("They are given for this meeting alone: half a year after it is the longest."),
        )


def add_question(*, meeting: models.Meeting, by: Account, **columns: Any) -> models.Question:
    """Ask something, say what for, and name the day on which the answers go. It stands after the others."""
    must_manage(by, meeting)
    _must_be_deleted_in_time(meeting, columns["delete_on"])
    with transaction.atomic():
        last = meeting.questions.select_for_update().order_by("order").last()
        row = models.Question.objects.create(meeting=meeting, order=last.order + 1 if last else 0, **columns)
        _record(row, by, "added a question")
    return row


def change_question(*, question: models.Question, by: Account, anew: bool = False, **columns: Any) -> models.Question:
    """Say it otherwise, or ask it of others. `anew`: delete the answers, and anything about it can be changed."""
    must_manage(by, question.meeting)
    with transaction.atomic():
        row = models.Question.objects.select_for_update(of=("self",)).select_related("meeting").get(pk=question.pk)
        if columns.get("delete_on", row.delete_on) != row.delete_on:
            _must_be_deleted_in_time(row.meeting, columns["delete_on"])
        values = list(row.answers.values_list("value", flat=True))
        if anew:
            row.answers.all().delete()
        elif values:
            _must_be_as_told(row, columns, values)
        for name, value in columns.items():
            setattr(row, name, value)
        row.save()
        _record(row, by, "changed a question", **({"deleted": len(values)} if anew else {}))
    return row


def move_question(*, question: models.Question, by: Account, up: bool) -> models.Question:
    """One place up or down. At the end of the list nothing changes."""
    must_manage(by, question.meeting)
    with transaction.atomic():
        rows = list(question.meeting.questions.select_for_update())
        at = next(number for number, one in enumerate(rows) if one.pk == question.pk)
        to = at - 1 if up else at + 1
        if 0 <= to < len(rows):
            rows[at], rows[to] = rows[to], rows[at]
            for number, one in enumerate(rows):
                one.order = number
            models.Question.objects.bulk_update(rows, ["order"])
            _record(question, by, "moved a question", up=up)
    question.refresh_from_db(fields=["order"])
    return question


def remove_question(*, question: models.Question, by: Account) -> None:
    """Ask no more, and delete what was answered."""
    must_manage(by, question.meeting)
    with transaction.atomic():
        _record(question, by, "removed a question", answers=question.answers.count())
        question.delete()


def remind_of_questions(*, meeting: models.Meeting, by: Account, site: str) -> int:
    """A letter to each who has a place and has not answered, at most once a day; how many letters were written.

    Whoever came without an address gets none.
    """
    must_manage(by, meeting)
    must_be_held(meeting)
    now = timezone.now()
    with transaction.atomic():
        lock_line(meeting)
        rows = meeting.registrations.filter(pk__in=still_to_answer(meeting)).select_related(
            "meeting", "invitation", "person__account"
        )
        fresh = [
            row
            for row in rows
            if address_of(row) and (row.reminded_at is None or row.reminded_at <= now - REMIND_AGAIN)
        ]
        for row in fresh:
            write_to(row, "still_to_answer", site=site)
        meeting.registrations.filter(pk__in=[row.pk for row in fresh]).update(reminded_at=now)
        if fresh:
            record(
                by=by, verb="reminded of questions", subject=f"meeting {meeting.public_id}",
                details={"letters": len(fresh)},
            )  # fmt: skip
    return len(fresh)


def times_chosen(values: Sequence[Any]) -> Mapping[str, int]:
    """How often each choice was made, by its key."""
    counts: dict[str, int] = {}
    for value in values:
        for key in value if isinstance(value, list) else [value]:
            counts[str(key)] = counts.get(str(key), 0) + 1
    return counts


def _must_be_deleted_in_time(meeting: models.Meeting, on: date) -> None:
    today = timezone.now().astimezone(ZoneInfo(meeting.zone)).date()
    if not may_be_kept_until(on, today=today, ends=meeting.ends):
        latest = meeting.ends + KEPT_AFTER
        raise DeletedTooLate(day(latest.isoformat()))


def _must_be_as_told(row: models.Question, columns: Mapping[str, Any], values: Sequence[Any]) -> None:
    """Raise where those who have answered were told otherwise. What is said in one more language is said to nobody."""
    if columns.get("kind", row.kind) != row.kind:
        raise KindIsAnswered
    purpose = columns.get("purpose", row.purpose)
    if any(purpose.get(language) != said for language, said in row.purpose.items()):
        raise PurposeIsPromised
    if columns.get("delete_on", row.delete_on) > row.delete_on:
        raise DayIsPromised(row.delete_on)
    kept = {one["key"] for one in columns.get("options", row.options)}
    chosen = times_chosen(values)
    for one in row.options:
        if one["key"] not in kept and one["key"] in chosen:
            raise ChoiceIsTaken(next(iter(one["text"].values()), one["key"]), chosen[one["key"]])


def _record(row: models.Question, by: Account, verb: str, **more: Any) -> None:
    details = {"question": row.public_id, **more}
    record(by=by, verb=verb, subject=f"meeting {row.meeting.public_id}", details=details)
