"""What came of meetings: outcomes of a session, the register of commitments, and how it stands with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from django.db.models import Count, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from samsvar.dates import PartialDate, partial_date
from samsvar.ids import secret_hash
from samsvar.languages import best
from samsvar.meetings.meeting import Access
from samsvar.meetings.outcomes import Keeping, Kept, OutcomeKind, OutcomeState, SaidAs, how_kept, is_overdue
from samsvar.meetings.registration import Standing
from samsvar.network.people import Field
from samsvar.network.rights import Answer, Claim, Scope
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User, can_help, can_manage, meetings_for, sees
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.access.permissions import Person, access_of
from samsvar.site.network.directory.queries.participants import participants_for
from samsvar.site.network.directory.queries.people import PersonView
from samsvar.territories import name_of

HOLDS = timedelta(days=90)  # of a digest's link: until well before the next one


@dataclass(frozen=True, slots=True)
class CommitmentView:
    """One commitment as a reader sees it."""

    outcome: models.Outcome
    commitment: models.Commitment
    due: PartialDate | None
    overdue: bool
    progress: tuple[models.Progress, ...] = ()

    @property
    def keeping(self) -> Keeping:
        return Keeping(self.commitment.keeping)


@dataclass(frozen=True, slots=True)
class CameOfIt:
    """What came of one meeting, as one reader may see it."""

    decisions: tuple[models.Outcome, ...]
    questions: tuple[models.Outcome, ...]
    practices: tuple[models.Outcome, ...]
    commitments: tuple[CommitmentView, ...]
    kept: Kept
    earlier: tuple[CommitmentView, ...] = ()  # still open, of earlier meetings of the same network

    @property
    def anything(self) -> bool:
        return bool(self.decisions or self.questions or self.practices or self.commitments)


@dataclass(frozen=True, slots=True)
class Register:
    """The register of commitments, filtered, with how it stands with all that are shown."""

    commitments: tuple[CommitmentView, ...]
    kept: Kept
    states: tuple[str, ...]
    articles: tuple[str, ...]
    state: str
    article: str
    keeping: str
    overdue: bool
    mine: bool = False
    any_mine: bool = False  # whether the reader answers for one, and may ask for these alone


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """What is recorded of one session, for whoever records, and for the screen."""

    session: models.Session
    outcomes: tuple[models.Outcome, ...]
    may_correct: bool

    @property
    def closed(self) -> bool:
        return self.session.outcomes_closed_at is not None


def came_of(user: User, meeting: models.Meeting, day: date) -> CameOfIt:
    """Confirmed outcomes of a meeting that this user may read."""
    outcomes = list(
        readable(user, meeting)
        .select_related("session", "meeting", "commitment__organisation", "commitment")
        .prefetch_related(corrections())
    )
    promised = [one for one in outcomes if one.kind == OutcomeKind.COMMITMENT]
    views = views_of(promised, day)
    return CameOfIt(
        decisions=tuple(one for one in outcomes if one.kind == OutcomeKind.DECISION),
        questions=tuple(one for one in outcomes if one.kind == OutcomeKind.QUESTION),
        practices=tuple(one for one in outcomes if one.kind == OutcomeKind.PRACTICE),
        commitments=views,
        kept=_kept(views, day),
        earlier=open_of_earlier(meeting, day),
    )


def corrections() -> Prefetch:
    """What was corrected after a record was closed, as `outcome.corrections`: whoever reads an outcome reads these."""
    return Prefetch("changes", models.OutcomeChange.objects.filter(after_closing=True), to_attr="corrections")


def readable(user: User, meeting: models.Meeting) -> QuerySet[models.Outcome]:
    """What those present have confirmed, of the levels that this user has."""
    return models.Outcome.objects.filter(
        meeting=meeting, state=OutcomeState.CONFIRMED, access__in=[str(one) for one in sees(user, meeting)]
    )


def open_of_earlier(meeting: models.Meeting, day: date) -> tuple[CommitmentView, ...]:
    """Public commitments of earlier meetings of the same network that are not over: what to ask about next."""
    if meeting.network_id is None:
        return ()
    outcomes = (
        models.Outcome.objects.filter(
            meeting__network=meeting.network_id,
            meeting__ends__lt=meeting.begins,
            meeting__access=Access.PUBLIC,
            kind=OutcomeKind.COMMITMENT,
            state=OutcomeState.CONFIRMED,
            access=Access.PUBLIC,
        )
        .exclude(commitment__keeping__in=[one for one in Keeping if one.is_over])
        .select_related("meeting", "session", "commitment__organisation")
        .order_by("commitment__due", "pk")
    )
    return views_of(outcomes, day, progress=False)


def register(
    user: User,
    day: date,
    *,
    state: str = "",
    article: str = "",
    keeping: str = "",
    overdue: bool = False,
    mine: bool = False,
) -> Register:
    """Every commitment that everybody may read, of all public meetings, and more for those who see more.

    Who answers for a commitment finds it here whoever else may read it: who spoke for it, and the desk of the state.
    """
    seen = meetings_for(user)
    public = Q(access=Access.PUBLIC)
    access = access_of(user)
    if access.signed_in:
        public |= Q(access=Access.SIGNED_IN)
    outcomes = (
        models.Outcome.objects.filter(
            Q(public, meeting__in=seen.values("pk")) | _answered_by(user),
            kind=OutcomeKind.COMMITMENT,
            state=OutcomeState.CONFIRMED,
        )
        .select_related("meeting", "session", "commitment__organisation")
        .prefetch_related(corrections())
        .order_by("-meeting__begins", "pk")
    )
    everything = views_of(outcomes, day)
    theirs = {one.outcome.pk for one in everything if access.signed_in and speaks_for(user, one.commitment)}
    shown = tuple(
        one
        for one in everything
        if (not state or one.commitment.state_id == state)
        and (not article or one.outcome.article == article)
        and (not keeping or one.commitment.keeping == keeping)
        and (not overdue or one.overdue)
        and (not mine or one.outcome.pk in theirs)
    )
    return Register(
        commitments=shown,
        kept=_kept(shown, day),
        states=tuple(sorted({one.commitment.state_id for one in everything if one.commitment.state_id})),
        articles=tuple(sorted({one.outcome.article for one in everything if one.outcome.article}, key=_number)),
        state=state,
        article=article,
        keeping=keeping,
        overdue=overdue,
        mine=mine,
        any_mine=bool(theirs),
    )


def _answered_by(user: User) -> Q:
    """The commitments that somebody says how they go: as who spoke for them, or at the desk of the state."""
    access = access_of(user)
    desks = {grant.scope.state for grant in access.grants if grant.holds_at(access.moment) and grant.scope.state}
    desks = {one for one in desks if access.answer(Claim.MANAGE_COUNTRY, Scope(state=one)) is Answer.YES}
    theirs = Q(commitment__state__in=desks)
    return theirs if access.person is None else theirs | Q(commitment__person=access.person)


def record_of(user: User, meeting: models.Meeting, public_id: str) -> SessionRecord | None:
    """What is recorded of a session, for those who record; None for everybody else."""
    if not can_help(user, meeting, models.Duty.Kind.RECORD):
        return None
    session = meeting.sessions.filter(public_id=public_id).first()
    if session is None:
        return None
    outcomes = session.outcomes.select_related("commitment__organisation", "meeting").prefetch_related("changes")
    return SessionRecord(session, tuple(outcomes.order_by("pk")), may_correct=can_manage(user, meeting))


def commitment_of(user: User, public_id: str) -> CommitmentView | None:
    """One commitment with its history, where this user may read it."""
    outcome = (
        models.Outcome.objects.filter(public_id=public_id, kind=OutcomeKind.COMMITMENT, state=OutcomeState.CONFIRMED)
        .select_related("meeting__inside", "session", "commitment__organisation")
        .prefetch_related(corrections())
        .first()
    )
    if outcome is None:
        return None
    if not (
        (
            meetings_for(user).filter(pk=outcome.meeting_id).exists()
            and Access(outcome.access) in sees(user, outcome.meeting)
        )
        or speaks_for(user, outcome.commitment)
    ):
        return None
    return views_of([outcome], timezone.now().date())[0]


def sessions_to_record(meeting: models.Meeting) -> QuerySet[models.Session]:
    """The sessions of a meeting with how many outcomes stand recorded of each."""
    stands = ~Q(outcomes__state=OutcomeState.STRUCK)
    return (
        meeting.sessions.exclude(kind__in=("break", "social"))
        .annotate(recorded=Count("outcomes", filter=stands))
        .select_related("room")
        .order_by("starts", "pk")
    )


def outcome_by(meeting: models.Meeting, public_id: str) -> models.Outcome | None:
    return (
        models.Outcome.objects.filter(meeting=meeting, public_id=public_id)
        .select_related("meeting__inside", "session", "commitment__person")
        .first()
    )


def who_can_be_asked(user: User, meeting: models.Meeting) -> dict[str, tuple[Person, str]]:
    """Those with a place at a meeting or a part in its programme, with what they are called, by public id.

    For whoever runs the meeting: their names go into the trail as a sight.
    """
    people = Person.objects.filter(
        Q(registrations__meeting=meeting, registrations__standing=Standing.CONFIRMED)
        | Q(pk__in=models.Appearance.objects.filter(session__meeting=meeting, person__isnull=False).values("person")),
        erased_at__isnull=True,
    ).distinct()
    rows = list(people.order_by("pk"))
    told = participants_for(user, rows, subject=f"meeting {meeting.public_id}", fields=(Field.NAME, Field.ORGANISATION))
    named = {one.public_id: (one, _called(told[one.pk])) for one in rows if told[one.pk].name}
    return dict(sorted(named.items(), key=lambda item: item[1][1].casefold()))


def _called(view: PersonView) -> str:
    body = view.organisation
    return f"{view.name}, {body.shown}" if body else view.name


def states_of(meeting: models.Meeting) -> frozenset[str]:
    """The states whose people are at a meeting: of its countries, its delegations and those with a place."""
    found = set(meeting.states.values_list("state_id", flat=True))
    found |= set(meeting.delegations.values_list("state_id", flat=True))
    found |= set(meeting.registrations.filter(standing=Standing.CONFIRMED).values_list("state_id", flat=True))
    return frozenset(one for one in found if one)


def is_finding(public_id: str) -> bool:
    return Finding.objects.filter(public_id=public_id).exists()


def said_of(outcome: models.Outcome) -> dict[str, Any]:
    """What an outcome says now, for the form that corrects it."""
    said: dict[str, Any] = {"text": outcome.text, "article": outcome.article, "finding": outcome.finding}
    if outcome.kind == OutcomeKind.COMMITMENT:
        commitment = outcome.commitment
        body = commitment.organisation
        said |= {
            "state": commitment.state_id or "",
            "organisation": body.public_id if body else "",
            "due": commitment.due,
        }
    return said


COLUMNS = (
    "id", "address", "meeting", "meeting_title", "session", "promised_on", "text", "language", "state", "state_name",
    "organisation", "organisation_name", "article", "finding", "due", "keeping", "overdue", "last_said", "last_said_as",
    "last_words", "evidence", "corrected",
)  # fmt: skip


def rows_of(page: Register, language: str, site: str) -> list[dict[str, Any]]:
    """The register as plain rows: what its reader may read, and no person in it; names in `language`."""
    return [
        {
            "id": one.outcome.public_id,
            "address": urljoin(site, reverse("meetings:commitment", args=[one.outcome.public_id])),
            "meeting": one.outcome.meeting.public_id,
            "meeting_title": _in(language, one.outcome.meeting.title, one.outcome.meeting),
            "session": _in(language, one.outcome.session.title, one.outcome.meeting) if one.outcome.session else "",
            "promised_on": _promised_on(one.outcome),
            "text": one.outcome.text,
            "language": one.outcome.language,
            "state": one.commitment.state_id or "",
            "state_name": name_of(one.commitment.state_id, language) if one.commitment.state_id else "",
            "organisation": one.commitment.organisation.public_id if one.commitment.organisation else "",
            "organisation_name": one.commitment.organisation.name if one.commitment.organisation else "",
            "article": one.outcome.article,
            "finding": one.outcome.finding,
            "due": one.commitment.due,
            "keeping": one.commitment.keeping,
            "overdue": "yes" if one.overdue else "no",
            "last_said": one.progress[-1].at.date().isoformat() if one.progress else "",
            "last_said_as": one.progress[-1].said_as if one.progress else "",
            "last_words": one.progress[-1].text if one.progress else "",
            "evidence": next((said.evidence for said in reversed(one.progress) if said.evidence), ""),
            "corrected": "yes" if one.outcome.corrections else "no",  # type: ignore[attr-defined]
        }
        for one in page.commitments
    ]


def _in(language: str, texts: dict[str, str], meeting: models.Meeting) -> str:
    return best(texts, language, str((meeting.languages or [""])[0]))[1]


def _promised_on(outcome: models.Outcome) -> str:
    """The day of the session in the meeting's own time, else the meeting's; as exact as it is known."""
    meeting, session = outcome.meeting, outcome.session
    if session is not None and session.starts is not None:
        return session.starts.astimezone(ZoneInfo(meeting.zone)).date().isoformat()
    return meeting.begins.isoformat()[: {"day": 10, "month": 7, "year": 4}[str(meeting.precision)]]


def digest_by(token: str, now: datetime) -> tuple[models.FollowUp, tuple[CommitmentView, ...]] | None:
    """The digest that this link opens, with its commitments; None where it is too old, or there is none."""
    digest = models.FollowUp.objects.filter(
        token_hash=secret_hash(token), sent_at__gt=now - HOLDS, person__erased_at__isnull=True
    ).first()
    if digest is None:
        return None
    outcomes = (
        models.Outcome.objects.filter(commitment__in=digest.commitments.all(), state=OutcomeState.CONFIRMED)
        .exclude(commitment__keeping=Keeping.GIVEN_UP)
        .filter(commitment__person=digest.person)
        .select_related("meeting", "session", "commitment__organisation")
        .order_by("pk")
    )
    return digest, views_of(outcomes, now.date())


def said_as_what(user: User, commitment: models.Commitment) -> SaidAs | None:
    """As what somebody may say how this commitment goes: who spoke for it, the desk of the state that made it, or the
    organiser; None for everybody else.
    """
    access = access_of(user)
    if not access.signed_in:
        return None
    if access.person is not None and access.person == commitment.person_id:
        return SaidAs.SPEAKER
    if commitment.state_id and access.answer(Claim.MANAGE_COUNTRY, Scope(state=commitment.state_id)) is Answer.YES:
        return SaidAs.DESK
    return SaidAs.ORGANISER if can_manage(user, commitment.outcome.meeting) else None


def speaks_for(user: User, commitment: models.Commitment) -> bool:
    """Whether somebody speaks for whoever made this commitment: they may read it and say how it goes."""
    return said_as_what(user, commitment) in {SaidAs.SPEAKER, SaidAs.DESK}


def views_of(outcomes: Iterable[models.Outcome], day: date, *, progress: bool = True) -> tuple[CommitmentView, ...]:
    held = list(outcomes)
    said: dict[int, list[models.Progress]] = {}
    if progress and held:
        for one in models.Progress.objects.filter(commitment__outcome__in=[row.pk for row in held]).order_by(
            "at", "pk"
        ):
            said.setdefault(one.commitment_id, []).append(one)
    views = []
    for outcome in held:
        commitment = outcome.commitment
        due = partial_date(commitment.due) if commitment.due else None
        views.append(
            CommitmentView(
                outcome,
                commitment,
                due,
                is_overdue(due, Keeping(commitment.keeping), day),
                tuple(said.get(commitment.pk, ())),
            )
        )
    return tuple(views)


def _kept(views: Iterable[CommitmentView], day: date) -> Kept:
    return how_kept([(one.keeping, one.due) for one in views], day)


def _number(article: str) -> tuple[int, str]:
    digits = "".join(one for one in article if one.isdigit())
    return int(digits or 0), article
