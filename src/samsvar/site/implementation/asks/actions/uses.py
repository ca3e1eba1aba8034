"""Uses of an accepted answer: as evidence that the body has signed, or as a proposed measure."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from samsvar.implementation.asks import AskStatus
from samsvar.implementation.evidence import EvidenceKind, Side
from samsvar.implementation.measures import AnswerScope, ChangeCause, Stage
from samsvar.site.audit.actions import record
from samsvar.site.implementation.asks import models
from samsvar.site.implementation.asks.permissions import can_manage_asks
from samsvar.site.implementation.evidence.actions import offer_evidence
from samsvar.site.implementation.evidence.models import Evidence
from samsvar.site.implementation.evidence.permissions import Giver
from samsvar.site.implementation.measures.actions import link_answer, save_measure
from samsvar.site.implementation.measures.models import Measure
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.access.permissions import Account
from samsvar.site.shell.errors import SiteError

MAX_TITLE_LENGTH = 200
EVIDENCE_ADDED = _("Evidence added. Only the desk sees it until you release it.")
MEASURE_PROPOSED = _("Measure proposed. Only the desk sees it until you publish it.")


class AnswerNotUsable(SiteError):
    """Raised when an answer is not accepted, says nothing, is not about a finding, or was already used so."""

    message = _("This answer cannot be used in this way.")
    advice = _("Only accepted answers about a finding can be used, each once as evidence and once as a measure.")


def make_evidence(*, by: Account | None, ask: models.Ask, question: int) -> Evidence:
    """Add an accepted answer as evidence of the state about the finding, signed by the body that gave it.

    `question` is the key of the question. Only the desk sees the evidence until it releases it, because the official
    wrote to the desk and not to the public.
    """
    with transaction.atomic():
        answer, finding = _lock_usable_answer(by, ask, question)
        if answer.made_evidence:
            raise AnswerNotUsable
        evidence = offer_evidence(
            by=by,
            giver=Giver(ask.state_id, Side.STATE),
            about=finding,
            values={
                "kind": EvidenceKind.STATEMENT,
                "title": _title(ask, answer),
                "text": _evidence_text(answer),
                "language": ask.language,
                "link": answer.evidence[0] if answer.evidence else "",
            },
            body=ask.organisation,
        )
        evidence.received = answer.submission.saved_at.date()
        evidence.organisation_name = "" if ask.organisation else ask.body_name
        evidence.save(update_fields=["received", "organisation_name"])
        answer.made_evidence = evidence.public_id
        answer.save(update_fields=["made_evidence"])
        record(by=by, verb="made evidence of an answer", subject=f"ask {ask.public_id}")
    return evidence


def propose_measure(*, by: Account | None, ask: models.Ask, question: int) -> Measure:
    """Propose a measure that consists of an accepted answer and answers its finding; the body leads it."""
    with transaction.atomic():
        answer, finding = _lock_usable_answer(by, ask, question)
        if answer.made_measure:
            raise AnswerNotUsable
        measure = save_measure(
            by=by,
            state=ask.state_id,
            values={
                "title": _title(ask, answer),
                "text": _evidence_text(answer),
                "language": ask.language,
                "lead": ask.organisation,
                "lead_name": "" if ask.organisation else ask.body_name,
            },
            stage=Stage.PROPOSED,
            cause=ChangeCause.ASK,
        )
        link_answer(by=by, measure=measure, finding=finding, scope=AnswerScope.PART, cause=ChangeCause.ASK)
        answer.made_measure = measure.public_id
        answer.save(update_fields=["made_measure"])
        record(by=by, verb="proposed a measure from an answer", subject=f"ask {ask.public_id}")
    return measure


def _lock_usable_answer(by: Account | None, ask: models.Ask, question: int) -> tuple[models.AskAnswer, Finding]:
    """Return the accepted answer to a question and the public finding that it is about. Raises `AnswerNotUsable`."""
    if by is not None and not can_manage_asks(by, ask.state_id):
        raise PermissionDenied
    answer = (
        models.AskAnswer.objects.select_for_update(of=("self",))
        .select_related("submission", "question")
        .filter(submission__ask=ask, submission__number=ask.accepted_version, question=question)
        .first()
    )
    if ask.status != AskStatus.ACCEPTED or answer is None or not (answer.text or answer.figures or answer.evidence):
        raise AnswerNotUsable
    finding = Finding.objects.filter(public_id=answer.question.finding_id, state_id=ask.state_id).first()
    if finding is None:
        raise AnswerNotUsable
    return answer, finding


def _title(ask: models.Ask, answer: models.AskAnswer) -> str:
    """Return the first line of an answer as a title, or the title of the ask if it has no text."""
    first = (answer.text or answer.figures).partition("\n")[0] or ask.title
    return Truncator(first).chars(MAX_TITLE_LENGTH)


def _evidence_text(answer: models.AskAnswer) -> str:
    return "\n\n".join(filter(None, (answer.text, answer.figures, "\n".join(answer.evidence))))
