"""Queries for asks: the desk's table, one ask with its versions, and the ask of a link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from samsvar.ids import hash_secret
from samsvar.implementation import asks
from samsvar.implementation.asks import AskAct, AskActor, AskStatus
from samsvar.interchange.ask_documents import AskForm
from samsvar.site.implementation.asks import models
from samsvar.site.implementation.asks.permissions import can_manage_asks, can_open_by_link
from samsvar.site.monitoring.citing import short_citation
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.access.permissions import Organisation, User

MAX_FINDINGS_LISTED = 400  # on the page where they are chosen; a state of three rounds has some 300


@dataclass(frozen=True, slots=True)
class AskLine:
    """An ask in the desk's table."""

    ask: models.Ask
    is_overdue: bool
    questions: int
    version: int | None  # of the latest answers; None without one


@dataclass(frozen=True, slots=True)
class AskTable:
    """The desk's table of asks, filtered, with the number of asks in each status before filtering."""

    lines: tuple[AskLine, ...]
    counts: Mapping[str, int]
    overdue: int
    bodies: tuple[str, ...]  # of all asks, for the filter


def ask_table(state: str, day: date, *, status: str = "", body: str = "", overdue: bool = False) -> AskTable:
    """Return the asks of a state: first those that wait for the desk, then by due day."""
    rows = (
        models.Ask.objects.filter(state_id=state)
        .select_related("organisation")
        .annotate(
            question_count=Count("questions", distinct=True),
            version=Max("submissions__number"),
        )
    )
    lines = [
        AskLine(ask, asks.is_overdue(AskStatus(ask.status), ask.due, day), ask.question_count, ask.version)
        for ask in rows
    ]
    matching = [
        line
        for line in lines
        if (not status or line.ask.status == status)
        and (not body or line.ask.body_text == body)
        and (not overdue or line.is_overdue)
    ]
    return AskTable(
        tuple(sorted(matching, key=_place_in_table)),
        {step.value: sum(line.ask.status == step for line in lines) for step in AskStatus},
        sum(line.is_overdue for line in lines),
        tuple(sorted({line.ask.body_text for line in lines})),
    )


_ORDER_OF_STATUSES = {
    status: place
    for place, status in enumerate((
        AskStatus.ANSWERED, AskStatus.SENT, AskStatus.SENT_BACK, AskStatus.DRAFTED, AskStatus.LAPSED,
        AskStatus.ACCEPTED, AskStatus.WITHDRAWN,
    ))
}  # fmt: skip


def _place_in_table(line: AskLine) -> tuple[int, bool, date, int]:
    return _ORDER_OF_STATUSES[AskStatus(line.ask.status)], not line.is_overdue, line.ask.due, line.ask.pk


def find_ask(user: User, state: str, public_id: str) -> models.Ask | None:
    """Return an ask of a state that the user's desk manages, or None."""
    if not can_manage_asks(user, state):
        return None
    return models.Ask.objects.select_related("organisation").filter(state_id=state, public_id=public_id).first()


def find_ask_by_token(token: str, day: date) -> models.Ask | None:
    """Return the ask whose link has this token, or None if the link no longer works."""
    ask = models.Ask.objects.select_related("organisation").filter(token_hash=hash_secret(token)).first()
    return ask if ask is not None and can_open_by_link(ask, day) else None


def link_token(ask: models.Ask) -> str:
    """Return the token of an ask's link: a signature, so that every email has the same link; its hash is stored."""
    signer = Signer(salt="samsvar.implementation.Ask")
    return signer.signature(f"{ask.public_id}.{ask.link_number}").replace("=", "")


_end_signer = Signer(salt="samsvar.implementation.Ask.end_emails")


def end_token(ask: models.Ask) -> str:
    """Return the token of the link that ends the emails about open asks to the official of this one."""
    return _end_signer.sign(f"{ask.public_id}.{ask.link_number}")


def find_ask_by_end_token(token: str) -> models.Ask | None:
    """Return the ask of such a link; None if it is forged, or once the ask has another official or none."""
    try:
        public_id, _dot, number = _end_signer.unsign(token).partition(".")
    except BadSignature:
        return None
    return models.Ask.objects.exclude(official_email="").filter(public_id=public_id, link_number=int(number)).first()


LINES_ON_DESK = 8  # the table shows all


def desk_panel(state: str) -> tuple[str, dict[str, Any]]:
    """Return the panel of a state's desk: the asks that wait for the desk or are overdue. It takes one query."""
    day = timezone.now().date()
    open_asks = list(
        models.Ask.objects.filter(state_id=state, status__in=asks.OPEN_STATUSES).select_related("organisation")
    )
    answered = [ask for ask in open_asks if ask.status == AskStatus.ANSWERED]
    overdue = [ask for ask in open_asks if asks.is_overdue(AskStatus(ask.status), ask.due, day)]
    return "implementation/asks/_desk_panel.html", {
        "state": state,
        "answered": len(answered),
        "overdue": len(overdue),
        "waiting": len(open_asks) - len(answered),
        "asks": [*answered, *overdue][:LINES_ON_DESK],
    }


# --- One ask ----------------------------------------------------------------------------------------------------------


def build_form(ask: models.Ask) -> AskForm:
    """Return the current questions of an ask as the library's value."""
    return AskForm(
        ask.public_id,
        ask.edition,
        tuple(
            asks.AskQuestion(question.public_id, question.text, question.citation, question.quotation)
            for question in ask.questions.all()
        ),
    )


def find_draft(ask: models.Ask) -> models.AskSubmission | None:
    """Return the official's draft, which the desk never sees."""
    return ask.submissions.filter(number=None).first()


def latest_submission(ask: models.Ask) -> models.AskSubmission | None:
    """Return the newest version of the answers that was sent."""
    return ask.submissions.exclude(number=None).order_by("-number").first()


def get_answers(submission: models.AskSubmission | None) -> dict[str, asks.AskAnswer]:
    """Return the answers of a version by the public ID of their question; {} without a version."""
    if submission is None:
        return {}
    return {answer.question.public_id: to_value(answer) for answer in submission.answers.select_related("question")}


def to_value(answer: models.AskAnswer) -> asks.AskAnswer:
    """Return an answer as the library's value."""
    return asks.AskAnswer(answer.text, answer.figures, tuple(answer.evidence), answer.no_answer_because)


def current_answers(ask: models.Ask) -> dict[str, asks.AskAnswer]:
    """Return the answers that the official goes on with: those of the draft, else of the newest version."""
    return get_answers(find_draft(ask) or latest_submission(ask))


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """A question with its answer in one version, and whether the answer differs from the version before."""

    number: int
    question: models.AskQuestion
    answer: models.AskAnswer | None
    has_changed: bool
    has_finding: bool  # the finding that it is about is public


@dataclass(frozen=True, slots=True)
class AskPage:
    """An ask as its desk sees it."""

    ask: models.Ask
    is_overdue: bool
    acts: tuple[AskAct, ...]
    questions: tuple[AnsweredQuestion, ...]
    submission: models.AskSubmission | None  # the version that is shown
    versions: tuple[models.AskSubmission, ...]
    events: tuple[models.AskEvent, ...]
    link_until: date
    next_email_on: date | None  # None if no email is waiting

    @property
    def is_newest(self) -> bool:
        return self.submission is None or self.submission == self.versions[-1]


def ask_page(ask: models.Ask, day: date, *, version: int | None = None) -> AskPage | None:
    """Return the page of an ask with one version of the answers, the newest if None; None if there is no such one."""
    versions = tuple(ask.submissions.exclude(number=None).select_related("entered_by").order_by("number"))
    shown = versions[-1] if versions and version is None else next((v for v in versions if v.number == version), None)
    if version is not None and shown is None:
        return None
    before = get_answers(next((v for v in reversed(versions) if shown and (v.number or 0) < (shown.number or 0)), None))
    answers = {answer.question_id: answer for answer in shown.answers.all()} if shown else {}
    questions = list(ask.questions.all())
    public = set(
        Finding.objects.filter(public_id__in=[q.finding_id for q in questions if q.finding_id]).values_list(
            "public_id", flat=True
        )
    )
    return AskPage(
        ask=ask,
        is_overdue=asks.is_overdue(AskStatus(ask.status), ask.due, day),
        acts=asks.possible_acts(AskStatus(ask.status), AskActor.DESK),
        questions=tuple(
            AnsweredQuestion(
                number,
                question,
                answer := answers.get(question.pk),
                bool(before)
                and before.get(question.public_id, asks.AskAnswer())
                != (to_value(answer) if answer else asks.AskAnswer()),
                question.finding_id in public,
            )
            for number, question in enumerate(questions, start=1)
        ),
        submission=shown,
        versions=versions,
        events=tuple(ask.events.select_related("by")),
        link_until=asks.link_expires_on(ask.due),
        next_email_on=next_email_day(ask, day) if ask.status == AskStatus.SENT and ask.emailed_at is None else None,
    )


def next_email_day(ask: models.Ask, day: date) -> date:
    """Return the day on which the official of an ask may get the next email."""
    return asks.next_email_on(last_email_on(ask.official_email), day)


def last_email_on(address: str) -> date | None:
    """Return the day of the last email about asks to an address; None if there was none lately."""
    last_sent: date | None = models.AskEmail.objects.filter(email=address.lower()).aggregate(last=Max("sent_on"))[
        "last"
    ]
    return last_sent


# --- Making asks ------------------------------------------------------------------------------------------------------


def findings_to_choose(state: str) -> QuerySet[Finding]:
    """Return the public findings about a state, the newest and strongest first; rejected ones are left out."""
    return (
        Finding.objects.filter(state_id=state)
        .exclude(review=Finding.Review.REJECTED)
        .order_by("-year", "rank", "report_id", "ordinal")[:MAX_FINDINGS_LISTED]
    )


def chosen_findings(state: str, public_ids: list[str]) -> list[Finding]:
    """Return those of the public findings with these IDs that are about the state, in the order of the report."""
    return list(
        Finding.objects.filter(state_id=state, public_id__in=public_ids[: asks.MAX_QUESTIONS]).order_by(
            "-year", "report_id", "ordinal"
        )
    )


def bodies_to_choose(state: str) -> QuerySet[Any]:
    """Return the organisations of a state, and those of no state."""
    return Organisation.objects.filter(Q(state_id=state) | Q(state=None)).order_by("name")


def cite_finding(finding: Finding) -> str:
    """Return the citation that is stored with a question, as short as its column."""
    return short_citation(finding)[:200]
