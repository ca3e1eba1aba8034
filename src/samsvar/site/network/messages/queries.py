"""Queries for questions through the secretariat, as seen by the sender, the member and the secretariat.

Knowing a question's URL does not give access: a function that returns one question returns None for anyone who may not
see it. The member cannot see a question before it is forwarded. What sender and member write afterwards is private: the
secretariat sees only the messages on which it based its decision.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from samsvar.network.consent import Purpose
from samsvar.network.people import Field
from samsvar.network.rights import UNLIMITED_SCOPE, Claim
from samsvar.site.network import models
from samsvar.site.network.access.permissions import (
    User,
    has_claim,
    has_claim_in_any_network,
    in_force_filter,
    network_scope,
    term_filter,
)
from samsvar.site.network.access.queries import secretariat_accounts
from samsvar.site.network.directory.queries.people import get_visible_people

QUESTIONS_PER_DAY = 10  # per account; those who need more can contact the secretariat directly
MESSAGES_PER_DAY = 20  # per side of a conversation
MAX_TEXT_LENGTH = 4_000  # characters, about 600 words

Progress = models.MemberQuestion.Progress
Side = models.QuestionMessage.Side

# Matches questions that the secretariat forwarded, whatever happened later. The member can see only these.
FORWARDED_CONDITION = Q(handled_at__isnull=False, reason="")


@dataclass(frozen=True, slots=True)
class QuestionRecipient:
    """A person whom the user can find in the directory, with the name that the user may see."""

    person: models.Person
    name: str
    accepts_questions: bool


@dataclass(frozen=True, slots=True)
class Conversation:
    """A question with its messages, as one side sees it; a name that this side may not see is ""."""

    question: models.MemberQuestion
    side: str  # the side that this view is for
    sender_name: str
    member_name: str
    messages: tuple[models.QuestionMessage, ...]
    can_write: bool = False
    awaits_sender: bool = False  # the secretariat is waiting for the sender
    member_opted_out: bool = False  # no longer accepts questions, so the sender cannot reply
    cannot_forward: bool = False  # the secretariat can no longer forward it

    @property
    def is_open(self) -> bool:
        return self.question.progress in {Progress.WAITING, Progress.FORWARDED, Progress.ANSWERED}

    @property
    def was_forwarded(self) -> bool:
        return was_forwarded(self.question)

    @property
    def was_withdrawn(self) -> bool:
        return is_withdrawn(self.question)


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A row in a list of questions."""

    question: models.MemberQuestion
    other_name: str  # name of the other side, or "" if it is not visible
    awaits_me: bool


@dataclass(frozen=True, slots=True)
class MyQuestions:
    """The questions that an account sent, and those it received as a member."""

    sent: tuple[QuestionRow, ...]
    received: tuple[QuestionRow, ...]
    is_member: bool  # has a profile, so may receive questions
    accepts_questions: bool


def question_recipient(user: User, public_id: str) -> QuestionRecipient | None:
    """Return a person whom the user may ask; None if they are unknown, not visible, at risk, or the user themselves."""
    person = models.Person.objects.filter(public_id=public_id, erased_at__isnull=True, at_risk=False).first()
    if person is None or person.account_id == user.pk or not can_ask(user, person):
        return None
    name = _visible_names(user, [person], f"question to person {public_id}").get(person.pk, "")
    return QuestionRecipient(person, name, can_receive_questions(person)) if name else None


def can_ask(user: User, person: models.Person) -> bool:
    """Return whether the user may ask the person: permitted everywhere or in one of their networks, refused in none."""
    return has_claim_in_any_network(
        user, Claim.ASK_QUESTION, person.memberships.values_list("network__slug", flat=True).distinct()
    )


def can_receive_questions(person: models.Person) -> bool:
    """Return whether the person can receive questions now, which requires a legal basis and an active account."""
    now = timezone.now()
    account = person.account
    return (
        account is not None
        and account.is_active
        and person.erased_at is None
        and not person.at_risk
        and person.bases.filter(in_force_filter(now), purpose=Purpose.CONTACT).exists()
    )


def my_questions(user: User) -> MyQuestions:
    """Return the questions that the user sent and received, newest first."""
    person = models.Person.objects.filter(account=user, erased_at__isnull=True).first()
    sent = list(_question_queryset().filter(by=user))
    received = list(_question_queryset().filter(FORWARDED_CONDITION, to__account=user))
    names = _visible_names(user, [question.to for question in sent], "own questions")
    sender_names = _sender_names(user, received, "own questions")
    return MyQuestions(
        sent=tuple(
            QuestionRow(question, names.get(question.to_id, ""), _is_awaiting_sender(question)) for question in sent
        ),
        received=tuple(
            QuestionRow(question, sender_names.get(question.by_id, ""), _is_awaiting_member(question))
            for question in received
        ),
        is_member=person is not None,
        accepts_questions=person is not None and can_receive_questions(person),
    )


def get_conversation(user: User, public_id: str) -> Conversation | None:
    """Return a question for its sender, or for its member once it is forwarded; None for anyone else."""
    is_visible = Q(by=user) | (FORWARDED_CONDITION & Q(to__account=user))
    question = _question_queryset().filter(is_visible, public_id=public_id).first()
    if question is None:
        return None
    side = get_side(user, question)
    return Conversation(
        question=question,
        side=side,
        sender_name=_sender_name(user, question) if side == Side.MEMBER else "",
        member_name=_member_name(user, question) if side == Side.SENDER else "",
        messages=tuple(question.lines.all()),
        can_write=can_write(question, side) and (side == Side.MEMBER or can_ask(user, question.to)),
        awaits_sender=_is_awaiting_sender(question),
        member_opted_out=was_forwarded(question) and not can_receive_questions(question.to),
    )


def pending_questions(user: User) -> tuple[QuestionRow, ...]:
    """Return the pending questions for members of this user's networks, longest waiting first."""
    waiting = _question_queryset().filter(_network_condition(user), progress=Progress.WAITING)
    questions = list(waiting.exclude(by=user).order_by("at", "pk"))
    names = _visible_names(user, [question.to for question in questions], "questions that wait")
    return tuple(
        QuestionRow(question, names.get(question.to_id, ""), not _is_awaiting_sender(question))
        for question in questions
    )


def decided_questions(user: User) -> QuerySet[models.MemberQuestion]:
    """Return the 20 most recently decided questions in the user's networks."""
    decided = _question_queryset().filter(_network_condition(user), handled_at__isnull=False)
    return decided.exclude(by=user).order_by("-handled_at", "-pk")[:20]


def get_conversation_for_secretariat(user: User, public_id: str) -> Conversation | None:
    """Return a question as the secretariat sees it; None if it is in another network or was asked by the user."""
    question = _question_queryset().filter(_network_condition(user), public_id=public_id).exclude(by=user).first()
    if question is None:
        return None
    messages = question.lines.filter(at__lte=question.handled_at) if question.handled_at else question.lines.all()
    if is_withdrawn(question):
        messages = question.lines.none()  # a withdrawn question is visible to its sender only
    return Conversation(
        question=question,
        side=Side.SECRETARIAT,
        sender_name=_sender_name(user, question),
        member_name=_member_name(user, question),
        messages=tuple(messages),
        awaits_sender=_is_awaiting_sender(question),
        cannot_forward=not can_receive_questions(question.to),
    )


# --- Helpers ----------------------------------------------------------------------------------------------------------


def can_decide(user: User, question: models.MemberQuestion) -> bool:
    """Return whether the user may decide on a question, which is never a question that they asked."""
    return question.by_id != user.pk and has_claim(user, Claim.ANSWER_QUESTIONS, network_scope(question.network))


def get_side(user: User, question: models.MemberQuestion) -> str:
    """Return SENDER or MEMBER, or "" for anyone else and for a member before the question is forwarded."""
    if question.by_id == user.pk:
        return Side.SENDER
    return Side.MEMBER if user.pk is not None and question.to.account_id == user.pk and was_forwarded(question) else ""


def can_write(question: models.MemberQuestion, side: str) -> bool:
    """Return whether a side may add a message.

    Once a question is forwarded, both sides may write, but the sender only while the member accepts questions. Before
    that, only the sender may write, to answer the secretariat.
    """
    match question.progress:
        case Progress.WAITING:
            return side == Side.SENDER and _is_awaiting_sender(question)
        case Progress.FORWARDED | Progress.ANSWERED:
            return side == Side.MEMBER or (side == Side.SENDER and can_receive_questions(question.to))
        case _:
            return False


def was_forwarded(question: models.MemberQuestion) -> bool:
    return question.handled_at is not None and not question.reason


def is_withdrawn(question: models.MemberQuestion) -> bool:
    """Return whether the sender closed the question before it was decided."""
    return question.progress == Progress.CLOSED and question.handled_at is None


def count_recent_questions(user: models.Account) -> int:
    """Return how many questions the account asked within the last 24 hours."""
    return models.MemberQuestion.objects.filter(by=user, at__gt=timezone.now() - timedelta(days=1)).count()


def count_recent_messages(question: models.MemberQuestion, side: str) -> int:
    """Return how many messages this side wrote in a conversation within the last 24 hours."""
    return question.lines.filter(side=side, at__gt=timezone.now() - timedelta(days=1)).count()


def deciding_network(by: models.Account, to: models.Person) -> models.Network | None:
    """Return the network whose secretariat decides: one shared with the sender, otherwise the member's first network.

    Return None if the member belongs to no network; the secretariat of the whole site then decides.
    """
    current_terms = term_filter(timezone.now().date())
    networks = [
        term.network for term in to.memberships.filter(current_terms).select_related("network").order_by("begins", "pk")
    ]
    sender = models.Person.objects.filter(account=by, erased_at__isnull=True).first()
    shared = set(sender.memberships.filter(current_terms).values_list("network_id", flat=True)) if sender else set()
    return next((network for network in networks if network.pk in shared), networks[0] if networks else None)


def deciding_accounts(question: models.MemberQuestion) -> QuerySet[models.Account]:
    """Return the accounts to notify of a pending question: those that may decide on it in a staff session."""
    networks = [question.network] if question.network else []
    return secretariat_accounts(networks, Claim.ANSWER_QUESTIONS).exclude(pk=question.by_id)


# --- Smaller functions ------------------------------------------------------------------------------------------------


def _question_queryset() -> QuerySet[models.MemberQuestion]:
    questions = models.MemberQuestion.objects.select_related("to__account", "network", "by__person")
    return questions.prefetch_related("lines")


def _network_condition(user: User) -> Q:
    """Return the condition for questions in the user's networks; a site-wide role covers all of them."""
    networks = models.Network.objects.all()
    claim = Claim.ANSWER_QUESTIONS
    condition = Q(network__in=[one.pk for one in networks if has_claim(user, claim, network_scope(one))])
    return condition | Q(network__isnull=True) if has_claim(user, claim, UNLIMITED_SCOPE) else condition


def _is_awaiting_sender(question: models.MemberQuestion) -> bool:
    return question.progress == Progress.WAITING and _last_side(question) == Side.SECRETARIAT


def _is_awaiting_member(question: models.MemberQuestion) -> bool:
    return question.progress in {Progress.FORWARDED, Progress.ANSWERED} and _last_side(question) == Side.SENDER


def _last_side(question: models.MemberQuestion) -> str:
    """Return the side that wrote the last message; "" if there is none."""
    messages = list(question.lines.all())
    return messages[-1].side if messages else ""


def _sender_name(user: User, question: models.MemberQuestion) -> str:
    return _sender_names(user, [question], f"ask {question.public_id}").get(question.by_id, "")


def _member_name(user: User, question: models.MemberQuestion) -> str:
    return _visible_names(user, [question.to], f"ask {question.public_id}").get(question.to_id, "")


def _sender_names(user: User, questions: Iterable[models.MemberQuestion], subject: str) -> dict[int, str]:
    """Return the senders' names by account ID, without those that this user may not see."""
    people = [question.by.person for question in questions if hasattr(question.by, "person")]
    names = _visible_names(user, people, subject)
    return {person.account_id: names[person.pk] for person in people if person.pk in names and person.account_id}


def _visible_names(user: User, people: Iterable[models.Person], subject: str) -> dict[int, str]:
    """Return, by person ID, the names that this user may see; access to non-public names is logged."""
    people_by_id = {person.pk: person for person in people}
    views = get_visible_people(user, people_by_id.values(), subject=subject, fields=(Field.NAME,))
    return {pk: view.name for pk, view in zip(people_by_id, views, strict=True) if view.name}
