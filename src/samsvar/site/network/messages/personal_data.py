"""Personal data in questions to members: of senders, members, and the staff who handle the questions."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from samsvar.network.consent import LegalBasis, Purpose
from samsvar.site.network import models
from samsvar.site.network.data_inventory import (
    CONTRACT,
    DataSubject,
    RetentionRule,
    SubjectOfRequest,
    data_category,
    deleted,
    staff_category,
    withhold,
)

SECRETARIAT_AND_MEMBER = _(
    "the secretariat that forwards the question and the member it is addressed to, without the address of the "
    "person asking"
)
SECRETARIAT_AND_SENDER = _(
    "the secretariat that forwards the question and the person who asked it, without the member’s address"
)
question_category = partial(data_category, purposes=(Purpose.CONTACT,), retention="questions")


def forwarded_questions(subject: SubjectOfRequest) -> QuerySet[Any]:
    """Return the questions forwarded to the member. Others, pending or not forwarded, are the sender's data only."""
    questions = models.MemberQuestion.objects.filter(to=subject.person, handled_at__isnull=False, reason="")
    return questions.exclude(by=subject.account) if subject.account else questions


def _inactive_questions(limit: datetime) -> QuerySet[Any]:
    progress = models.MemberQuestion.Progress
    final = (progress.ANSWERED, progress.DECLINED, progress.CLOSED)
    recent_messages = models.QuestionMessage.objects.filter(ask=OuterRef("pk"), at__gte=limit)
    return models.MemberQuestion.objects.filter(~Exists(recent_messages), progress__in=final, at__lt=limit).exclude(
        handled_at__gte=limit
    )


DATA_CATEGORIES = (
    question_category(
        models.QuestionMessage, "question_lines", _("Messages in questions that the person asked"),
        exported="side text at", through="ask__by",
        legal_bases=CONTRACT, recipients=SECRETARIAT_AND_MEMBER,
        erasure=deleted(_("deleted, along with the answers")),
    ),
    question_category(
        models.QuestionMessage, "received_lines", _("Messages in questions forwarded to the person"),
        exported="side text at", through="ask__to",
        data_subject=DataSubject.PEOPLE, legal_bases=(LegalBasis.CONSENT, LegalBasis.CONTRACT),
        recipients=SECRETARIAT_AND_SENDER,
        erasure=deleted(_("deleted, along with the question")),
        find_exported_rows=lambda subject: models.QuestionMessage.objects.filter(
            ask__in=forwarded_questions(subject)
        ),
    ),
    question_category(
        models.MemberQuestion, "questions", _("Questions that the person asked through the secretariat"),
        exported="public_id subject progress at handled_at reason", through="by",
        withheld=withhold("to handled_by")
        | {"network": _("only the member may disclose that they belong to the network")},
        legal_bases=CONTRACT, recipients=SECRETARIAT_AND_MEMBER,
        erasure=deleted(_("deleted, along with the answers")),
    ),
    question_category(
        models.MemberQuestion, "questions_received", _("Questions that the secretariat forwarded to the person"),
        exported="public_id subject progress at handled_at network", through="to",
        withheld=withhold("by handled_by")
        | {"reason": _("addressed only to the person who asked, and never concerns a question that was forwarded")},
        data_subject=DataSubject.PEOPLE, legal_bases=(LegalBasis.CONSENT, LegalBasis.CONTRACT),
        recipients=SECRETARIAT_AND_SENDER,
        erasure=deleted(_("deleted, along with the answers")),
        find_exported_rows=forwarded_questions,
    ),
    staff_category(
        models.MemberQuestion, "questions_handled",
        _("Other people’s questions that the person handled for the secretariat"),
        exported="public_id progress handled_at", through="handled_by",
        withheld=withhold("by to subject network at reason"),
        recipients=_("the secretariat of the network"), retention="questions",
    ),
)  # fmt: skip

RETENTION_RULES = (
    RetentionRule(
        models.MemberQuestion, "at", "questions",
        _("Questions asked through the secretariat that have been answered, declined or closed"),
        days=365, after=_("after the last message"), why=_("an exchange may be resumed at the next annual meeting"),
        find_rows=_inactive_questions,
    ),
)  # fmt: skip
