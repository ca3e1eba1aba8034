"""What is recorded in a session, corrected, closed; and how a commitment is kept afterwards."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from samsvar.dates import partial_date
from samsvar.meetings.meeting import Access, MeetingsError
from samsvar.meetings.outcomes import (
    Keeping,
    NobodyPromised,
    NotShownYet,
    OutcomeKind,
    OutcomeState,
    RecordIsClosed,
    SaidAs,
    next_follow_up,
)
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User, can_help, can_manage, must_manage
from samsvar.site.meetings.outcomes.queries.outcomes import said_as_what


class ReasonIsNeeded(MeetingsError):
    """Something would be taken back, or given up, and nobody said why."""

    code = "reason_is_needed"
    advice = "Say in a sentence why; it stands in the record."


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
    access: Access = Access.PARTICIPANTS,
) -> models.Outcome:
    """Write down what was decided, promised, asked or told. A commitment needs who made it; `due`: as precise as said.

    Raises `RecordIsClosed` after the session's record was closed, `NobodyPromised`, `UnreadableDate`.
    """
    if not can_help(by, meeting, models.Duty.Kind.RECORD):
        raise PermissionDenied
    if kind is OutcomeKind.COMMITMENT and not (state or organisation):
        raise NobodyPromised("A commitment has to say who made it.")
    if due:
        partial_date(due)
    with transaction.atomic():
        _open(session)
        outcome = models.Outcome.objects.create(
            meeting=meeting,
            session=session,
            kind=kind,
            text=text.strip(),
            language=language,
            access=access,
            article=article,
            finding=finding,
            recorded_by=by,
        )
        if kind is OutcomeKind.COMMITMENT:
            models.Commitment.objects.create(
                outcome=outcome,
                state_id=state or None,
                organisation=organisation,
                person=person,
                due=due,
                next_follow_up=next_follow_up(meeting.ends, Keeping.PROMISED, _today()),
            )
        _told(by, outcome, "recorded an outcome")
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
    """Say it as those present say it was said. After the record was closed a correction needs a reason; it is dated."""
    if not can_help(by, outcome.meeting, models.Duty.Kind.RECORD):
        raise PermissionDenied
    if due:
        partial_date(due)
    with transaction.atomic():
        outcome = models.Outcome.objects.select_for_update().get(pk=outcome.pk)
        if outcome.state == OutcomeState.STRUCK:
            raise RecordIsClosed("This was taken back.", advice="Record it anew if it was said after all.")
        closed = outcome.state == OutcomeState.CONFIRMED
        if closed and not (why.strip() and can_manage(by, outcome.meeting)):
            if not can_manage(by, outcome.meeting):
                raise RecordIsClosed("The record of this session is closed.")
            raise ReasonIsNeeded("The record is closed; a correction has to say why.")
        stood = _stands(outcome)
        text_before = outcome.text
        outcome.text, outcome.article, outcome.finding = text.strip(), article, finding
        outcome.save(update_fields=["text", "article", "finding"])
        if outcome.kind == OutcomeKind.COMMITMENT:
            if not (state or organisation):
                raise NobodyPromised("A commitment has to say who made it.")
            _promise_anew(outcome.commitment, state=state, organisation=organisation, due=due)
        stands = _stands(outcome)
        before = {name: value for name, value in stood.items() if stands[name] != value}
        models.OutcomeChange.objects.create(
            outcome=outcome, text_before=text_before, before=before, by=by, why=why.strip(), after_closing=closed
        )
        _told(by, outcome, "corrected an outcome", changed=sorted(before))
    return outcome


def _stands(outcome: models.Outcome) -> dict[str, str]:
    """All that an outcome says besides its words."""
    said = {"article": outcome.article, "finding": outcome.finding}
    if outcome.kind == OutcomeKind.COMMITMENT:
        commitment = outcome.commitment
        body = commitment.organisation
        said |= {"state": commitment.state_id or "", "organisation": body.name if body else "", "due": commitment.due}
    return said


def _promise_anew(commitment: models.Commitment, *, state: str, organisation: Any, due: str) -> None:
    """Somebody else's commitment is not asked of who spoke for the first: nobody is, until the organiser says who."""
    moved = (commitment.state_id or "", commitment.organisation) != (state, organisation)
    commitment.state_id, commitment.organisation, commitment.due = state or None, organisation, due
    if moved:
        commitment.person = None
    commitment.save(update_fields=["state", "organisation", "due", "person"])


def say_who_is_asked(*, by: User, outcome: models.Outcome, person: Any) -> models.Commitment:
    """Say who spoke for a commitment and is asked how it goes; None: nobody is. By the organiser alone."""
    must_manage(by, outcome.meeting)
    with transaction.atomic():
        commitment = models.Commitment.objects.select_for_update().get(outcome=outcome)
        commitment.person = person
        commitment.next_follow_up = next_follow_up(outcome.meeting.ends, Keeping(commitment.keeping), _today())
        commitment.save(update_fields=["person", "next_follow_up"])
        record(
            by=by,
            verb="said who is asked of a commitment",
            subject=_subject(outcome.meeting),
            details={"outcome": outcome.public_id, "person": person.public_id if person else ""},
        )
    return commitment


def strike_outcome(*, by: User, outcome: models.Outcome, why: str) -> models.Outcome:
    """Take something back that was recorded and not said; it stays in the record's own history."""
    if not can_help(by, outcome.meeting, models.Duty.Kind.RECORD):
        raise PermissionDenied
    if not why.strip():
        raise ReasonIsNeeded("Nobody said why this is taken back.")
    with transaction.atomic():
        outcome = models.Outcome.objects.select_for_update().get(pk=outcome.pk)
        if outcome.state != OutcomeState.RECORDED:
            raise RecordIsClosed("Only what is not confirmed yet can be taken back.")
        models.OutcomeChange.objects.create(outcome=outcome, text_before=outcome.text, by=by, why=why.strip())
        outcome.state = OutcomeState.STRUCK
        outcome.save(update_fields=["state"])
        if outcome.kind == OutcomeKind.COMMITMENT:
            models.Commitment.objects.filter(outcome=outcome).update(next_follow_up=None)
        _told(by, outcome, "struck an outcome")
    return outcome


def show_outcomes(*, by: User, session: models.Session) -> models.Session:
    """The outcomes of a session are on the screen: those present can have them corrected."""
    if not can_help(by, session.meeting, models.Duty.Kind.RECORD):
        raise PermissionDenied
    with transaction.atomic():
        _open(session)
        session.outcomes_shown_at = timezone.now()
        session.save(update_fields=["outcomes_shown_at"])
        record(by=by, verb="showed outcomes", subject=_subject(session.meeting), details={"session": session.public_id})
    return session


def close_record(*, by: User, session: models.Session) -> int:
    """What is recorded of a session is confirmed; how many outcomes. Raises `NotShownYet` where nobody has seen them.

    What was recorded after it was shown has not been seen: then it must be shown again.
    """
    if not can_help(by, session.meeting, models.Duty.Kind.RECORD):
        raise PermissionDenied
    with transaction.atomic():
        session = models.Session.objects.select_for_update().get(pk=session.pk)
        _open(session)
        shown = session.outcomes_shown_at
        recorded = session.outcomes.filter(state=OutcomeState.RECORDED)
        changed = models.OutcomeChange.objects.filter(outcome__in=recorded)
        if shown is None or recorded.filter(recorded_at__gt=shown).exists() or changed.filter(at__gt=shown).exists():
            raise NotShownYet("Those present have not seen all of what is recorded.")
        now = timezone.now()
        count = recorded.update(state=OutcomeState.CONFIRMED, confirmed_at=now)
        session.outcomes_closed_at = now
        session.save(update_fields=["outcomes_closed_at"])
        details = {"session": session.public_id, "outcomes": count}
        record(by=by, verb="closed the record of a session", subject=_subject(session.meeting), details=details)
    return count


def publish_outcome(*, by: User, outcome: models.Outcome, access: Access) -> models.Outcome:
    """Say who may read an outcome. By the organiser, and only of what is confirmed."""
    must_manage(by, outcome.meeting)
    if outcome.state != OutcomeState.CONFIRMED:
        raise NotShownYet("Only what those present have confirmed is shown to others.")
    with transaction.atomic():
        outcome.access = access
        outcome.save(update_fields=["access"])
        _told(by, outcome, "opened an outcome", access=access)
    return outcome


# --- How it is kept ---------------------------------------------------------------------------------------------------


def say_how_it_goes(
    *,
    by: User | None,
    commitment: models.Commitment,
    keeping: Keeping,
    text: str = "",
    evidence: str = "",
    why: str = "",
) -> models.Progress:
    """Its owner says how a commitment stands, with evidence. The organiser may too, and alone may give it up.

    `by` None is whoever holds the link of a digest: the view has asked whose it is.
    """
    meeting = commitment.outcome.meeting
    manages = by is not None and can_manage(by, meeting)
    said_as = SaidAs.SPEAKER if by is None else said_as_what(by, commitment)
    if said_as is None:
        raise PermissionDenied
    if keeping is Keeping.GIVEN_UP and not manages:
        raise PermissionDenied
    if keeping is Keeping.GIVEN_UP and not text.strip():
        raise ReasonIsNeeded("Nobody said why this commitment is given up.")
    with transaction.atomic():
        commitment = models.Commitment.objects.select_for_update().get(pk=commitment.pk)
        said = models.Progress.objects.create(
            commitment=commitment,
            keeping=keeping,
            said_as=said_as,
            text=text.strip(),
            evidence=evidence,
            by=by,
        )
        commitment.keeping = keeping
        if keeping.is_over:
            commitment.next_follow_up = None
        elif commitment.next_follow_up is None:  # it was over, and is not
            commitment.next_follow_up = next_follow_up(meeting.ends, keeping, _today())
        commitment.save(update_fields=["keeping", "next_follow_up"])
        record(
            by=by,
            verb="said how a commitment is kept",
            subject=_subject(meeting),
            details={"outcome": commitment.outcome.public_id, "keeping": keeping},
            why=why,
        )
    return said


def _open(session: models.Session | None) -> None:
    if session is not None and session.outcomes_closed_at is not None:
        raise RecordIsClosed("The record of this session is closed.")


def _told(by: User, outcome: models.Outcome, verb: str, **more: Any) -> None:
    record(
        by=by,
        verb=verb,
        subject=_subject(outcome.meeting),
        details={"outcome": outcome.public_id, "kind": outcome.kind, **more},
    )


def _subject(meeting: models.Meeting) -> str:
    return f"meeting {meeting.public_id}"


def _today() -> date:
    return timezone.now().date()
