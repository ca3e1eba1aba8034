"""Questions through the secretariat, as each side may see them: the asker, the member, and who decides.

Nobody sees a whole question by knowing its address: each function here answers for one side and is None for all others.
A question that the secretariat has not forwarded does not exist for the member, and what the two write to each other
after that is theirs: the secretariat sees what it decided on and no more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from samsvar.network.consent import Purpose
from samsvar.network.people import Field
from samsvar.network.rights import ANYTHING, Claim
from samsvar.site.network import models
from samsvar.site.network.access.permissions import User, holds, holds_in_any, in_force, network_scope, on_day
from samsvar.site.network.access.queries import secretariats
from samsvar.site.network.directory.queries.people import details_for

ASKS_A_DAY = 10  # of one account; who needs more speaks to the secretariat itself
LINES_A_DAY = 20  # of one side of one exchange
LONGEST_TEXT = 4_000  # characters, some 600 words

Progress = models.Ask.Progress
Side = models.AskLine.Side

# Handled by the secretariat and not refused by it, whatever became of it since. Only these exist for the member.
FORWARDED = Q(handled_at__isnull=False, reason="")


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody whom this user may find in the directory, by the name that it shows them."""

    person: models.Person
    name: str
    takes_questions: bool


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question as one side sees it; a name is "" where that side may not see it."""

    ask: models.Ask
    side: str  # whose view this is
    asker: str
    member: str
    lines: tuple[models.AskLine, ...]
    may_write: bool = False
    asked_back: bool = False  # the secretariat waits for the asker
    member_stopped: bool = False  # takes no questions any more; so the asker cannot go on
    too_late: bool = False  # the secretariat cannot forward it any more

    @property
    def is_open(self) -> bool:
        return self.ask.progress in {Progress.WAITING, Progress.FORWARDED, Progress.ANSWERED}

    @property
    def was_forwarded(self) -> bool:
        return was_forwarded(self.ask)

    @property
    def taken_back(self) -> bool:
        return taken_back(self.ask)


@dataclass(frozen=True, slots=True)
class Line:
    """One question in a list."""

    ask: models.Ask
    other: str  # name of the other side, or ""
    waits_for_me: bool


@dataclass(frozen=True, slots=True)
class MyAsks:
    """What an account asked, and what it was asked as a member."""

    made: tuple[Line, ...]
    received: tuple[Line, ...]
    is_member: bool  # there is an entry, so that questions may come
    takes_questions: bool


def member_to_ask(user: User, public_id: str) -> Member | None:
    """Whom this user may ask; None alike for nobody, for somebody hidden or at risk, and for the user's own entry."""
    person = models.Person.objects.filter(public_id=public_id, erased_at__isnull=True, at_risk=False).first()
    if person is None or person.account_id == user.pk or not may_ask(user, person):
        return None
    name = _names(user, [person], f"question to person {public_id}").get(person.pk, "")
    return Member(person, name, takes_questions(person)) if name else None


def may_ask(user: User, person: models.Person) -> bool:
    """Whether this user may ask this person: by a role, and refused in none of the networks that they are of."""
    return holds_in_any(user, Claim.ASK, person.memberships.values_list("network__slug", flat=True).distinct())


def takes_questions(person: models.Person) -> bool:
    """Whether questions may reach somebody now: there is a basis for it, and an account that reads them."""
    now = timezone.now()
    account = person.account
    return (
        account is not None
        and account.is_active
        and person.erased_at is None
        and not person.at_risk
        and person.bases.filter(in_force(now), purpose=Purpose.CONTACT).exists()
    )


def my_asks(user: User) -> MyAsks:
    """Both lists, newest first."""
    own = models.Person.objects.filter(account=user, erased_at__isnull=True).first()
    made = list(_asks().filter(by=user))
    received = list(_asks().filter(FORWARDED, to__account=user))
    names = _names(user, [ask.to for ask in made], "own questions")
    askers = _asker_names(user, received, "own questions")
    return MyAsks(
        made=tuple(
            Line(ask, names.get(ask.to_id, ""), ask.progress == Progress.WAITING and _asked_back(ask)) for ask in made
        ),
        received=tuple(Line(ask, askers.get(ask.by_id, ""), _waits_for_member(ask)) for ask in received),
        is_member=own is not None,
        takes_questions=own is not None and takes_questions(own),
    )


def exchange_of(user: User, public_id: str) -> Exchange | None:
    """A question as its asker or member sees it; None for all others, and for the member before it is forwarded."""
    ask = _asks().filter(Q(by=user) | (FORWARDED & Q(to__account=user)), public_id=public_id).first()
    if ask is None:
        return None
    side = side_of(user, ask)
    return Exchange(
        ask=ask,
        side=side,
        asker="" if side == Side.ASKER else _asker_names(user, [ask], f"ask {public_id}").get(ask.by_id, ""),
        member="" if side == Side.MEMBER else _names(user, [ask.to], f"ask {public_id}").get(ask.to_id, ""),
        lines=tuple(ask.lines.all()),
        may_write=may_write(ask, side) and (side == Side.MEMBER or may_ask(user, ask.to)),
        asked_back=ask.progress == Progress.WAITING and _asked_back(ask),
        member_stopped=was_forwarded(ask) and not takes_questions(ask.to),
    )


def asks_to_decide(user: User) -> tuple[Line, ...]:
    """Questions to members of this user's networks that wait for the secretariat, the longest waiting first."""
    waiting = list(_asks().filter(_within(user), progress=Progress.WAITING).exclude(by=user).order_by("at", "pk"))
    names = _names(user, [ask.to for ask in waiting], "questions that wait")
    return tuple(Line(ask, names.get(ask.to_id, ""), not _asked_back(ask)) for ask in waiting)


def asks_decided(user: User) -> QuerySet[models.Ask]:
    """What was decided lately in this user's networks: when and how, and not what has been written since."""
    return _asks().filter(_within(user), handled_at__isnull=False).exclude(by=user).order_by("-handled_at", "-pk")[:20]


def ask_to_decide(user: User, public_id: str) -> Exchange | None:
    """A question as the secretariat sees it: what it decided on. None for other networks' and for the user's own."""
    ask = _asks().filter(_within(user), public_id=public_id).exclude(by=user).first()
    if ask is None:
        return None
    seen = ask.lines.filter(at__lte=ask.handled_at) if ask.handled_at else ask.lines.all()
    if taken_back(ask):
        seen = ask.lines.none()  # it is the asker's alone again
    return Exchange(
        ask=ask,
        side=Side.SECRETARIAT,
        asker=_asker_names(user, [ask], f"ask {public_id}").get(ask.by_id, ""),
        member=_names(user, [ask.to], f"ask {public_id}").get(ask.to_id, ""),
        lines=tuple(seen),
        asked_back=ask.progress == Progress.WAITING and _asked_back(ask),
        too_late=not takes_questions(ask.to),
    )


# --- What actions ask too ---------------------------------------------------------------------------------------------


def may_decide(user: User, ask: models.Ask) -> bool:
    """Whether this user decides on a question now; nobody decides on their own."""
    return ask.by_id != user.pk and holds(user, Claim.ANSWER_ASKS, network_scope(ask.network))


def side_of(user: User, ask: models.Ask) -> str:
    """ASKER or MEMBER; "" for everybody else, and for a member whom nobody forwarded the question to."""
    if ask.by_id == user.pk:
        return Side.ASKER
    return Side.MEMBER if user.pk is not None and ask.to.account_id == user.pk and was_forwarded(ask) else ""


def may_write(ask: models.Ask, side: str) -> bool:
    """Whether a side may add a line: the member to what reached them; the asker too, and where they were asked back."""
    match ask.progress:
        case Progress.WAITING:
            return side == Side.ASKER and _asked_back(ask)
        case Progress.FORWARDED | Progress.ANSWERED:
            return side == Side.MEMBER or (side == Side.ASKER and takes_questions(ask.to))
        case _:
            return False


def was_forwarded(ask: models.Ask) -> bool:
    return ask.handled_at is not None and not ask.reason


def taken_back(ask: models.Ask) -> bool:
    """Whether the asker ended it before anybody decided."""
    return ask.progress == Progress.CLOSED and ask.handled_at is None


def asked_lately(user: models.Account) -> int:
    """How many questions an account asked within the last 24 hours."""
    return models.Ask.objects.filter(by=user, at__gt=timezone.now() - timedelta(days=1)).count()


def written_lately(ask: models.Ask, side: str) -> int:
    """How many lines a side of an exchange wrote within the last 24 hours."""
    return ask.lines.filter(side=side, at__gt=timezone.now() - timedelta(days=1)).count()


def network_to_decide(by: models.Account, to: models.Person) -> models.Network | None:
    """Whose secretariat decides: of a network that both belong to, else the member's first; None: the site's own."""
    held = on_day(timezone.now().date())
    theirs = [term.network for term in to.memberships.filter(held).select_related("network").order_by("begins", "pk")]
    asker = models.Person.objects.filter(account=by, erased_at__isnull=True).first()
    shared = set(asker.memberships.filter(held).values_list("network_id", flat=True)) if asker else set()
    return next((network for network in theirs if network.pk in shared), theirs[0] if theirs else None)


def deciders(ask: models.Ask) -> QuerySet[models.Account]:
    """The accounts that may decide on a question once they open a staff session: those told that it waits."""
    networks = [ask.network] if ask.network else []
    return secretariats(networks, Claim.ANSWER_ASKS).exclude(pk=ask.by_id)


# --- Smaller ----------------------------------------------------------------------------------------------------------


def _asks() -> QuerySet[models.Ask]:
    return models.Ask.objects.select_related("to__account", "network", "by__person").prefetch_related("lines")


def _within(user: User) -> Q:
    """Questions whose network is one that this user answers for; those of no network for a secretariat of the site."""
    held = [
        network.pk for network in models.Network.objects.all() if holds(user, Claim.ANSWER_ASKS, network_scope(network))
    ]
    within = Q(network__in=held)
    return within | Q(network__isnull=True) if holds(user, Claim.ANSWER_ASKS, ANYTHING) else within


def _asked_back(ask: models.Ask) -> bool:
    lines = list(ask.lines.all())
    return bool(lines) and lines[-1].side == Side.SECRETARIAT


def _waits_for_member(ask: models.Ask) -> bool:
    lines = list(ask.lines.all())
    return ask.progress in {Progress.FORWARDED, Progress.ANSWERED} and bool(lines) and lines[-1].side == Side.ASKER


def _asker_names(user: User, asks: Iterable[models.Ask], subject: str) -> dict[int, str]:
    """Names of those who ask, by account, as far as their own entries show them to this user."""
    people = [ask.by.person for ask in asks if hasattr(ask.by, "person")]
    names = _names(user, people, subject)
    return {person.account_id: names[person.pk] for person in people if person.pk in names and person.account_id}


def _names(user: User, people: Iterable[models.Person], subject: str) -> dict[int, str]:
    """The names that this user may see of these people, by their keys; the door writes down what is not public."""
    wanted = {person.pk: person for person in people}
    views = details_for(user, wanted.values(), subject=subject, fields=(Field.NAME,))
    return {pk: view.name for pk, view in zip(wanted, views, strict=True) if view.name}
