"""Somebody with a row in every holding, and a mark of their own in every text column: what leaks or stays is seen.

The rows are made here one by one; the marks are set by walking the registry, so that a new column is marked by itself.
"""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, models
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from samsvar.ids import content_hash
from samsvar.network.consent import Ground, Purpose, Visibility
from samsvar.network.people import Field
from samsvar.network.rights import Claim, Role
from samsvar.site.audit.models import Entry
from samsvar.site.meetings import models as meetings
from samsvar.site.monitoring import models as monitoring
from samsvar.site.network import models as network
from samsvar.site.network.data_inventory import Holding, Subject, holdings, subject_of
from samsvar.site.shell.uploads import store_private
from tests.factories.meetings import make_contribution, make_meeting, make_promise, make_session, make_survey
from tests.factories.people import join, make_account, make_network

_numbers = itertools.count(1)
TEXTS = (models.CharField, models.TextField, models.JSONField, models.GenericIPAddressField)
# What the site itself reads: a mark in it would make another row of it.
READ_BY_US = {
    ("account", "public_id"), ("account", "language"), ("person", "public_id"), ("memberships", "public_id"),
    ("questions", "public_id"), ("questions_received", "public_id"), ("questions_handled", "public_id"),
    ("invitations", "public_id"), ("reports_read_in", "public_id"), ("findings_judged", "public_id"),
    ("photographs", "content_hash"), ("photographs", "format"),  # the name of its file
    ("second_factors", "data"), ("browser_sessions", "session_data"), ("browser_sessions", "session_key"),
    ("tasks", "args_kwargs"), ("reading_tasks", "args_kwargs"),
    ("account", "password"), ("sessions", "session_key"),
    ("questions_received", "reason"),  # a question with one was never forwarded
    ("programmes", "people"),
}  # fmt: skip
# What is the meeting's and stays with it, when who was there is forgotten: numbers that lead nowhere, days, languages.
THE_MEETINGS = {
    ("meeting_documents", "public_id"), ("meeting_documents", "title"), ("meeting_documents", "format"),
    ("registrations", "public_id"), ("registrations", "language"), ("delegations_headed", "public_id"),
    ("programmes", "programme"), ("programmes", "changes"), ("programmes", "note"), ("taken_people", "key"),
    ("letters_got", "code"), ("letters_got", "language"), ("commitments_spoken_for", "due"),
}  # fmt: skip


def mark() -> str:
    """Eight letters that stand nowhere else; short enough for the shortest column."""
    number = next(_numbers)
    return "zq" + "".join(chr(ord("a") + number // 26**place % 26) for place in reversed(range(6)))


@dataclass
class Marked:
    """Somebody, and their marks by holding and column."""

    account: network.Account
    person: network.Person
    given: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    withheld: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    photograph: str = ""
    network: network.Network | None = None

    @property
    def subject(self) -> Subject:
        return subject_of(account=network.Account.objects.get(pk=self.account.pk))

    def all_given(self) -> set[str]:
        return {one for marks in self.given.values() for one in marks}

    def all_withheld(self) -> set[str]:
        return {one for marks in self.withheld.values() for one in marks}


def make_marked_person(*, third: network.Account) -> Marked:
    """Somebody with at least one row in every holding; `third` is on the other side of what two people share."""
    now = timezone.now()
    account = make_account(Role.READER, email=f"{mark()}@{mark()}.example")
    account.last_login = now
    account.save()
    person = network.Person.objects.create(account=account, invented=True, at_risk=True, pseudonym="set below")
    home = make_network(slug=mark())
    third_person = network.Person.objects.filter(account=third).first() or network.Person.objects.create(
        account=third, invented=True
    )
    _directory(account, person, third, third_person, home, now)
    photograph = _photograph(person)
    _signing_in(account, now)
    _rights(account, third, home, now)
    _exchanges(account, person, third, third_person, home, now)
    _reports(account, now)
    _meetings(account, person, third, third_person, now)
    made = Marked(account=account, person=person, photograph=photograph, network=home)
    _trail(made, third)
    _mark_columns(made)
    return made


def _directory(account: Any, person: Any, third: Any, third_person: Any, home: Any, now: Any) -> None:
    for one in Field:
        value = (
            "practitioners" if one is Field.GROUP else f"{mark()}@{mark()}.example" if one is Field.EMAIL else mark()
        )
        network.Detail.objects.create(person=person, field=one, value=value, visibility=Visibility.ONLY_ME)
    organisation = network.Organisation.objects.create(
        public_id=mark(), name="An invented shelter", kind="shelter_ngo", invented=True
    )
    join(home, person, begins=now.date() - timedelta(days=400), organisation=organisation)
    join(home, third_person, begins=now.date() - timedelta(days=300))
    network.Basis.objects.create(
        person=person, purpose=Purpose.DIRECTORY, ground=Ground.CONSENT, since=now, text_version="set below",
        recorded_by=third,
    )  # fmt: skip
    network.Basis.objects.create(
        person=person, purpose=Purpose.MEMBERSHIP, ground=Ground.PUBLIC_TASK, since=now, note="set below",
        text_version="set below", recorded_by=third,
    )  # fmt: skip
    network.Basis.objects.create(
        person=third_person, purpose=Purpose.MEMBERSHIP, ground=Ground.PUBLIC_TASK, since=now, note="a third’s",
        recorded_by=account,
    )  # fmt: skip
    for by, to in ((third, account), (account, third)):
        network.Invitation.objects.create(
            token_hash=uuid.uuid4().hex * 2, email=to.email, network=home, invited_by=by, account=to,
            expires_at=now + timedelta(days=14),
        )  # fmt: skip


def _photograph(person: Any) -> str:
    content = b"RIFF an invented picture " + mark().encode()
    store_private(content)
    network.Photograph.objects.create(
        person=person, content_hash=content_hash(content), format="webp", width=1, height=1
    )
    return content_hash(content)


def _signing_in(account: Any, now: Any) -> None:
    address = EmailAddress.objects.get(user=account)
    EmailConfirmation.objects.create(email_address=address, key=uuid.uuid4().hex, sent=now)
    Authenticator.objects.create(user=account, type="totp", data={"secret": "set below"})
    elsewhere = SocialAccount.objects.create(user=account, provider="set below", uid=uuid.uuid4().hex)
    SocialToken.objects.create(account=elsewhere, token="set below", token_secret="set below")
    session = SessionStore()
    session["_auth_user_id"] = str(account.pk)
    session.create()
    UserSession.objects.create(user=account, ip="192.0.2.1", user_agent="set below", session_key=session.session_key)
    letter = network.Letter.objects.create(
        account=account, to=account.email, subject="set below", body="set below", html="set below", refusal="set below"
    )
    _task("samsvar.site.network.emails.tasks.send_letter", letter.pk)


def _task(path: str, *arguments: Any) -> None:
    DBTaskResult.objects.create(
        status="FAILED", args_kwargs={"args": list(arguments), "kwargs": {}}, task_path=path, queue_name="default",
        backend_name="default", run_after=timezone.now(), exception_class_path="OSError", traceback="set below",
    )  # fmt: skip


def _rights(account: Any, third: Any, home: Any, now: Any) -> None:
    for by, to in ((third, account), (account, third)):
        network.RoleGrant.objects.create(
            account=to, role=Role.CONTRIBUTOR, since=now, network=home, reason="set below", given_by=by, meeting="m"
        )
        network.Refusal.objects.create(
            account=to, claim=Claim.ASK, since=now, network=home, reason="set below", made_by=by, meeting="m"
        )
    network.StaffSession.objects.create(
        account=account, browser="b" * 64, reason="set below", ends_at=now + timedelta(minutes=5)
    )


def _exchanges(account: Any, person: Any, third: Any, third_person: Any, home: Any, now: Any) -> None:
    asked = network.Ask.objects.create(
        by=account, to=third_person, network=home, subject="set below", progress="declined", handled_by=third,
        handled_at=now, reason="set below",
    )  # fmt: skip
    received = network.Ask.objects.create(
        by=third, to=person, network=home, subject="set below", progress="answered", handled_by=third, handled_at=now
    )
    network.Ask.objects.create(
        by=third, to=third_person, network=home, subject="a third’s", progress="forwarded", handled_by=account,
        handled_at=now,
    )  # fmt: skip
    for ask in (asked, received):
        for side in ("asker", "member"):
            network.AskLine.objects.create(ask=ask, side=side, text="set below")


def _reports(account: Any, now: Any) -> None:
    document = monitoring.Document.objects.create(public_id=mark(), origin="upload", body="grevio")
    report = monitoring.Report.objects.create(
        public_id=mark(), document=document, content_hash=uuid.uuid4().hex * 2, filename="set below", size=1,
        format="pdf", page_count=1, language="en", reader="tests", read_by=account,
    )  # fmt: skip
    monitoring.Finding.objects.create(
        public_id=mark(), report=report, ordinal=1, body="grevio", page=1, text="GREVIO urges Nordmark.", language="en",
        reader="tests", review="confirmed", reviewed_by=account, reviewed_at=now, note="set below",
    )  # fmt: skip
    upload = monitoring.Upload.objects.create(
        uploaded_by=account, content_hash=report.content_hash, filename="set below", size=1, body="grevio",
        progress="refused", refusal={"code": "empty_report", "message": "set below"}, report=report,
    )  # fmt: skip
    _task("samsvar.site.monitoring.tasks.read_upload", str(upload.pk))


def _meetings(account: Any, person: Any, third: Any, third_person: Any, now: Any) -> None:
    """A meeting that somebody takes part in, with a third person on the other side; and one that they help to run."""
    meeting = make_meeting(public_id=mark())
    session = make_session(meeting)
    own, other = _coming(meeting, account, person, third), _coming(meeting, third, third_person, account)
    _programme(meeting, session, account, person, third)
    for by, to in ((third, account), (account, third)):
        meetings.Duty.objects.create(
            meeting=meeting, account=to, kind="record", until=now + timedelta(days=1), given_by=by
        )
    meetings.Document.objects.create(
        meeting=meeting, content_hash=uuid.uuid4().hex * 2, filename="set below", format="pdf", size=1,
        uploaded_by=account,
    )  # fmt: skip
    meetings.Encounter.objects.create(
        meeting=meeting, asker=own, asked=other, about="set below", state="accepted", starts=session.starts, table=1
    ).seats.create(registration=own, starts=session.starts)
    meetings.MySession.objects.create(account=account, session=session)
    meetings.ScheduleLink.objects.create(meeting=meeting, account=account, token_hash="set below")
    meetings.OpenToTalk.objects.create(registration=own, about="set below")
    _aftermath(meeting, own, account, person)
    _contributions(meeting, account, person, third)


def _coming(meeting: Any, account: Any, person: Any, third: Any) -> Any:
    """An invitation and what follows from it: a registration that somebody else decided upon, answers, papers."""
    delegation = meetings.Delegation.objects.create(
        meeting=meeting, places=2, head=person, head_email=account.email, token_hash="set below", note="set below"
    )
    invitation = meetings.MeetingInvitation.objects.create(
        token_hash=uuid.uuid4().hex * 2, meeting=meeting, email=account.email, person=person, invited_by=third,
        expires_at=timezone.now() + timedelta(days=14), delegation=delegation,
    )  # fmt: skip
    own = meetings.Registration.objects.create(
        meeting=meeting, person=person, invitation=invitation, standing="confirmed", gender="set below",
        reason="set below", token_hash="set below", ticket=mark(), decided_by=third,
    )  # fmt: skip
    question = meetings.Question.objects.create(
        meeting=meeting, text={"en": "What do you eat?"}, delete_on=meeting.ends + timedelta(days=9)
    )
    question.answers.create(registration=own, value="set below")
    meetings.CheckIn.objects.create(meeting=meeting, registration=own, at=timezone.now(), by=third)
    meetings.IssuedLetter.objects.create(
        code=mark(), registration=own, meeting=meeting, kind="attendance", language="en", by=third
    )
    return own


def _programme(meeting: Any, session: Any, account: Any, person: Any, third: Any) -> None:
    session.appearances.create(person=person, language="set")
    meetings.Availability.objects.create(meeting=meeting, person=person, starts=session.starts, ends=session.ends)
    meetings.SpeakerLink.objects.create(
        meeting=meeting, person=person, email=account.email, token_hash="set below", asked_at=timezone.now()
    )
    for number, (by, people) in enumerate(((third, {"k": person.public_id}), (account, {})), 1):
        meetings.Version.objects.create(
            meeting=meeting, number=number, note="set below", programme={}, people=people, released_by=by,
            released_at=timezone.now(),
        )  # fmt: skip


def _aftermath(meeting: Any, own: Any, account: Any, person: Any) -> None:
    outcome = make_promise(meeting, person=person, recorded_by=account)
    outcome.changes.create(text_before="set below", why="set below", by=account)
    outcome.commitment.progress.create(keeping="under_way", text="set below", evidence="set below", by=account)
    asked = meetings.FollowUp.objects.create(person=person, token_hash="set below", due=timezone.now().date())
    asked.commitments.add(outcome.commitment)
    make_survey(meeting).survey.turns.create(registration=own)


def _contributions(meeting: Any, account: Any, person: Any, third: Any) -> None:
    offered = make_contribution(
        meeting, person=person, account=account, with_others="set below", reason="set below", decided_by=third
    )
    offered.call.links.create(email=account.email, token_hash=uuid.uuid4().hex, sent_at=timezone.now())
    make_contribution(meeting, decided_by=account, reason="set below").reviews.create(by=account, text="set below")
    meetings.TakenPerson.objects.create(meeting=meeting, key=mark(), person=person)


def _trail(made: Marked, third: Any) -> None:
    """Lines of the trail cannot be changed, so these are marked as they are written."""
    ways = (("done", made.account, "", "subject a"), ("seen", third, made.person.public_id, "directory"))
    for key, actor, person, subject in ways:
        marks = {column: mark() for column in ("verb", "details", "why")}
        Entry.objects.create(
            actor=actor, verb=marks["verb"], subject=subject, details={"fields": [marks["details"]]}, person=person,
            saw=key == "seen", why=marks["why"], keep_until=timezone.now().date() + timedelta(days=30),
        )  # fmt: skip
        for column, one in marks.items():
            made.given[key, column] = [one]


def _mark_columns(made: Marked) -> None:
    """Set a mark into every text column of every row that is about somebody, and remember it."""
    for holding in holdings():
        if holding.model == "samsvar_audit.Entry":
            continue
        rows = list(holding.handed_to(made.subject))
        assert rows, f"nothing to leak: {holding.key} has no row"
        for row in rows:
            _mark_row(made, holding, row)


def _mark_row(made: Marked, holding: Holding, row: Any) -> None:
    for name in (*holding.given, *holding.withheld):
        column = row._meta.get_field(name)
        if not isinstance(column, TEXTS) or column.choices or (holding.key, name) in READ_BY_US | THE_MEETINGS:
            continue
        there = made.given if name in holding.given else made.withheld
        old = getattr(row, name)
        if isinstance(column, models.EmailField) or (holding.key, name) == ("entry", "value"):
            value = old  # marked as it was made: rows are found by it
            if old == "practitioners":
                continue
        elif isinstance(column, models.GenericIPAddressField):
            value = f"2001:db8::{next(_numbers):x}:beef"
        elif isinstance(column, models.JSONField):
            value = {"code": "empty_report", "message": mark()}  # a refusal's shape; the code is one of ours
        else:
            value = mark()
        type(row)._default_manager.filter(pk=row.pk).update(**{name: value})
        said = value["message"] if isinstance(value, dict) else value
        there.setdefault((holding.key, name), []).append(said)


def everything_in_the_database() -> str:
    """Every value of every row of every table, as text."""
    said = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                said.extend(
                    value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in row
                )
    return "\n".join(said)
