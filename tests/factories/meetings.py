"""Factories for fictional meetings. Each topic adds its own functions at the end."""

from __future__ import annotations

import itertools
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from samsvar.ids import make_slug
from samsvar.meetings.meeting import AccessLevel, MeetingKind
from samsvar.meetings.outcomes import OutcomeKind, OutcomeStatus
from samsvar.meetings.registration import RegistrationStatus
from samsvar.meetings.survey import MIN_ANSWERS, AnswerType
from samsvar.network.consent import LegalBasis, Purpose
from samsvar.network.people import Field
from samsvar.network.rights import Role
from samsvar.site.convention.models import State
from samsvar.site.meetings import models
from samsvar.site.meetings.programme.actions.publishing import publish_version
from samsvar.site.network.access.permissions import Account
from samsvar.site.network.models import Basis
from tests.factories.people import make_account, make_person

_numbers = itertools.count(1)


def make_meeting(**more: Any) -> models.Meeting:
    """Create a public three-day conference in Sudmar, in English and French; keyword arguments override any field."""
    columns: dict[str, Any] = {
        "public_id": f"meeting-{next(_numbers)}",
        "kind": MeetingKind.CONFERENCE,
        "languages": ["en", "fr"],
        "title": {"en": "Shelters near everybody", "fr": "Des refuges près de chacun"},
        "begins": date(2026, 9, 15),
        "ends": date(2026, 9, 17),
        "zone": "Europe/Bucharest",
        "city": "Harbour",
        "access": AccessLevel.PUBLIC,
        "fictional": True,
    }
    return models.Meeting.objects.create(**(columns | more))


def make_organiser(meeting: models.Meeting, **more: Any) -> Account:
    """Create an account that runs this meeting; sign it in with `sign_in(client, account, staff_session="…")`."""
    return make_account(Role.ORGANISER, meeting=meeting.public_id, **more)


# --- Outcomes ---------------------------------------------------------------------------------------------------------


def make_registration(meeting: models.Meeting, name: str = "", **more: Any) -> models.Registration:
    """Create a registration with a confirmed place and a ticket.

    `account=`, `at_risk=` and `pseudonym=` belong to its person.
    """
    number = next(_numbers)
    own = {key: more.pop(key) for key in ("account", "at_risk", "pseudonym") if key in more}
    person = make_person(details={Field.NAME: name or f"Guest {number}"}, **own)
    Basis.objects.create(
        person=person, purpose=Purpose.MEETINGS, ground=LegalBasis.PUBLIC_TASK, since=timezone.now(), note="tests"
    )
    if own.get("pseudonym"):
        models.MeetingPseudonym.objects.create(meeting=meeting, person=person, name=own["pseudonym"])
    return models.Registration.objects.create(
        **(
            {
                "meeting": meeting,
                "person": person,
                "status": RegistrationStatus.CONFIRMED,
                "ticket": f"ticket-{number}",
            }
            | more
        )
    )


def make_duty(meeting: models.Meeting, account: Account, kind: str = "door", **more: Any) -> models.Duty:
    """Give an account one duty at one meeting, for one day from now."""
    return models.Duty.objects.create(
        **({"meeting": meeting, "account": account, "kind": kind, "until": timezone.now() + timedelta(days=1)} | more)
    )


# --- Programme --------------------------------------------------------------------------------------------------------


def make_session(meeting: models.Meeting, hour: int = 9, **more: Any) -> models.Session:
    """Create a public one-hour session on the first day, ready to publish; keyword arguments override any field."""
    zone = ZoneInfo(meeting.zone)
    starts = datetime.combine(meeting.begins, time(hour), zone)
    columns: dict[str, Any] = {
        "title": {"en": f"Session at {hour}"},
        "kind": "talk",
        "state": models.Session.State.READY,
        "starts": starts,
        "ends": starts + timedelta(hours=1),
        "languages": ["en"],
    }
    return models.Session.objects.create(meeting=meeting, **(columns | more))


def make_room(meeting: models.Meeting, name: str = "Main hall", **more: Any) -> models.Room:
    return models.Room.objects.create(meeting=meeting, key=make_slug(name), name=name, **more)


def publish_programme(meeting: models.Meeting, **how: Any) -> models.Version:
    """Publish the draft programme as its next version, as a new organiser; no one is notified unless requested."""
    how.setdefault("by", make_organiser(meeting))
    how.setdefault("notify", False)
    version = publish_version(meeting=meeting, **how)
    meeting.refresh_from_db()
    return version


def _make_ended_meeting(days: float, now: datetime) -> models.Meeting:
    """Create a meeting whose last day was that many days ago."""
    last = (now - timedelta(days=days)).date()
    return make_meeting(begins=last, ends=last)


def _old_session_choice(days: float, now: datetime) -> models.ScheduleEntry:
    return models.ScheduleEntry.objects.create(
        account=make_account(), session=make_session(_make_ended_meeting(days, now))
    )


def _old_schedule_link(days: float, now: datetime) -> models.ScheduleLink:
    return models.ScheduleLink.objects.create(
        meeting=_make_ended_meeting(days, now), account=make_account(), token_hash=f"hash-{next(_numbers)}"
    )


def _old_networking_opt_in(days: float, now: datetime) -> models.NetworkingOptIn:
    return models.NetworkingOptIn.objects.create(registration=make_registration(_make_ended_meeting(days, now)))


def _old_encounter(days: float, now: datetime) -> models.OneToOneMeeting:
    meeting = _make_ended_meeting(days, now)
    return models.OneToOneMeeting.objects.create(
        meeting=meeting, asker=make_registration(meeting), asked=make_registration(meeting), about="Shelters"
    )


def _old_letter(days: float, now: datetime) -> models.IssuedLetter:
    row = models.IssuedLetter.objects.create(
        code=f"CODE-{next(_numbers)}", meeting=make_meeting(), kind="attendance", language="en"
    )
    models.IssuedLetter.objects.filter(pk=row.pk).update(at=now - timedelta(days=days))
    return row


def _old_follow_up(days: float, now: datetime) -> models.FollowUp:
    row = models.FollowUp.objects.create(
        person=make_person(), token_hash=f"{next(_numbers):064}", due=(now - timedelta(days=days)).date()
    )
    models.FollowUp.objects.filter(pk=row.pk).update(sent_at=now - timedelta(days=days))
    return row


def _old_survey_participation(days: float, now: datetime) -> models.SurveyParticipation:
    closed = now - timedelta(days=days)
    meeting = make_meeting()
    survey = make_survey_question(meeting, opens_at=closed - timedelta(days=7), closes_at=closed).survey
    return survey.responses.create(registration=make_registration(meeting))


def _old_duty(days: float, now: datetime) -> models.Duty:
    return make_duty(make_meeting(), make_account(), until=now - timedelta(days=days))


def _old_availability(days: float, now: datetime) -> models.Availability:
    ends = now - timedelta(days=days)
    return models.Availability.objects.create(
        meeting=make_meeting(), person=make_person(), starts=ends - timedelta(hours=1), ends=ends
    )


def _old_invitation(days: float, now: datetime) -> models.MeetingInvitation:
    number = next(_numbers)
    return models.MeetingInvitation.objects.create(
        meeting=_make_ended_meeting(days, now),
        token_hash=f"{number:064}",
        email=f"guest{number}@sudmar.example",
        expires_at=now,
    )


def _old_link_request(days: float, now: datetime) -> models.LinkRequest:
    row = models.LinkRequest.objects.create(email=f"guest{next(_numbers)}@sudmar.example", language="en")
    models.LinkRequest.objects.filter(pk=row.pk).update(at=now - timedelta(days=days))
    return row


def _old_contribution(days: float, now: datetime) -> models.Contribution:
    return make_contribution(make_meeting(), state="declined", decided_at=now - timedelta(days=days))


def _old_contribution_link(days: float, now: datetime) -> models.ContributionLink:
    number = next(_numbers)
    return make_contribution(make_meeting()).call.links.create(
        email=f"guest{number}@sudmar.example", token_hash=f"{number:064}", sent_at=now - timedelta(days=days)
    )


def _old_speaker_link(days: float, now: datetime) -> models.SpeakerLink:
    number, person = next(_numbers), make_person()
    person.fictional = False
    person.save(update_fields=["fictional"])
    return models.SpeakerLink.objects.create(
        meeting=_make_ended_meeting(days, now), person=person, email=f"expert{number}@sudmar.example",
        token_hash=f"{number:064}", asked_at=now,
    )  # fmt: skip


# By key of the retention rule: how to create a row of a given age in days (tests/site/test_retention.py).
OLD_ROW_FACTORIES = {
    "sessions_chosen": _old_session_choice,
    "calendar_links": _old_schedule_link,
    "open_to_talk": _old_networking_opt_in,
    "one_to_one_meetings": _old_encounter,
    "letters_got": _old_letter,
    "follow_ups": _old_follow_up,
    "evaluations_answered": _old_survey_participation,
    "meeting_duties": _old_duty,
    "availabilities": _old_availability,
    "link_requests": _old_link_request,
    "meeting_invitations": _old_invitation,
    "contributions": _old_contribution,
    "contribution_links": _old_contribution_link,
    "speaker_links": _old_speaker_link,
}


# --- Contributions (M5) -----------------------------------------------------------------------------------------------


def make_contribution(meeting: models.Meeting, **more: Any) -> models.Contribution:
    """Create a contribution to the meeting's call, which is open for a day; create the call if needed."""
    now = timezone.now()
    call, _made = models.ContributionCall.objects.get_or_create(
        meeting=meeting,
        defaults={
            "text": {"en": "Tell us what works."},
            "opens_at": now - timedelta(days=1),
            "closes_at": now + timedelta(days=1),
            "languages": ["en", "fr"],
        },
    )
    said = {"title": "Counting beds", "abstract": "How many, and where.", "language": "en"}
    return models.Contribution.objects.create(call=call, **(said | more))


# --- Outcomes ---------------------------------------------------------------------------------------------------------


def make_commitment(meeting: models.Meeting, text: str = "A shelter within an hour of everybody.", **more: Any) -> Any:
    """Create a public commitment of Sudmar; `due=`, `keeping=`, `person=` and `state=` belong to the commitment."""
    State.objects.get_or_create(code=more.get("state", "XB"), defaults={"kind": "fictional"})
    own = {key: more.pop(key) for key in ("due", "keeping", "person", "next_follow_up") if key in more}
    own["state_id"] = more.pop("state", "XB")
    columns: dict[str, Any] = {
        "kind": OutcomeKind.COMMITMENT,
        "state": OutcomeStatus.CONFIRMED,
        "access": AccessLevel.PUBLIC,
        "article": "23",
    }
    outcome = models.Outcome.objects.create(meeting=meeting, text=text, **(columns | more))
    models.Commitment.objects.create(outcome=outcome, **own)
    return outcome


def make_survey_question(meeting: models.Meeting, text: str = "How was it?", **more: Any) -> models.SurveyQuestion:
    """Create a survey that is open for a day, and return its only question, a scale."""
    now = timezone.now()
    times = {"opens_at": now - timedelta(hours=1), "closes_at": now + timedelta(days=1)} | more
    survey = models.Survey.objects.create(meeting=meeting, **times)
    return models.SurveyQuestion.objects.create(survey=survey, text={"en": text}, kind=AnswerType.SCALE)


def make_commitment_and_survey(meeting: models.Meeting, **more: Any) -> tuple[models.Outcome, models.SurveyQuestion]:
    """Create a commitment with a correction and a progress report, and a closed survey with six written answers."""
    outcome = make_commitment(meeting, **more)
    outcome.changes.create(
        text_before="Within half an hour.", before={"due": "2026-03"}, why="misheard", after_closing=True
    )
    outcome.commitment.progress.create(keeping="under_way", text="One is open.", evidence="https://sudmar.example/one")
    now = timezone.now()
    question = make_survey_question(meeting, opens_at=now - timedelta(days=2), closes_at=now - timedelta(hours=1))
    written = question.survey.questions.create(text={"en": "What else?"}, kind=AnswerType.TEXT, order=1)
    models.SurveyText.objects.bulk_create(
        models.SurveyText(question=written, text=f"Something else, {number}.") for number in range(MIN_ANSWERS)
    )
    return outcome, question
