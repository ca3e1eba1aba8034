"""Queries for the outcomes of meetings, the register of commitments and their progress."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from samsvar.dates import PartialDate, parse_partial_date
from samsvar.ids import hash_secret
from samsvar.meetings.meeting import AccessLevel
from samsvar.meetings.outcomes import (
    CommitmentProgress,
    CommitmentSummary,
    OutcomeKind,
    OutcomeStatus,
    ReporterRole,
    is_overdue,
    summarise_commitments,
)
from samsvar.meetings.registration import RegistrationStatus
from samsvar.network.people import Field
from samsvar.network.rights import AccessDecision, Claim, Scope
from samsvar.site.implementation.measures.models import Measure
from samsvar.site.implementation.measures.queries import find_measure
from samsvar.site.implementation.permissions import can_manage_country
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import (
    User,
    access_levels,
    can_manage,
    can_perform_duty,
    visible_meetings,
)
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.access.permissions import Person, UserAccess, get_access
from samsvar.site.network.directory.queries.participants import get_visible_participants
from samsvar.site.network.directory.queries.people import VisiblePerson
from samsvar.site.shell.site_url import absolute_url
from samsvar.territories import territory_name

LINK_VALIDITY = timedelta(days=90)  # for the link in a digest; ends well before the next digest is sent


@dataclass(frozen=True, slots=True)
class CommitmentDetails:
    """A commitment with its due date and progress reports, as shown to a reader."""

    outcome: models.Outcome
    commitment: models.Commitment
    due: PartialDate | None
    overdue: bool
    progress: tuple[models.ProgressReport, ...] = ()

    @property
    def status(self) -> CommitmentProgress:
        return CommitmentProgress(self.commitment.keeping)


@dataclass(frozen=True, slots=True)
class MeetingOutcomes:
    """The outcomes of one meeting that a given reader can see."""

    decisions: tuple[models.Outcome, ...]
    questions: tuple[models.Outcome, ...]
    practices: tuple[models.Outcome, ...]
    commitments: tuple[CommitmentDetails, ...]
    progress_summary: CommitmentSummary
    earlier_commitments: tuple[CommitmentDetails, ...] = ()  # still open, from earlier meetings of the same network

    @property
    def has_outcomes(self) -> bool:
        return bool(self.decisions or self.questions or self.practices or self.commitments)


@dataclass(frozen=True, slots=True)
class CommitmentRegister:
    """The filtered register of commitments, with a summary of their progress."""

    commitments: tuple[CommitmentDetails, ...]
    progress_summary: CommitmentSummary
    states: tuple[str, ...]
    articles: tuple[str, ...]
    state: str
    article: str
    keeping: str
    overdue: bool
    own_only: bool = False
    # whether the user presented or represents any commitment, so that the filter `own_only` is offered
    has_own: bool = False


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """The outcomes of one session, as shown to the people who record them and on the screen in the room."""

    session: models.Session
    outcomes: tuple[models.Outcome, ...]
    may_correct: bool


def meeting_outcomes(user: User, meeting: models.Meeting, day: date) -> MeetingOutcomes:
    """Return the confirmed outcomes of a meeting that this user can read."""
    outcomes = readable_outcomes(user, meeting).prefetch_related(corrections_prefetch())
    by_kind: dict[str, list[models.Outcome]] = defaultdict(list)
    for outcome in outcomes.select_related("session", "meeting", "commitment__organisation", "commitment"):
        by_kind[outcome.kind].append(outcome)
    views = build_commitment_details(by_kind[OutcomeKind.COMMITMENT], day)
    return MeetingOutcomes(
        decisions=tuple(by_kind[OutcomeKind.DECISION]),
        questions=tuple(by_kind[OutcomeKind.QUESTION]),
        practices=tuple(by_kind[OutcomeKind.PRACTICE]),
        commitments=views,
        progress_summary=_summarise_progress(views, day),
        earlier_commitments=earlier_open_commitments(meeting, day),
    )


def corrections_prefetch() -> Prefetch:
    """Return a prefetch object for `outcome.corrections`: the corrections made after closing, which all readers see."""
    return Prefetch("changes", models.OutcomeChange.objects.filter(after_closing=True), to_attr="corrections")


def readable_outcomes(user: User, meeting: models.Meeting) -> QuerySet[models.Outcome]:
    """Return the confirmed outcomes of a meeting at the access levels that this user has."""
    return models.Outcome.objects.filter(
        meeting=meeting, state=OutcomeStatus.CONFIRMED, access__in=[str(one) for one in access_levels(user, meeting)]
    )


def earlier_open_commitments(meeting: models.Meeting, day: date) -> tuple[CommitmentDetails, ...]:
    """Return the public commitments of earlier meetings of the same network that are still open."""
    if meeting.network_id is None:
        return ()
    outcomes = (
        models.Outcome.objects.filter(
            meeting__network=meeting.network_id,
            meeting__ends__lt=meeting.begins,
            meeting__access=AccessLevel.PUBLIC,
            kind=OutcomeKind.COMMITMENT,
            state=OutcomeStatus.CONFIRMED,
            access=AccessLevel.PUBLIC,
        )
        .exclude(commitment__keeping__in=[one for one in CommitmentProgress if one.is_over])
        .select_related("meeting", "session", "commitment__organisation")
        .order_by("commitment__due", "pk")
    )
    return build_commitment_details(outcomes, day, progress=False)


def commitment_register(
    user: User,
    day: date,
    *,
    state: str = "",
    article: str = "",
    keeping: str = "",
    overdue: bool = False,
    own_only: bool = False,
) -> CommitmentRegister:
    """Return the filtered register of the commitments that this user can read.

    These are the commitments of all meetings visible to the user that are public or, for signed-in users, open to
    everyone signed in. The person who presented a commitment and the national desk of its state always find it here,
    whatever its access level.
    """
    meetings = visible_meetings(user)
    public = Q(access=AccessLevel.PUBLIC)
    access = get_access(user)
    if access.signed_in:
        public |= Q(access=AccessLevel.SIGNED_IN)
    outcomes = (
        models.Outcome.objects.filter(
            Q(public, meeting__in=meetings.values("pk")) | _represented_commitments_filter(user),
            kind=OutcomeKind.COMMITMENT,
            state=OutcomeStatus.CONFIRMED,
        )
        .select_related("meeting", "session", "commitment__organisation")
        .prefetch_related(corrections_prefetch())
        .order_by("-meeting__begins", "pk")
    )
    all_commitments = build_commitment_details(outcomes, day)
    own_pks = {one.outcome.pk for one in all_commitments if is_owner_representative(user, one.commitment)}
    matching_commitments = tuple(
        one
        for one in all_commitments
        if (not state or one.commitment.state_id == state)
        and (not article or one.outcome.article == article)
        and (not keeping or one.commitment.keeping == keeping)
        and (not overdue or one.overdue)
        and (not own_only or one.outcome.pk in own_pks)
    )
    return CommitmentRegister(
        commitments=matching_commitments,
        progress_summary=_summarise_progress(matching_commitments, day),
        states=tuple(sorted({one.commitment.state_id for one in all_commitments if one.commitment.state_id})),
        articles=tuple(sorted({one.outcome.article for one in all_commitments} - {""}, key=_article_sort_key)),
        state=state,
        article=article,
        keeping=keeping,
        overdue=overdue,
        own_only=own_only,
        has_own=bool(own_pks),
    )


def _represented_commitments_filter(user: User) -> Q:
    """Return a filter for commitments that the user presented or that were made by a state whose desk they run."""
    access = get_access(user)
    desks = {grant.scope.state for grant in access.grants if grant.is_active_at(access.moment) and grant.scope.state}
    matches = Q(commitment__state__in=[one for one in desks if _runs_desk(access, one)])
    return matches if access.person is None else matches | Q(commitment__person=access.person)


def session_record(user: User, meeting: models.Meeting, public_id: str) -> SessionRecord | None:
    """Return the record of a session; None if there is no such session or this user may not record outcomes."""
    session = meeting.sessions.filter(public_id=public_id).first()
    if session is None or not can_perform_duty(user, meeting, models.Duty.Kind.RECORD):
        return None
    outcomes = session.outcomes.select_related("commitment__organisation", "meeting").prefetch_related("changes")
    return SessionRecord(session, tuple(outcomes.order_by("pk")), may_correct=can_manage(user, meeting))


def find_commitment(user: User, public_id: str) -> CommitmentDetails | None:
    """Return a commitment with its history; None if it does not exist or this user may not read it."""
    confirmed = models.Outcome.objects.filter(kind=OutcomeKind.COMMITMENT, state=OutcomeStatus.CONFIRMED)
    related = confirmed.select_related("meeting__inside", "session", "commitment__organisation")
    outcome = related.prefetch_related(corrections_prefetch()).filter(public_id=public_id).first()
    if outcome is None:
        return None
    is_visible = visible_meetings(user).filter(pk=outcome.meeting_id).exists()
    can_read = is_visible and AccessLevel(outcome.access) in access_levels(user, outcome.meeting)
    if not (can_read or is_owner_representative(user, outcome.commitment)):
        return None
    return build_commitment_details([outcome], timezone.now().date())[0]


def measure_state(commitment: models.Commitment) -> str:
    """Return the state whose measure a commitment can become: that of the state or body that made it; "" if none."""
    body = commitment.organisation
    return commitment.state_id or (body.state_id if body else None) or ""


def measure_of(user: User, commitment: models.Commitment) -> Measure | None:
    """Return the measure that was made from a commitment, if the user can see it."""
    measure = Measure.objects.filter(commitment=commitment.outcome.public_id).first()
    return find_measure(user, measure.public_id) if measure else None


def can_make_measure(user: User, commitment: models.Commitment) -> bool:
    """Return whether a user's desk can make a commitment a measure, which it is not yet."""
    state = measure_state(commitment)
    return (
        bool(state)
        and can_manage_country(user, state)
        and not Measure.objects.filter(commitment=commitment.outcome.public_id).exists()
    )


def sessions_to_record(meeting: models.Meeting) -> QuerySet[models.Session]:
    """Return a meeting's sessions, except breaks and social events, with the number of unretracted outcomes."""
    not_retracted = ~Q(outcomes__state=OutcomeStatus.RETRACTED)
    return (
        meeting.sessions.exclude(kind__in=("break", "social"))
        .annotate(recorded=Count("outcomes", filter=not_retracted))
        .select_related("room")
        .order_by("starts", "pk")
    )


def find_outcome(meeting: models.Meeting, public_id: str) -> models.Outcome | None:
    outcomes = meeting.outcomes.select_related("meeting__inside", "session", "commitment__person")
    return outcomes.filter(public_id=public_id).first()


def possible_contacts(user: User, meeting: models.Meeting) -> dict[str, tuple[Person, str]]:
    """Return the people who can be the contact for a commitment, with their label, by public ID.

    These are people with a place at the meeting or a role in its programme. The user must be an organiser, and their
    access to the names is recorded in the audit log.
    """
    people = Person.objects.filter(
        Q(registrations__meeting=meeting, registrations__status=RegistrationStatus.CONFIRMED)
        | Q(pk__in=models.Appearance.objects.filter(session__meeting=meeting, person__isnull=False).values("person")),
        erased_at__isnull=True,
    ).distinct()
    persons, fields = list(people.order_by("pk")), (Field.NAME, Field.ORGANISATION)
    views = get_visible_participants(user, persons, subject=f"meeting {meeting.public_id}", fields=fields)
    contacts = {one.public_id: (one, _contact_label(views[one.pk])) for one in persons if views[one.pk].name}
    return dict(sorted(contacts.items(), key=lambda item: item[1][1].casefold()))


def _contact_label(view: VisiblePerson) -> str:
    return f"{view.name}, {view.organisation.label}" if view.organisation else view.name


def states_at_meeting(meeting: models.Meeting) -> frozenset[str]:
    """Return the states represented at a meeting: its countries, its delegations and its confirmed participants."""
    codes = set(meeting.states.values_list("state_id", flat=True))
    codes |= set(meeting.delegations.values_list("state_id", flat=True))
    codes |= set(meeting.registrations.filter(status=RegistrationStatus.CONFIRMED).values_list("state_id", flat=True))
    return frozenset(one for one in codes if one)


def finding_exists(public_id: str) -> bool:
    return Finding.objects.filter(public_id=public_id).exists()


def outcome_values(outcome: models.Outcome, *, organisation_field: str = "public_id") -> dict[str, str]:
    """Return the values of an outcome that can be corrected, besides its text."""
    values = {"article": outcome.article, "finding": outcome.finding}
    if outcome.kind == OutcomeKind.COMMITMENT:
        state, due, organisation = outcome.commitment.state_id, outcome.commitment.due, outcome.commitment.organisation
        values |= {"state": state or "", "organisation": getattr(organisation, organisation_field, ""), "due": due}
    return values


REGISTER_COLUMNS = (
    "id", "address", "meeting", "meeting_title", "session", "promised_on", "text", "language", "state", "state_name",
    "organisation", "organisation_name", "article", "finding", "due", "keeping", "overdue", "last_said", "last_said_as",
    "last_words", "evidence", "corrected",
)  # fmt: skip
REGISTER_NUMBERS = ("article",)
REGISTER_DATES = ("promised_on", "due", "last_said")


def build_register_rows(page: CommitmentRegister, language: str) -> list[dict[str, Any]]:
    """Return the register as rows for export, with names in `language` and without any personal data."""
    return [
        {
            "id": one.outcome.public_id,
            "address": absolute_url(reverse("meetings:commitment", args=[one.outcome.public_id])),
            "meeting": one.outcome.meeting.public_id,
            "meeting_title": one.outcome.meeting.get_title(language),
            "session": _session_title(one.outcome, language),
            "promised_on": _commitment_date(one.outcome),
            "text": one.outcome.text,
            "language": one.outcome.language,
            "state": one.commitment.state_id or "",
            "state_name": territory_name(one.commitment.state_id, language) if one.commitment.state_id else "",
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


def _session_title(outcome: models.Outcome, language: str) -> str:
    return outcome.meeting.choose_text(outcome.session.title, language) if outcome.session else ""


def _commitment_date(outcome: models.Outcome) -> str:
    """Return the session's date in the meeting's time zone, or else the meeting's start as far as known."""
    meeting, session = outcome.meeting, outcome.session
    if session is not None and session.starts is not None:
        return session.starts.astimezone(ZoneInfo(meeting.zone)).date().isoformat()
    return meeting.begins.isoformat()[: {"day": 10, "month": 7, "year": 4}[str(meeting.precision)]]


def find_digest(token: str, now: datetime) -> tuple[models.FollowUp, tuple[CommitmentDetails, ...]] | None:
    """Return the digest that a link belongs to, with its commitments; None if the link is unknown or has expired."""
    digest = models.FollowUp.objects.filter(
        token_hash=hash_secret(token), sent_at__gt=now - LINK_VALIDITY, person__erased_at__isnull=True
    ).first()
    if digest is None:
        return None
    outcomes = (
        models.Outcome.objects.filter(commitment__in=digest.commitments.all(), state=OutcomeStatus.CONFIRMED)
        .exclude(commitment__keeping=CommitmentProgress.RELEASED)
        .filter(commitment__person=digest.person)
        .select_related("meeting", "session", "commitment__organisation")
        .order_by("pk")
    )
    return digest, build_commitment_details(outcomes, now.date())


def reporter_role(user: User, commitment: models.Commitment) -> ReporterRole | None:
    """Return the role in which a user may report progress on a commitment; None if they may not.

    A user can be the person who presented the commitment, the national desk of the state that made it, or an organiser.
    """
    access = get_access(user)
    if not access.signed_in:
        return None
    if access.person is not None and access.person == commitment.person_id:
        return ReporterRole.SPEAKER
    if commitment.state_id and _runs_desk(access, commitment.state_id):
        return ReporterRole.DESK
    return ReporterRole.ORGANISER if can_manage(user, commitment.outcome.meeting) else None


def _runs_desk(access: UserAccess, state: str) -> bool:
    return access.decide(Claim.MANAGE_COUNTRY, Scope(state=state)) is AccessDecision.ALLOWED


def is_owner_representative(user: User, commitment: models.Commitment) -> bool:
    """Return whether a user presented a commitment or runs its state's desk, and so may read and report on it."""
    return reporter_role(user, commitment) in {ReporterRole.SPEAKER, ReporterRole.DESK}


def build_commitment_details(
    outcomes: Iterable[models.Outcome], day: date, *, progress: bool = True
) -> tuple[CommitmentDetails, ...]:
    outcome_list = list(outcomes)
    reports_by_commitment: dict[int, list[models.ProgressReport]] = defaultdict(list)
    if progress and outcome_list:
        reports = models.ProgressReport.objects.filter(commitment__outcome__in=[one.pk for one in outcome_list])
        for report in reports.order_by("at", "pk"):
            reports_by_commitment[report.commitment_id].append(report)
    details = []
    for outcome in outcome_list:
        commitment = outcome.commitment
        due = parse_partial_date(commitment.due) if commitment.due else None
        overdue = is_overdue(due, CommitmentProgress(commitment.keeping), day)
        reports_of_it = tuple(reports_by_commitment[commitment.pk])
        details.append(CommitmentDetails(outcome, commitment, due, overdue, reports_of_it))
    return tuple(details)


def _summarise_progress(views: Iterable[CommitmentDetails], day: date) -> CommitmentSummary:
    return summarise_commitments([(one.status, one.due) for one in views], day)


def _article_sort_key(article: str) -> tuple[int, str]:
    return int("".join(filter(str.isdigit, article)) or 0), article
