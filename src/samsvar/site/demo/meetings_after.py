"""What came of an invented meeting of the past, from meetings_after.toml: promises, who came, what they thought."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from samsvar.ids import content_hash, stable_id
from samsvar.meetings.meeting import Access
from samsvar.meetings.outcomes import Keeping, OutcomeKind, OutcomeState, SaidAs, next_follow_up
from samsvar.meetings.registration import Standing
from samsvar.network.consent import Ground, Purpose
from samsvar.network.rights import Role
from samsvar.site.audit.actions import record
from samsvar.site.demo.people import InventedPerson, invented_people
from samsvar.site.meetings import models
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.access.actions.roles import give_role
from samsvar.site.network.models import Account, Basis, Organisation, Person

SOURCE = "Invented for the demonstration."
ORGANISER = "organiser@sudmar.example"


def make(meeting: models.Meeting) -> None:
    """Everything of that file, unless the meeting in the harbour has sessions already; `meeting` is another one."""
    said = tomllib.loads(files("samsvar.site.demo").joinpath("meetings_after.toml").read_text(encoding="utf-8"))
    held = models.Meeting.objects.filter(public_id=said["meeting"]).first()
    if held is None or held.sessions.exists():
        return
    invented = {one.key: one for one in invented_people()}
    rows = {one.public_id: one for one in Person.objects.filter(invented=True, erased_at=None)}
    people = {key: rows[one.public_id] for key, one in invented.items() if one.public_id in rows}
    with transaction.atomic():
        for key, listed, came in said["people"]:
            if key in people:
                _take_part(held, invented[key], people[key], Access(listed), came=came)
        visit = models.Meeting.objects.filter(public_id=said["visit"]).first()
        for key in said["visitors"] if visit else ():
            if visit and key in people:
                _take_part(visit, invented[key], people[key], Access.ORGANISERS, came=False)
        sessions = {one["key"]: _session(held, one) for one in said["session"]}
        for one in said["outcome"]:
            _outcome(held, sessions[one["session"]], one, people)
        _evaluation(held, said["question"])
        _let_the_organiser_run(held, visit)
        details = {"outcomes": len(said["outcome"])}
        record(by=None, verb="loaded", subject=f"meeting {held.public_id}", details=details, why="demonstration")


# --- Who took part ----------------------------------------------------------------------------------------------------


def _take_part(
    meeting: models.Meeting, invented: InventedPerson, person: Person, listed: Access, *, came: bool
) -> None:
    if not person.bases.filter(purpose=Purpose.MEETINGS).exists():
        Basis.objects.create(
            person=person, purpose=Purpose.MEETINGS, ground=Ground.PUBLIC_TASK, since=timezone.now(), note=SOURCE
        )
    before = _moment(meeting.begins - timedelta(days=30), meeting)
    place = models.Registration.objects.create(
        public_id=stable_id("demonstration, place", meeting.public_id, invented.key),
        meeting=meeting,
        person=person,
        group=invented.group,
        gender=invented.gender,
        state_id=None if invented.at_risk else invented.country or None,
        standing=Standing.CONFIRMED,
        decided_at=before,
        listed=listed,
    )
    models.Registration.objects.filter(pk=place.pk).update(at=before)
    if came:
        models.CheckIn.objects.create(
            id=UUID(content_hash(place.public_id.encode())[:32]),
            meeting=meeting,
            registration=place,
            at=_moment(meeting.begins, meeting, "09:00"),
        )


def _let_the_organiser_run(*meetings: models.Meeting | None) -> None:
    for account in Account.objects.filter(email=ORGANISER):
        for meeting in meetings:
            if meeting is not None:
                give_role(
                    account=account, role=Role.ORGANISER, by=None, reason="demonstration", meeting=meeting.public_id
                )


# --- What was said ----------------------------------------------------------------------------------------------------


def _session(meeting: models.Meeting, said: Mapping[str, Any]) -> models.Session:
    starts = _moment(meeting.begins + timedelta(days=said["day"] - 1), meeting, said["at"])
    ends = starts + timedelta(minutes=said["minutes"])
    return models.Session.objects.create(
        public_id=stable_id("demonstration, session of the past", said["key"]),
        meeting=meeting,
        title=said["title"],
        kind=said["kind"],
        state=models.Session.State.READY,
        starts=starts,
        ends=ends,
        languages=meeting.languages,
        outcomes_shown_at=ends - timedelta(minutes=10),
        outcomes_closed_at=ends,
    )


def _outcome(
    meeting: models.Meeting, session: models.Session, said: Mapping[str, Any], people: Mapping[str, Person]
) -> None:
    struck = said.get("struck", "")
    outcome = models.Outcome.objects.create(
        public_id=stable_id("demonstration, outcome", said["key"]),
        meeting=meeting,
        session=session,
        kind=said["kind"],
        text=said["text"],
        language=said.get("language", "en"),
        state=OutcomeState.STRUCK if struck else OutcomeState.CONFIRMED,
        access=said["access"],
        article=said.get("article", ""),
        finding=_finding(said),
        confirmed_at=None if struck else session.outcomes_closed_at,
    )
    assert session.starts is not None
    models.Outcome.objects.filter(pk=outcome.pk).update(recorded_at=session.starts + timedelta(minutes=20))
    if struck:
        _changed(outcome, outcome.text, struck, session.starts + timedelta(minutes=40), after_closing=False)
    if corrected := said.get("corrected"):
        at = _moment(meeting.ends + timedelta(days=corrected["days"]), meeting)
        _changed(outcome, corrected["text"], corrected["why"], at, after_closing=True)
    if said["kind"] == OutcomeKind.COMMITMENT:
        _promise(meeting, outcome, said, people)


def _changed(outcome: models.Outcome, before: str, why: str, at: datetime, *, after_closing: bool) -> None:
    change = models.OutcomeChange.objects.create(
        outcome=outcome, text_before=before, why=why, after_closing=after_closing
    )
    models.OutcomeChange.objects.filter(pk=change.pk).update(at=at)


def _finding(said: Mapping[str, Any]) -> str:
    """The strongest finding of a report under the article; "" where the reports could not be made."""
    if "finding" not in said:
        return ""
    found = Finding.objects.filter(
        report__document__reference=said["finding"], articles__article=int(said["article"])
    ).order_by("rank", "ordinal")
    first = found.first()
    return first.public_id if first else ""


def _promise(
    meeting: models.Meeting, outcome: models.Outcome, said: Mapping[str, Any], people: Mapping[str, Person]
) -> None:
    """The commitment, and what was said of it since. Who has not been asked yet is asked on the first day."""
    steps = said.get("said", ())
    keeping = Keeping(steps[-1]["keeping"]) if steps else Keeping.PROMISED
    last = meeting.ends + timedelta(days=steps[-1]["days"] if steps else 0)
    commitment = models.Commitment.objects.create(
        outcome=outcome,
        state_id=said.get("state"),
        organisation=Organisation.objects.filter(public_id=said.get("organisation", "")).first(),
        person=people.get(said.get("person", "")),
        due=_months_after(meeting.ends, said["due"]) if "due" in said else "",
        keeping=keeping,
        next_follow_up=None if outcome.state == OutcomeState.STRUCK else next_follow_up(meeting.ends, keeping, last),
    )
    for step in steps:
        progress = models.Progress.objects.create(
            commitment=commitment,
            keeping=step["keeping"],
            said_as=SaidAs.SPEAKER,
            text=step["text"],
            evidence=step.get("evidence", ""),
        )
        at = _moment(meeting.ends + timedelta(days=step["days"]), meeting)
        models.Progress.objects.filter(pk=progress.pk).update(at=at)


def _evaluation(meeting: models.Meeting, questions: list[dict[str, Any]]) -> None:
    """As it stands long after it was closed: who had answered was deleted a day later, what was answered stays."""
    survey = models.Survey.objects.create(
        meeting=meeting,
        opens_at=_moment(meeting.ends, meeting, "12:30"),
        closes_at=_moment(meeting.ends + timedelta(days=14), meeting),
    )
    for order, said in enumerate(questions):
        question = models.SurveyQuestion.objects.create(
            survey=survey,
            text=said["text"],
            kind=said["kind"],
            options=[{"key": key, "text": {"en": en, "ro": ro}} for key, en, ro in said.get("options", ())],
            order=order,
        )
        models.SurveyTally.objects.bulk_create(
            models.SurveyTally(question=question, value=value, count=count)
            for value, count in said.get("counts", {}).items()
        )
        models.SurveyText.objects.bulk_create(
            models.SurveyText(question=question, text=text) for text in said.get("texts", ())
        )


def _months_after(day: date, months: int) -> str:
    """The month so many months after a day, as people promise: "2027-06"."""
    count = day.year * 12 + day.month - 1 + months
    return f"{count // 12}-{count % 12 + 1:02}"


def _moment(day: date, meeting: models.Meeting, at: str = "12:00") -> datetime:
    return datetime.combine(day, time.fromisoformat(at), ZoneInfo(meeting.zone))
