"""Actions on outcomes: record, correct, retract, confirm and publish them, and report progress on commitments."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from samsvar.dates import parse_partial_date
from samsvar.implementation.measures import ChangeCause, Stage
from samsvar.meetings.meeting import AccessLevel
from samsvar.meetings.outcomes import CommitmentProgress, OutcomeKind, OutcomeStatus, ReporterRole, next_follow_up
from samsvar.site.implementation.measures import actions as measures
from samsvar.site.implementation.measures.models import Measure
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.actions.details import record_change
from samsvar.site.meetings.meeting.errors import MeetingRuleError
from samsvar.site.meetings.meeting.permissions import User, can_manage, can_perform_duty, check_can_manage
from samsvar.site.meetings.outcomes.queries.outcomes import measure_state, outcome_values, reporter_role
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.access.permissions import Account


class RecordClosed(MeetingRuleError):
    """Raised when an outcome cannot be changed because the record of its session is closed."""

    message = _("The record of this session is closed.")
    advice = _("Add a dated correction instead.")


class RecordNotShown(MeetingRuleError):
    """Raised when outcomes would be confirmed or published before the participants have seen them."""

    message = _("Some of the recorded outcomes have not been shown to the participants yet.")
    advice = _("Show the outcomes to those present first.")


class CommitmentOwnerMissing(MeetingRuleError):
    """Raised when a commitment names neither the state nor the organisation that made it."""

    message = _("A commitment must state who made it.")
    advice = _("Enter the country or the organisation that made the commitment.")


class ReasonRequired(MeetingRuleError):
    """Raised when a correction, a retraction or the abandonment of a commitment has no reason."""

    message = _("Enter a reason.")
    advice = _("The reason will be shown in the record.")


def record_outcome(
    *,
    by: User,
    meeting: models.Meeting,
    session: models.Session | None,
    kind: OutcomeKind,
    text: str,
    language: str = "",
    article: str = "",
    finding: str = "",
    state: str = "",
    organisation: Any = None,
    person: Any = None,
    due: str = "",
    access: AccessLevel = AccessLevel.PARTICIPANTS,
) -> models.Outcome:
    """Record an outcome of a session, or of the meeting if `session` is None.

    `due` is a year, a month or a day. Raises `CommitmentOwnerMissing` if a commitment has neither a state nor an
    organisation, `RecordClosed` if the record of the session is closed, and `UnreadableDate`.
    """
    _check_can_record(by, meeting)
    if kind is OutcomeKind.COMMITMENT and not (state or organisation):
        raise CommitmentOwnerMissing
    if due:
        parse_partial_date(due)
    with transaction.atomic():
        _check_record_is_open(session)
        outcome = models.Outcome.objects.create(
            meeting=meeting, session=session, kind=kind, text=text.strip(), language=language, access=access,
            article=article, finding=finding, recorded_by=by,
        )  # fmt: skip
        if kind is OutcomeKind.COMMITMENT:
            models.Commitment.objects.create(
                outcome=outcome, state_id=state or None, organisation=organisation, person=person, due=due,
                next_follow_up=next_follow_up(meeting.ends, CommitmentProgress.NOT_REPORTED, _today()),
            )  # fmt: skip
        _record_outcome_change(by, outcome, "recorded an outcome")
    return outcome


def correct_outcome(
    *,
    by: User,
    outcome: models.Outcome,
    text: str,
    article: str = "",
    finding: str = "",
    state: str = "",
    organisation: Any = None,
    due: str = "",
    why: str = "",
) -> models.Outcome:
    """Correct an outcome. Once the record is closed, only organisers can correct it, and they must give a reason.

    Each correction is saved with its date. Raises `RecordClosed`, `ReasonRequired`, `CommitmentOwnerMissing` and
    `UnreadableDate`.
    """
    _check_can_record(by, outcome.meeting)
    if due:
        parse_partial_date(due)
    with transaction.atomic():
        outcome = models.Outcome.objects.select_for_update().get(pk=outcome.pk)
        if outcome.state == OutcomeStatus.RETRACTED:
            raise RecordClosed(
                _("This outcome was withdrawn."), _("If the outcome was agreed after all, record it again.")
            )
        closed = outcome.state == OutcomeStatus.CONFIRMED
        if closed and not can_manage(by, outcome.meeting):
            raise RecordClosed
        if closed and not why.strip():
            raise ReasonRequired
        fields_before, text_before = outcome_values(outcome, organisation_field="name"), outcome.text
        outcome.text, outcome.article, outcome.finding = text.strip(), article, finding
        outcome.save(update_fields=["text", "article", "finding"])
        if outcome.kind == OutcomeKind.COMMITMENT:
            if not (state or organisation):
                raise CommitmentOwnerMissing
            _update_commitment(outcome.commitment, state=state, organisation=organisation, due=due)
        fields_after = outcome_values(outcome, organisation_field="name")
        changed_fields = {name: value for name, value in fields_before.items() if fields_after[name] != value}
        models.OutcomeChange.objects.create(
            outcome=outcome, text_before=text_before, before=changed_fields, by=by, why=why.strip(),
            after_closing=closed,
        )  # fmt: skip
        _record_outcome_change(by, outcome, "corrected an outcome", changed=sorted(changed_fields))
    return outcome


def _update_commitment(commitment: models.Commitment, *, state: str, organisation: Any, due: str) -> None:
    """Update the owner and due date of a commitment. A new owner has no progress reporter until one is set."""
    has_new_owner = (commitment.state_id or "", commitment.organisation) != (state, organisation)
    commitment.state_id, commitment.organisation, commitment.due = state or None, organisation, due
    if has_new_owner:
        commitment.person = None
    commitment.save(update_fields=["state", "organisation", "due", "person"])


def set_progress_reporter(*, by: User, outcome: models.Outcome, person: Any) -> models.Commitment:
    """Set who reports progress on a commitment; None means no one. Organisers only."""
    check_can_manage(by, outcome.meeting)
    with transaction.atomic():
        commitment = models.Commitment.objects.select_for_update().get(outcome=outcome)
        commitment.person = person
        commitment.next_follow_up = next_follow_up(
            outcome.meeting.ends, CommitmentProgress(commitment.keeping), _today()
        )
        commitment.save(update_fields=["person", "next_follow_up"])
        details = {"outcome": outcome.public_id, "person": person.public_id if person else ""}
        record_change(by, outcome.meeting, "set the contact for a commitment", details)
    return commitment


def retract_outcome(*, by: User, outcome: models.Outcome, why: str) -> models.Outcome:
    """Retract an outcome that was recorded by mistake. It stays in the history of the record.

    Raises `ReasonRequired` without a reason, and `RecordClosed` if the outcome is already confirmed.
    """
    _check_can_record(by, outcome.meeting)
    if not why.strip():
        raise ReasonRequired
    with transaction.atomic():
        outcome = models.Outcome.objects.select_for_update().get(pk=outcome.pk)
        if outcome.state != OutcomeStatus.RECORDED:
            raise RecordClosed(_("Only unconfirmed outcomes can be withdrawn."))
        models.OutcomeChange.objects.create(outcome=outcome, text_before=outcome.text, by=by, why=why.strip())
        outcome.state = OutcomeStatus.RETRACTED
        outcome.save(update_fields=["state"])
        if outcome.kind == OutcomeKind.COMMITMENT:
            models.Commitment.objects.filter(outcome=outcome).update(next_follow_up=None)
        _record_outcome_change(by, outcome, "retracted an outcome")
    return outcome


def mark_outcomes_as_shown(*, by: User, session: models.Session) -> models.Session:
    """Save the time at which the outcomes of a session were shown on screen for participants to correct."""
    _check_can_record(by, session.meeting)
    with transaction.atomic():
        _check_record_is_open(session)
        session.outcomes_shown_at = timezone.now()
        session.save(update_fields=["outcomes_shown_at"])
        record_change(by, session.meeting, "published outcomes", {"session": session.public_id})
    return session


def close_record(*, by: User, session: models.Session) -> int:
    """Confirm the outcomes of a session, close its record and return the number of outcomes confirmed.

    Raises `RecordNotShown` if the outcomes have not been shown to the participants since the last of them was recorded
    or corrected.
    """
    _check_can_record(by, session.meeting)
    with transaction.atomic():
        session = models.Session.objects.select_for_update().get(pk=session.pk)
        _check_record_is_open(session)
        shown_at = session.outcomes_shown_at
        recorded = session.outcomes.filter(state=OutcomeStatus.RECORDED)
        changed = models.OutcomeChange.objects.filter(outcome__in=recorded)
        if shown_at is None or recorded.filter(recorded_at__gt=shown_at).exists():
            raise RecordNotShown
        if changed.filter(at__gt=shown_at).exists():
            raise RecordNotShown
        now = timezone.now()
        count = recorded.update(state=OutcomeStatus.CONFIRMED, confirmed_at=now)
        session.outcomes_closed_at = now
        session.save(update_fields=["outcomes_closed_at"])
        details = {"session": session.public_id, "outcomes": count}
        record_change(by, session.meeting, "closed the record of a session", details)
    return count


def set_outcome_access(*, by: User, outcome: models.Outcome, access: AccessLevel) -> models.Outcome:
    """Set who may read a confirmed outcome. Organisers only."""
    check_can_manage(by, outcome.meeting)
    if outcome.state != OutcomeStatus.CONFIRMED:
        raise RecordNotShown(_("Only confirmed outcomes can be shown to others."))
    with transaction.atomic():
        outcome.access = access
        outcome.save(update_fields=["access"])
        _record_outcome_change(by, outcome, "published an outcome", access=access)
    return outcome


# --- Progress on commitments ------------------------------------------------------------------------------------------


def record_progress(
    *,
    by: User | None,
    commitment: models.Commitment,
    progress: CommitmentProgress,
    text: str = "",
    evidence: str = "",
    why: str = "",
) -> models.ProgressReport:
    """Record progress on a commitment, with evidence. Only an organiser may mark a commitment as abandoned.

    Signed-in users must have a reporter role for the commitment. `by` is None if a follow-up link is used, because the
    view has already checked whose link it is.
    """
    meeting = commitment.outcome.meeting
    manages = by is not None and can_manage(by, meeting)
    role = ReporterRole.SPEAKER if by is None else reporter_role(by, commitment)
    if role is None:
        raise PermissionDenied
    if progress is CommitmentProgress.RELEASED and not manages:
        raise PermissionDenied
    if progress is CommitmentProgress.RELEASED and not text.strip():
        raise ReasonRequired
    with transaction.atomic():
        commitment = models.Commitment.objects.select_for_update().get(pk=commitment.pk)
        report = models.ProgressReport.objects.create(
            commitment=commitment, keeping=progress, said_as=role, text=text.strip(), evidence=evidence, by=by
        )
        commitment.keeping = progress
        if progress.is_over:
            commitment.next_follow_up = None
        elif commitment.next_follow_up is None:  # it was finished and is open again
            commitment.next_follow_up = next_follow_up(meeting.ends, progress, _today())
        commitment.save(update_fields=["keeping", "next_follow_up"])
        details = {"outcome": commitment.outcome.public_id, "keeping": progress}
        record_change(by, meeting, "reported progress on a commitment", details, reason=why)
    return report


def _check_can_record(by: User, meeting: models.Meeting) -> None:
    if not can_perform_duty(by, meeting, models.Duty.Kind.RECORD):
        raise PermissionDenied


def _check_record_is_open(session: models.Session | None) -> None:
    if session is not None and session.outcomes_closed_at is not None:
        raise RecordClosed


def _record_outcome_change(by: User, outcome: models.Outcome, verb: str, **more: Any) -> None:
    record_change(by, outcome.meeting, verb, {"outcome": outcome.public_id, "kind": outcome.kind, **more})


def _today() -> date:
    return timezone.now().date()


class MeasureExists(MeetingRuleError):
    """The commitment is a measure already."""

    message = _("A measure has already been made from this commitment.")
    advice = _("Open the measure from the page of the commitment.")


def make_measure(*, by: Account, commitment: models.Commitment) -> Measure:
    """Make a commitment of a state, or of one of its bodies, a measure that is decided and linked to its finding.

    Only the desk can see it until it is published. Raises `MeasureExists` if it is a measure already.
    """
    state, outcome = measure_state(commitment), commitment.outcome
    if not state:
        raise PermissionDenied
    shortened = Truncator(outcome.text).chars(MAX_TITLE_LENGTH)
    values: dict[str, Any] = {
        "title": shortened,
        "text": outcome.text if shortened != outcome.text else "",
        "language": outcome.language or "en",
        "lead": commitment.organisation,
        "due": commitment.due,
    }
    with transaction.atomic():
        if Measure.objects.filter(commitment=outcome.public_id).exists():
            raise MeasureExists
        measure = measures.save_measure(
            by=by, state=state, values=values, stage=Stage.DECIDED, cause=ChangeCause.COMMITMENT,
            commitment=outcome.public_id,
        )  # fmt: skip
        finding = Finding.objects.filter(public_id=outcome.finding, state_id=state).first() if outcome.finding else None
        if finding:
            measures.link_answer(by=by, measure=measure, finding=finding, cause=ChangeCause.COMMITMENT)
    return measure


MAX_TITLE_LENGTH = 200  # characters of a measure's title; a longer commitment is its description as well
