"""Actions on questions to members: ask, forward, decline, reply and close.

Notification emails say only that something is waiting and where to find it, not who wrote it or what it says: other
people at home or at work may read the mailbox, and what is not in an email cannot be forwarded.
"""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import Purpose
from samsvar.site.audit.actions import record
from samsvar.site.network import models
from samsvar.site.network.access.permissions import in_force_filter
from samsvar.site.network.directory.actions.consent import record_about_person
from samsvar.site.network.emails.actions import notify
from samsvar.site.network.messages import queries
from samsvar.site.shell.errors import SiteError

Progress = models.MemberQuestion.Progress
Side = models.QuestionMessage.Side


class QuestionError(SiteError):
    """Raised when a question, reply or decision is not accepted."""

    effect = _("Nothing was sent and nothing was saved.")


class QuestionsNotAccepted(QuestionError):
    """Raised when the member does not accept questions, or no longer does."""

    message = _("This member does not accept questions.")


class DailyLimitReached(QuestionError):
    """Raised when the daily limit for questions or messages has been reached."""

    advice = _("Try again tomorrow.")

    def __init__(self, limit: int) -> None:
        super().__init__(
            _("You have sent %(limit)s questions in the last 24 hours, which is the limit.") % {"limit": limit}
        )
        self.limit = limit


class InvalidTextLength(QuestionError):
    """Raised when the text is empty or too long."""

    def __init__(self, limit: int) -> None:
        super().__init__(_("The text must be between 1 and %(limit)s characters long.") % {"limit": limit})
        self.limit = limit


class QuestionAlreadyDecided(QuestionError):
    """Raised when the question has been decided by someone else or closed in the meantime."""

    message = _("This question has since been dealt with or closed.")
    advice = _("Check the current status.")


def ask_member(*, by: models.Account, person: models.Person, subject: str, text: str) -> models.MemberQuestion:
    """Ask a member a question. The secretariat of one of the member's networks decides whether to forward it."""
    with transaction.atomic():
        # otherwise two concurrent requests could exceed the limit
        models.Account.objects.select_for_update().get(pk=by.pk)
        member = queries.question_recipient(by, person.public_id)
        if member is None:
            raise PermissionDenied
        if not member.accepts_questions:
            raise QuestionsNotAccepted
        if queries.count_recent_questions(by) >= queries.QUESTIONS_PER_DAY:
            raise DailyLimitReached(queries.QUESTIONS_PER_DAY)
        network, subject = queries.deciding_network(by, member.person), _clean_text(subject, 150)
        question = models.MemberQuestion.objects.create(by=by, to=member.person, network=network, subject=subject)
        _add_message(question, Side.SENDER, text)
        _record_question_event(question, by, "sent a question to a member")
        _notify_secretariat(question)
    return question


def forward_question(*, question: models.MemberQuestion, by: models.Account) -> models.MemberQuestion:
    """Forward a question to the member; from then on, sender and member write to each other on the site."""
    with transaction.atomic():
        question = _lock_pending_question(question, by)
        if not queries.can_receive_questions(question.to):
            raise QuestionsNotAccepted
        question.progress, question.handled_by, question.handled_at = Progress.FORWARDED, by, timezone.now()
        question.save(update_fields=["progress", "handled_by", "handled_at"])
        _record_question_event(question, by, "forwarded a question")
        _notify_member(question)
    return question


def decline_question(*, question: models.MemberQuestion, by: models.Account, reason: str) -> models.MemberQuestion:
    """Decline to forward a question. The sender can read the reason; the member never learns of the question."""
    with transaction.atomic():
        question = _lock_pending_question(question, by)
        question.progress, question.handled_by, question.handled_at = Progress.DECLINED, by, timezone.now()
        question.reason = _clean_text(reason, 300)
        question.save(update_fields=["progress", "handled_by", "handled_at", "reason"])
        _record_question_event(question, by, "did not forward a question")
        _notify_sender(question)
    return question


def ask_sender(*, question: models.MemberQuestion, by: models.Account, text: str) -> models.QuestionMessage:
    """Ask the sender for more information before deciding. If the question is forwarded, the member can read this."""
    with transaction.atomic():
        question = _lock_pending_question(question, by)
        _check_daily_limit(question, Side.SECRETARIAT)
        message = _add_message(question, Side.SECRETARIAT, text)
        _record_question_event(question, by, "asked the sender a question")
        _notify_sender(question)
    return message


def reply(*, question: models.MemberQuestion, by: models.Account, text: str) -> models.QuestionMessage:
    """Add a message from the sender or the member to a conversation, and notify the recipient by email."""
    with transaction.atomic():
        question = _lock_question(question)
        side = _get_side_or_deny(by, question)
        if side == Side.SENDER and not queries.can_ask(by, question.to):
            raise PermissionDenied
        if not queries.can_write(question, side):
            was_forwarded = queries.was_forwarded(question) and _is_open(question)
            raise QuestionsNotAccepted if was_forwarded else QuestionAlreadyDecided
        _check_daily_limit(question, side)
        message = _add_message(question, side, text)
        if side == Side.MEMBER and question.progress == Progress.FORWARDED:
            question.progress = Progress.ANSWERED
            question.save(update_fields=["progress"])
        verb = "answered a question" if side == Side.MEMBER else "continued a question"
        _record_question_event(question, by, verb)
        if side == Side.MEMBER:
            _notify_sender(question)
        elif question.progress == Progress.WAITING:
            _notify_secretariat(question)
        else:
            _notify_member(question)
    return message


def decline_to_answer(
    *, question: models.MemberQuestion, by: models.Account, stop_questions: bool = False
) -> models.MemberQuestion:
    """Let the member decline to answer, without a reason; `stop_questions` also opts them out of further questions."""
    with transaction.atomic():
        question = _lock_question(question)
        if _get_side_or_deny(by, question) != Side.MEMBER:
            raise PermissionDenied
        if not _is_open(question):
            raise QuestionAlreadyDecided
        question.progress = Progress.DECLINED
        question.save(update_fields=["progress"])
        _record_question_event(question, by, "declined to answer")
        _notify_sender(question)
        if stop_questions:
            stop_receiving_questions(by=by)
    return question


def close_question(*, question: models.MemberQuestion, by: models.Account) -> models.MemberQuestion:
    """Close a conversation for either side. If it is still pending, the member never sees the question."""
    with transaction.atomic():
        question = _lock_question(question)
        _get_side_or_deny(by, question)
        if not _is_open(question):
            raise QuestionAlreadyDecided
        question.progress = Progress.CLOSED
        question.save(update_fields=["progress"])
        _record_question_event(question, by, "closed a conversation")
    return question


def stop_receiving_questions(*, by: models.Account) -> int:
    """Stop questions to the user with immediate effect, and return the number of legal bases that were ended.

    Legal bases other than consent end as well, because a member may object (Article 21 of the GDPR) and no one has to
    accept questions.
    """
    with transaction.atomic():
        person = models.Person.objects.filter(account=by, erased_at__isnull=True).first()
        if person is None:
            raise PermissionDenied
        now = timezone.now()
        ended = person.bases.filter(in_force_filter(now), purpose=Purpose.CONTACT).update(until=now)
        record_about_person(person, "withdrew", by=by, details={"purpose": Purpose.CONTACT})
    return ended


# --- Helpers ----------------------------------------------------------------------------------------------------------


def _lock_question(question: models.MemberQuestion) -> models.MemberQuestion:
    """Lock the question until the transaction ends, and return it in its current state.

    The lock ensures that only one of two simultaneous decisions succeeds.
    """
    return (
        models.MemberQuestion.objects.select_for_update(of=("self",))
        .select_related("to__account", "by", "network")
        .get(pk=question.pk)
    )


def _lock_pending_question(question: models.MemberQuestion, by: models.Account) -> models.MemberQuestion:
    """Lock and return the question. Raise an error if it is not pending, or if `by` may not decide on it."""
    question = _lock_question(question)
    if not queries.can_decide(by, question):
        raise PermissionDenied
    if question.progress != Progress.WAITING:
        raise QuestionAlreadyDecided
    return question


def _get_side_or_deny(by: models.Account, question: models.MemberQuestion) -> str:
    if not (side := queries.get_side(by, question)):
        raise PermissionDenied
    return side


def _is_open(question: models.MemberQuestion) -> bool:
    return question.progress in {Progress.WAITING, Progress.FORWARDED, Progress.ANSWERED}


def _check_daily_limit(question: models.MemberQuestion, side: str) -> None:
    if queries.count_recent_messages(question, side) >= queries.MESSAGES_PER_DAY:
        raise DailyLimitReached(queries.MESSAGES_PER_DAY)


def _add_message(question: models.MemberQuestion, side: str, text: str) -> models.QuestionMessage:
    text = _clean_text(text, queries.MAX_TEXT_LENGTH)
    return models.QuestionMessage.objects.create(ask=question, side=side, text=text)


def _clean_text(text: str, limit: int) -> str:
    text = text.strip()
    if not 1 <= len(text) <= limit:
        raise InvalidTextLength(limit)
    return text


def _record_question_event(question: models.MemberQuestion, by: models.Account, verb: str) -> None:
    record(by=by, verb=verb, subject=f"ask {question.public_id}", person=question.to.public_id)


# --- Emails -----------------------------------------------------------------------------------------------------------


def _notify_secretariat(question: models.MemberQuestion) -> None:
    for account in queries.deciding_accounts(question):
        notify(account, "network/question_to_decide", page="network:pending-questions")


def _notify_member(question: models.MemberQuestion) -> None:
    if question.to.account is not None:
        args = [question.public_id]
        notify(question.to.account, "network/question_for_you", page="network:my-question", args=args)


def _notify_sender(question: models.MemberQuestion) -> None:
    notify(question.by, "network/question_of_yours", page="network:my-question", args=[question.public_id])
