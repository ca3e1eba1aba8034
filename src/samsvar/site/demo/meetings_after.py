"""Demo data for a past fictional meeting, from meetings_after.toml: attendance, commitments, survey answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from samsvar.ids import hash_content, stable_id
from samsvar.meetings.meeting import AccessLevel
from samsvar.meetings.outcomes import CommitmentProgress, OutcomeKind, OutcomeStatus, ReporterRole, next_follow_up
from samsvar.meetings.registration import RegistrationStatus
from samsvar.network.rights import Role
from samsvar.site.demo.helpers import ensure_meetings_basis, load_demo_file, local_datetime, record_demo_data
from samsvar.site.demo.people import FictionalPerson, fictional_people
from samsvar.site.meetings import models
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.access.actions.roles import give_role
from samsvar.site.network.models import Account, Organisation, Person

ORGANISER = "organiser@sudmar.example"


def make_demo_data(meeting: models.Meeting) -> None:
    """Create everything in meetings_after.toml, unless the past meeting already has sessions.

    The file names its own meeting, so `meeting` is ignored.
    """
    data = load_demo_file("meetings_after.toml")
    past_meeting = models.Meeting.objects.filter(public_id=data["meeting"]).first()
    if past_meeting is None or past_meeting.sessions.exists():
        return
    fictional = {entry.key: entry for entry in fictional_people()}
    people_by_id = {entry.public_id: entry for entry in Person.objects.filter(fictional=True, erased_at=None)}
    people = {key: people_by_id[entry.public_id] for key, entry in fictional.items() if entry.public_id in people_by_id}
    with transaction.atomic():
        for key, listed, attended in data["people"]:
            if key in people:
                _create_registration(past_meeting, fictional[key], people[key], AccessLevel(listed), attended=attended)
        visit = models.Meeting.objects.filter(public_id=data["visit"]).first()
        for key in data["visitors"] if visit else ():
            if visit and key in people:
                _create_registration(visit, fictional[key], people[key], AccessLevel.ORGANISERS, attended=False)
        sessions = {entry["key"]: _create_session(past_meeting, entry) for entry in data["session"]}
        for entry in data["outcome"]:
            _create_outcome(past_meeting, sessions[entry["session"]], entry, people)
        _create_survey(past_meeting, data["question"])
        _give_organiser_role(past_meeting, visit)
        record_demo_data(f"meeting {past_meeting.public_id}", outcomes=len(data["outcome"]))


# --- Registrations and roles ------------------------------------------------------------------------------------------


def _create_registration(
    meeting: models.Meeting, details: FictionalPerson, person: Person, listed: AccessLevel, *, attended: bool
) -> None:
    ensure_meetings_basis(person)
    before = local_datetime(meeting.begins - timedelta(days=30), meeting)
    registration = models.Registration.objects.create(
        public_id=stable_id("demonstration, place", meeting.public_id, details.key),
        meeting=meeting,
        person=person,
        group=details.group,
        gender=details.gender,
        state_id=None if details.at_risk else details.country or None,
        status=RegistrationStatus.CONFIRMED,
        decided_at=before,
        listed=listed,
    )
    models.Registration.objects.filter(pk=registration.pk).update(at=before)
    if attended:
        models.CheckIn.objects.create(
            id=UUID(hash_content(registration.public_id.encode())[:32]),
            meeting=meeting,
            registration=registration,
            at=local_datetime(meeting.begins, meeting, "09:00"),
        )


def _give_organiser_role(*meetings: models.Meeting | None) -> None:
    for account in Account.objects.filter(email=ORGANISER):
        for meeting in meetings:
            if meeting is not None:
                give_role(
                    account=account, role=Role.ORGANISER, by=None, reason="demonstration", meeting=meeting.public_id
                )


# --- Outcomes ---------------------------------------------------------------------------------------------------------


def _create_session(meeting: models.Meeting, data: Mapping[str, Any]) -> models.Session:
    starts = local_datetime(meeting.begins + timedelta(days=data["day"] - 1), meeting, data["at"])
    ends = starts + timedelta(minutes=data["minutes"])
    return models.Session.objects.create(
        public_id=stable_id("demonstration, session of the past", data["key"]),
        meeting=meeting,
        title=data["title"],
        kind=data["kind"],
        state=models.Session.State.READY,
        starts=starts,
        ends=ends,
        languages=meeting.languages,
        outcomes_shown_at=ends - timedelta(minutes=10),
        outcomes_closed_at=ends,
    )


def _create_outcome(
    meeting: models.Meeting, session: models.Session, data: Mapping[str, Any], people: Mapping[str, Person]
) -> None:
    struck = data.get("struck", "")
    outcome = models.Outcome.objects.create(
        public_id=stable_id("demonstration, outcome", data["key"]),
        meeting=meeting,
        session=session,
        kind=data["kind"],
        text=data["text"],
        language=data.get("language", "en"),
        state=OutcomeStatus.RETRACTED if struck else OutcomeStatus.CONFIRMED,
        access=data["access"],
        article=data.get("article", ""),
        finding=_strongest_finding_id(data),
        confirmed_at=None if struck else session.outcomes_closed_at,
    )
    assert session.starts is not None
    models.Outcome.objects.filter(pk=outcome.pk).update(recorded_at=session.starts + timedelta(minutes=20))
    if struck:
        _record_change(outcome, outcome.text, struck, session.starts + timedelta(minutes=40), after_closing=False)
    if corrected := data.get("corrected"):
        at = local_datetime(meeting.ends + timedelta(days=corrected["days"]), meeting)
        _record_change(outcome, corrected["text"], corrected["why"], at, after_closing=True)
    if data["kind"] == OutcomeKind.COMMITMENT:
        _create_commitment(meeting, outcome, data, people)


def _record_change(outcome: models.Outcome, before: str, reason: str, at: datetime, *, after_closing: bool) -> None:
    change = models.OutcomeChange.objects.create(
        outcome=outcome, text_before=before, why=reason, after_closing=after_closing
    )
    models.OutcomeChange.objects.filter(pk=change.pk).update(at=at)


def _strongest_finding_id(data: Mapping[str, Any]) -> str:
    """Return the ID of the strongest finding on the article in the report named in `data`, or "" if there is none."""
    if "finding" not in data:
        return ""
    findings = Finding.objects.filter(
        report__document__reference=data["finding"], articles__article=int(data["article"])
    )
    first = findings.order_by("rank", "ordinal").first()
    return first.public_id if first else ""


def _create_commitment(
    meeting: models.Meeting, outcome: models.Outcome, data: Mapping[str, Any], people: Mapping[str, Person]
) -> None:
    """Create the commitment and its progress reports.

    The first email asking about progress is sent on the first day of the demo.
    """
    steps = data.get("said", ())
    progress_status = CommitmentProgress(steps[-1]["keeping"]) if steps else CommitmentProgress.NOT_REPORTED
    last = meeting.ends + timedelta(days=steps[-1]["days"] if steps else 0)
    commitment = models.Commitment.objects.create(
        outcome=outcome,
        state_id=data.get("state"),
        organisation=Organisation.objects.filter(public_id=data.get("organisation", "")).first(),
        person=people.get(data.get("person", "")),
        due=_add_months(meeting.ends, data["due"]) if "due" in data else "",
        keeping=progress_status,
        next_follow_up=None
        if outcome.state == OutcomeStatus.RETRACTED
        else next_follow_up(meeting.ends, progress_status, last),
    )
    for step in steps:
        progress = models.ProgressReport.objects.create(
            commitment=commitment,
            keeping=step["keeping"],
            said_as=ReporterRole.SPEAKER,
            text=step["text"],
            evidence=step.get("evidence", ""),
        )
        at = local_datetime(meeting.ends + timedelta(days=step["days"]), meeting)
        models.ProgressReport.objects.filter(pk=progress.pk).update(at=at)


def _create_survey(meeting: models.Meeting, questions: list[dict[str, Any]]) -> None:
    """Create a survey that closed long ago: answers are kept, but the list of respondents is deleted after a day."""
    survey = models.Survey.objects.create(
        meeting=meeting,
        opens_at=local_datetime(meeting.ends, meeting, "12:30"),
        closes_at=local_datetime(meeting.ends + timedelta(days=14), meeting),
    )
    for order, data in enumerate(questions):
        question = models.SurveyQuestion.objects.create(
            survey=survey,
            text=data["text"],
            kind=data["kind"],
            options=[{"key": key, "text": {"en": en, "ro": ro}} for key, en, ro in data.get("options", ())],
            order=order,
        )
        models.SurveyTally.objects.bulk_create(
            models.SurveyTally(question=question, value=value, count=count)
            for value, count in data.get("counts", {}).items()
        )
        models.SurveyText.objects.bulk_create(
            models.SurveyText(question=question, text=text) for text in data.get("texts", ())
        )


def _add_months(day: date, months: int) -> str:
    """Return the month that is `months` after `day`, in the format used for commitments: "2027-06"."""
    count = day.year * 12 + day.month - 1 + months
    return f"{count // 12}-{count % 12 + 1:02}"
