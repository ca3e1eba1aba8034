"""Invitations, delegations, quotas and places as pages show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from samsvar.languages import best
from samsvar.meetings.meeting import Entry
from samsvar.meetings.registration import OPEN, Opening, QuotaKind, Standing, opening
from samsvar.network.people import Field
from samsvar.site.meetings import models
from samsvar.site.meetings.permissions import User, place_by_link
from samsvar.site.meetings.queries.letters import told_to_the_invited
from samsvar.site.network.letters import Written, write
from samsvar.site.network.permissions import Person, access_of
from samsvar.site.network.queries.participants import participants_for
from samsvar.site.network.queries.people import PersonView

A_PAGE = 50
FIELDS = (Field.NAME, Field.TITLE, Field.ORGANISATION, Field.EMAIL)
OF_ONESELF = (Field.NAME, Field.ORGANISATION)


PHOTOGRAPHS = ("yes", "no", "unsaid")


def photographs_of(row: models.Registration) -> str:
    """Whether somebody may be photographed, as one of `PHOTOGRAPHS`; of people at risk it is no, whatever they said."""
    if row.person is not None and row.person.at_risk:
        return "no"
    return {True: "yes", False: "no", None: "unsaid"}[row.photographs]


def photographs_among(rows: QuerySet[models.Registration]) -> dict[str, int]:
    """How many of these said yes, no or nothing to being photographed; people at risk count as no."""
    return {said: rows.filter(_photographed(said)).count() for said in PHOTOGRAPHS}


def _photographed(said: str) -> Q:
    """The same as a question to the database."""
    at_risk = Q(person__isnull=False, person__at_risk=True)
    match said:
        case "yes":
            return Q(photographs=True) & ~at_risk
        case "no":
            return Q(photographs=False) | at_risk
        case _:
            return Q(photographs__isnull=True) & ~at_risk


@dataclass(frozen=True, slots=True)
class Line:
    """One registration with the person as those who run the meeting may see them."""

    row: models.Registration
    view: PersonView | None
    state: str  # "" for people at risk
    in_line: int = 0  # 1 for the next
    instead_of: str = ""  # the name of whoever was named before

    @property
    def photographs(self) -> str:
        return photographs_of(self.row)

    @property
    def holds(self) -> bool:
        return Standing(self.row.standing).holds_a_place


@dataclass(frozen=True, slots=True)
class QuotaLine:
    """A quota, and how many wait who would fall under it."""

    quota: models.Quota
    free: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with what one person answered, in words."""

    question: models.Question
    said: str


@dataclass(frozen=True, slots=True)
class Own:
    """A registration as the person themselves sees it."""

    row: models.Registration
    meeting: models.Meeting
    name: str
    organisation: str
    in_line: int
    answers: tuple[Answered, ...]
    to_answer: tuple[models.Question, ...]
    may_change: bool
    is_over: bool


# --- By a link --------------------------------------------------------------------------------------------------------


def invitation_with(slug: str, token_hash: str) -> models.MeetingInvitation | None:
    """The invitation that a link leads to, also one that is not valid any more."""
    return (
        models.MeetingInvitation.objects.select_related("meeting", "meeting__state", "person", "delegation")
        .filter(token_hash=token_hash, meeting__public_id=slug)
        .first()
    )


def registration_with(slug: str, token_hash: str) -> models.Registration | None:
    return _registrations().filter(token_hash=token_hash, meeting__public_id=slug).first()


def registration_of_invitation(invitation: models.MeetingInvitation) -> models.Registration | None:
    return _registrations().filter(invitation=invitation).first()


def delegation_with(slug: str, token_hash: str) -> models.Delegation | None:
    return _delegations().filter(token_hash=token_hash, meeting__public_id=slug).first()


def open_invitations(now: datetime) -> Q:
    """Those that can still be answered."""
    return Q(answered_at__isnull=True, withdrawn_at__isnull=True, declined_at__isnull=True, expires_at__gt=now)


def is_open(invitation: models.MeetingInvitation) -> bool:
    """Whether the invitation itself can still be answered."""
    ended = invitation.withdrawn_at or invitation.declined_at
    return not ended and invitation.expires_at > timezone.now()


# --- One's own --------------------------------------------------------------------------------------------------------


def own_registration(user: User, meeting: models.Meeting) -> models.Registration | None:
    """One's registration with an account: the open one, else the last; by a link, that link's."""
    place = place_by_link(user, meeting)
    if place is not None:
        return _registrations().filter(pk=place.pk).first()
    person = access_of(user).person
    if person is None:
        return None
    mine = _registrations().filter(meeting=meeting, person=person)
    return mine.filter(standing__in=OPEN).first() or mine.order_by("-at", "-pk").first()


def own_page(row: models.Registration, language: str) -> Own:
    meeting = row.meeting
    views = participants_for(None, [row.person] if row.person else [], subject="", fields=OF_ONESELF)
    view = views.get(row.person_id) if row.person_id is not None else None
    late = meeting.changes_until is not None and meeting.changes_until <= timezone.now()
    over = Standing(row.standing).is_over
    return Own(
        row,
        meeting,
        view.name if view else "",
        view.organisation.shown if view and view.organisation else "",
        place_in_line(row),
        answers_of(row, language),
        tuple(still_to_answer(meeting, [row.pk]).get(row.pk, ())),
        not late and not over and meeting.cancelled_at is None,
        over,
    )


def known_name(invitation: models.MeetingInvitation | None, user: User) -> str:
    """The name of whoever registers: of their own entry, else as a head of delegation wrote it; "" where none is.

    Asked so that nobody types what their entry says; no page shows it.
    """
    own = access_of(user).person if user is not None else None
    named = invitation.person_id if invitation is not None and (user is None or invitation.delegation_id) else None
    rows = Person.objects.filter(details__field=Field.NAME, pk__in=[one for one in (own, named) if one is not None])
    names = dict(rows.values_list("pk", "details__value"))
    return str(names.get(own or 0) or names.get(named or 0) or "")


def writes_own_name(person: Person | None) -> bool:
    """Whether somebody's name is written at the meeting: they have no account and no entry of their own."""
    return person is not None and person.account_id is None and not person.memberships.exists()


def is_hidden(invitation: models.MeetingInvitation | None, user: User) -> bool:
    """Whether whoever registers is hidden for their safety already."""
    if user is not None:
        key = access_of(user).person
        return key is not None and Person.objects.filter(pk=key, at_risk=True).exists()
    return invitation is not None and invitation.person is not None and invitation.person.at_risk


def place_in_line(row: models.Registration) -> int:
    """How many wait before somebody, with themselves; 0 for whoever does not wait."""
    if row.standing != Standing.WAITING:
        return 0
    return models.Registration.objects.filter(
        meeting=row.meeting_id, standing=Standing.WAITING, waiting_number__lte=row.waiting_number
    ).count()


def may_register(user: User, meeting: models.Meeting) -> bool:
    """Whether this account registers without an invitation."""
    access = access_of(user)
    if not access.signed_in or not registration_is_open(meeting):
        return False
    return meeting.entry == Entry.OPEN or (meeting.entry == Entry.MEMBERS and meeting.network_id in access.networks)


def registration_is_open(meeting: models.Meeting, now: datetime | None = None) -> bool:
    return opening_of(meeting, now) is Opening.OPEN


def opening_of(meeting: models.Meeting, now: datetime | None = None) -> Opening:
    """Whether registration for a meeting is open now, and if not, why."""
    return opening(
        opens=meeting.opens_at,
        closes=meeting.closes_at,
        ends=end_of(meeting),
        cancelled=meeting.cancelled_at is not None,
        now=now or timezone.now(),
    )


def is_over(meeting: models.Meeting, now: datetime | None = None) -> bool:
    return end_of(meeting) <= (now or timezone.now())


def end_of(meeting: models.Meeting) -> datetime:
    """The moment at which a meeting's last day is over, in its own zone."""
    return datetime.combine(meeting.ends + timedelta(days=1), time(0), tzinfo=ZoneInfo(meeting.zone))


def questions_for(meeting: models.Meeting, category: str, *, confirmed: bool = False) -> list[models.Question]:
    """The questions that are asked of a category, in their order; some only of whoever has a place."""
    return [
        one
        for one in meeting.questions.all()
        if (not one.of or category in one.of) and (confirmed or not one.after_confirmation)
    ]


def still_to_answer(meeting: models.Meeting, among: Iterable[int] | None = None) -> dict[int, list[models.Question]]:
    """Of each who has a place the questions that wait for an answer: those that need one, and all that come later.

    Whoever was registered by a table, at the door or before a question was added was never asked.
    """
    today = timezone.now().date()
    asked = [one for one in meeting.questions.all() if one.required or one.after_confirmation]
    asked = [one for one in asked if one.delete_on > today]
    if not asked:
        return {}
    rows = meeting.registrations.filter(standing=Standing.CONFIRMED, person__isnull=False)
    if among is not None:
        rows = rows.filter(pk__in=among)
    given = set(models.Answer.objects.filter(registration__in=rows).values_list("registration", "question"))
    found = {
        pk: [one for one in asked if (not one.of or category in one.of) and (pk, one.pk) not in given]
        for pk, category in rows.order_by("pk").values_list("pk", "category")
    }
    return {pk: questions for pk, questions in found.items() if questions}


def asked_by(meeting: models.Meeting) -> list[models.Question]:
    """Every question of a meeting in its order, with how many have answered it."""
    return list(meeting.questions.annotate(answered=Count("answers")))


def counts_countries(meeting: models.Meeting) -> bool:
    return meeting.quotas.filter(kind=QuotaKind.COUNTRY).exists()


def answers_of(row: models.Registration, language: str) -> tuple[Answered, ...]:
    return tuple(
        Answered(one.question, in_words(one.question, one.value, language))
        for one in row.answers.select_related("question", "question__meeting").order_by("question__order", "question")
    )


def in_words(question: models.Question, value: Any, language: str) -> str:
    """An answer as its reader's language has it."""
    from django.utils.translation import gettext

    from samsvar.site.network.words import language_name

    if question.kind == models.Question.Kind.YES_NO:
        return gettext("yes") if value else gettext("no")
    if question.kind == models.Question.Kind.LANGUAGE:
        return str(language_name(str(value)))
    words = {one["key"]: one["text"].get(language) or next(iter(one["text"].values()), "") for one in question.options}
    if question.kind == models.Question.Kind.CHOICES:
        return ", ".join(str(words.get(one, one)) for one in value)
    return str(words.get(str(value), value))


def organisations() -> QuerySet[Any]:
    """The bodies that somebody can say they come from."""
    table: Any = models.Delegation._meta.get_field("organisation").related_model
    found: QuerySet[Any] = table.objects.only("public_id", "name").order_by("name")
    return found


# --- Delegations ------------------------------------------------------------------------------------------------------


def delegation_by(meeting: models.Meeting, public_id: str) -> models.Delegation | None:
    return _delegations().filter(meeting=meeting, public_id=public_id).first()


def delegation_lines(delegation: models.Delegation) -> list[Line]:
    """Whom the head has named, and how each stands: the head wrote the names down and sees them again."""
    lines = _lines(None, delegation.registrations.order_by("pk"), subject=f"delegation {delegation.public_id}")
    names = {line.row.pk: line.view.name if line.view is not None else "" for line in lines}
    return [replace(line, instead_of=names.get(line.row.replaces_id or 0, "")) for line in lines]


def delegations_of(meeting: models.Meeting) -> list[models.Delegation]:
    held = Q(registrations__standing__in=[one.value for one in Standing if one.holds_a_place])
    confirmed = Q(registrations__standing=Standing.CONFIRMED)
    return list(
        _delegations()
        .filter(meeting=meeting)
        .annotate(
            held=Count("registrations", filter=held, distinct=True),
            confirmed=Count("registrations", filter=confirmed, distinct=True),
        )
    )


# --- For the organiser ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListPage:
    """The organiser's list: a page of it, what it can be narrowed to, and how each quota stands."""

    lines: tuple[Line, ...]
    pages: Page
    counts: Mapping[str, int]  # by standing, of all
    quotas: tuple[QuotaLine, ...]
    opening: Opening
    photographs: Mapping[str, int]  # of those with a place: how many may, may not, have not said


def registrations_page(user: User, meeting: models.Meeting, wanted: Mapping[str, str], page: str | None) -> ListPage:
    """A page of the registrations narrowed as asked, in the order of the line where they wait, else the last first."""
    rows = narrowed(meeting, wanted)
    order = ("waiting_number",) if wanted.get("standing") == Standing.WAITING else ("-at", "-pk")
    pages = Paginator(rows.order_by(*order), A_PAGE).get_page(page)
    lines = _lines(user, pages.object_list, subject=f"meeting {meeting.public_id}")
    counted = dict(meeting.registrations.values_list("standing").annotate(n=Count("pk")).order_by())
    confirmed = meeting.registrations.filter(standing=Standing.CONFIRMED)
    photographs = photographs_among(confirmed)
    return ListPage(tuple(lines), pages, counted, tuple(quota_lines(meeting)), opening_of(meeting), photographs)


def narrowed(meeting: models.Meeting, wanted: Mapping[str, str]) -> QuerySet[models.Registration]:
    """By standing, country, group, category, delegation and open answers; people at risk by no country."""
    rows = meeting.registrations.all()
    for name in ("standing", "group", "category"):
        if wanted.get(name):
            rows = rows.filter(**{name: wanted[name]})
    if wanted.get("photographs") in PHOTOGRAPHS:
        rows = rows.filter(_photographed(wanted["photographs"]))
    if wanted.get("country"):
        rows = rows.filter(state=wanted["country"]).exclude(person__at_risk=True)
    if wanted.get("delegation"):
        rows = rows.filter(delegation__public_id=wanted["delegation"]).exclude(person__at_risk=True)
    if wanted.get("answers"):
        rows = rows.filter(pk__in=still_to_answer(meeting))
    return rows


def at_risk_in(meeting: models.Meeting) -> int:
    """How many people at risk are registered; who they are is no question of a list."""
    return meeting.registrations.filter(person__at_risk=True).values("person").distinct().count()


def quota_lines(meeting: models.Meeting) -> list[QuotaLine]:
    waiting = list(meeting.registrations.filter(standing=Standing.WAITING).values_list("state", "group", "category"))
    by = {
        QuotaKind.WHOLE: Counter({"": len(waiting)}),
        QuotaKind.COUNTRY: Counter(one[0] or "" for one in waiting),
        QuotaKind.GROUP: Counter(one[1] for one in waiting),
        QuotaKind.CATEGORY: Counter(one[2] for one in waiting),
    }
    return [
        QuotaLine(quota, quota.places - quota.taken, by[QuotaKind(quota.kind)][quota.key])
        for quota in meeting.quotas.order_by("-kind", "key")
    ]


def registration_by(meeting: models.Meeting, public_id: str) -> models.Registration | None:
    return _registrations().filter(meeting=meeting, public_id=public_id).first()


def registration_line(user: User, row: models.Registration) -> Line:
    (line,) = _lines(user, models.Registration.objects.filter(pk=row.pk), subject=f"registration {row.public_id}")
    return line


def letters_before(
    meeting: models.Meeting, kind: str, languages: Iterable[str], host: str
) -> list[tuple[str, Written]]:
    """What a letter says in each language, before anybody gets it; its link and its day are left open."""
    original = (meeting.languages or ["en"])[0]
    return [
        (
            code,
            write(
                kind,
                language=code,
                host=host,
                context={
                    "meeting": best(meeting.title, code, original)[1],
                    "until": "…",
                    "page_url": f"https://{host}/…",
                    **told_to_the_invited(meeting, code),
                },
            ),
        )
        for code in languages
    ]


def invitations_page(meeting: models.Meeting, page: str | None) -> Page:
    rows = meeting.invitations.filter(invited_by__isnull=False).select_related("registration", "person")
    rows = rows.order_by("-at", "-pk")
    return Paginator(rows, A_PAGE).get_page(page)


WRITTEN = frozenset({models.Question.Kind.TEXT.value, models.Question.Kind.LONG_TEXT.value})


@dataclass(frozen=True, slots=True)
class Summed:
    """A question with how often each answer was given by those who have a place. Nobody's name is in it."""

    question: models.Question
    counts: tuple[tuple[str, int], ...]
    of: int  # how many answered
    written: bool = False  # in their own words, which can tell who wrote them: counted, and read on each registration


def summary(meeting: models.Meeting, language: str) -> list[Summed]:
    found: dict[int, Counter[str]] = {}
    questions = {one.pk: one for one in meeting.questions.all()}
    of: Counter[int] = Counter()
    rows = models.Answer.objects.filter(question__in=questions, registration__standing=Standing.CONFIRMED)
    for key, value in rows.values_list("question", "value"):
        of[key] += 1
        if questions[key].kind in WRITTEN:
            continue
        for one in value if isinstance(value, list) else [value]:
            found.setdefault(key, Counter())[
                in_words(questions[key], [one] if isinstance(value, list) else one, language)
            ] += 1
    return [
        Summed(
            question,
            tuple(sorted(found.get(key, Counter()).items(), key=lambda one: (-one[1], one[0]))),
            of[key],
            question.kind in WRITTEN,
        )
        for key, question in questions.items()
    ]


# --- Steps ------------------------------------------------------------------------------------------------------------


def _registrations() -> QuerySet[models.Registration]:
    return models.Registration.objects.select_related(
        "meeting", "meeting__state", "person", "person__account", "invitation", "delegation", "delegation__organisation"
    )


def _delegations() -> QuerySet[models.Delegation]:
    return models.Delegation.objects.select_related("meeting", "meeting__state", "organisation", "state")


def _lines(user: User | None, rows: Any, *, subject: str) -> list[Line]:
    found = list(rows.select_related("person", "delegation", "delegation__organisation"))
    views = participants_for(user, [row.person for row in found if row.person], subject=subject, fields=FIELDS)
    lines = []
    for row in found:
        view = views.get(row.person_id) if row.person_id is not None else None
        hidden = row.person is not None and row.person.at_risk
        lines.append(Line(row, view, "" if hidden else row.state_id or "", place_in_line(row) if user else 0))
    return lines
