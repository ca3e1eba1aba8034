"""A person with a row in every category and a unique mark in every text column, to detect what leaks or is kept.

The rows are created here one by one; the markers are set by walking the data inventory, so that a new column is marked
automatically. A marker that is still found after erasure has not been erased.
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

from samsvar.ids import hash_content
from samsvar.network.consent import LegalBasis, Purpose, Visibility
from samsvar.network.people import Field
from samsvar.network.rights import Claim, Role
from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.models import State
from samsvar.site.exchange import models as exchange
from samsvar.site.following import models as following
from samsvar.site.implementation import models as implementation
from samsvar.site.meetings import models as meetings
from samsvar.site.monitoring import models as monitoring
from samsvar.site.network import models as network
from samsvar.site.network.data_inventory import DataCategory, SubjectOfRequest, data_categories, resolve_subject
from samsvar.site.shell.uploads import store_private_file
from tests.factories.meetings import (
    make_commitment,
    make_contribution,
    make_meeting,
    make_session,
    make_survey_question,
)
from tests.factories.people import make_account, make_membership, make_network

_numbers = itertools.count(1)
TEXT_COLUMNS = (models.CharField, models.TextField, models.JSONField, models.GenericIPAddressField)
# Values that the site itself interprets: a marker would change what the row means.
USED_BY_THE_SITE = {
    ("account", "public_id"), ("account", "language"), ("person", "public_id"), ("memberships", "public_id"),
    ("questions", "public_id"), ("questions_received", "public_id"), ("questions_handled", "public_id"),
    ("invitations", "public_id"), ("reports_read_in", "public_id"), ("findings_judged", "public_id"),
    ("photographs", "content_hash"), ("photographs", "format"),  # the name of its file
    ("second_factors", "data"), ("browser_sessions", "session_data"), ("browser_sessions", "session_key"),
    ("tasks", "args_kwargs"), ("reading_tasks", "args_kwargs"),
    ("account", "password"), ("sessions", "session_key"),
    ("questions_received", "reason"),  # a question with a reason was never forwarded
    ("introductions", "public_id"), ("introductions_helping", "public_id"), ("introductions_proposed", "public_id"),
    ("programmes", "people"),
}  # fmt: skip
# Values that stay with the meeting when a participant's data is erased: meaningless numbers, dates and languages.
KEPT_BY_THE_MEETING = {
    ("meeting_documents", "public_id"), ("meeting_documents", "title"), ("meeting_documents", "format"),
    ("registrations", "public_id"), ("registrations", "language"), ("delegations_headed", "public_id"),
    ("programmes", "programme"), ("programmes", "changes"), ("programmes", "note"), ("taken_people", "key"),
    ("letters_got", "code"), ("letters_got", "language"), ("commitments_spoken_for", "due"),
    # a request to a body and its answers belong to the state and the body
    ("asks_received", "public_id"), ("asks_received", "body_name"), ("asks_received", "language"),
    ("asks_received", "title"), ("asks_received", "message"),
}  # fmt: skip


def make_marker() -> str:
    """Return eight letters that occur nowhere else, short enough for the shortest column."""
    number = next(_numbers)
    return "zq" + "".join(chr(ord("a") + number // 26**place % 26) for place in reversed(range(6)))


@dataclass
class MarkedPerson:
    """A person, and their marks by category and column."""

    account: network.Account
    person: network.Person
    given: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    withheld: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    photograph: str = ""
    network: network.Network | None = None

    @property
    def subject(self) -> SubjectOfRequest:
        return resolve_subject(account=network.Account.objects.get(pk=self.account.pk))

    def all_given(self) -> set[str]:
        return {one for marks in self.given.values() for one in marks}

    def all_withheld(self) -> set[str]:
        return {one for marks in self.withheld.values() for one in marks}


def make_marked_person(*, third: network.Account) -> MarkedPerson:
    """Make a person with at least one row in every category; `third` is on the other side of what two people share."""
    now = timezone.now()
    account = make_account(Role.READER, email=f"{make_marker()}@{make_marker()}.example")
    account.last_login = now
    account.save()
    person = network.Person.objects.create(account=account, fictional=True, at_risk=True, pseudonym="set below")
    home = make_network(slug=make_marker())
    third_person = network.Person.objects.filter(account=third).first() or network.Person.objects.create(
        account=third, fictional=True
    )
    _make_directory_data(account, person, third, third_person, home, now)
    photograph = _make_photograph(person)
    _make_sign_in_data(account, now)
    _make_rights(account, third, home, now)
    _make_member_questions(account, person, third, third_person, home, now)
    _make_reports(account, third, now)
    _make_measure_imports(account, third)
    _make_meetings(account, person, third, third_person, now)
    _make_measures(account, third, now)
    _make_reports_back(account, third, now)
    _make_practices(account)
    _make_room(account, third)
    _make_asks(account, third, now)
    _make_help_requests(account, third, home)
    _make_introductions(account, third, home)
    made = MarkedPerson(account=account, person=person, photograph=photograph, network=home)
    _make_audit_log(made, third)
    _mark_columns(made)
    return made


def _make_directory_data(account: Any, person: Any, third: Any, third_person: Any, home: Any, now: Any) -> None:
    for one in Field:
        value = (
            "practitioners"
            if one is Field.GROUP
            else f"{make_marker()}@{make_marker()}.example"
            if one is Field.EMAIL
            else make_marker()
        )
        network.Detail.objects.create(person=person, field=one, value=value, visibility=Visibility.ONLY_ME)
    organisation = network.Organisation.objects.create(
        public_id=make_marker(), name="A fictional shelter", kind="shelter_ngo", fictional=True
    )
    make_membership(home, person, begins=now.date() - timedelta(days=400), organisation=organisation)
    make_membership(home, third_person, begins=now.date() - timedelta(days=300))
    network.Basis.objects.create(
        person=person, purpose=Purpose.DIRECTORY, ground=LegalBasis.CONSENT, since=now, text_version="set below",
        recorded_by=third,
    )  # fmt: skip
    network.Basis.objects.create(
        person=person, purpose=Purpose.MEMBERSHIP, ground=LegalBasis.PUBLIC_TASK, since=now, note="set below",
        text_version="set below", recorded_by=third,
    )  # fmt: skip
    network.Basis.objects.create(
        person=third_person, purpose=Purpose.MEMBERSHIP, ground=LegalBasis.PUBLIC_TASK, since=now, note="a third’s",
        recorded_by=account,
    )  # fmt: skip
    for by, to in ((third, account), (account, third)):
        network.Invitation.objects.create(
            token_hash=uuid.uuid4().hex * 2, email=to.email, network=home, invited_by=by, account=to,
            expires_at=now + timedelta(days=14),
        )  # fmt: skip


def _make_photograph(person: Any) -> str:
    content = b"RIFF a fictional picture " + make_marker().encode()
    store_private_file(content)
    network.Photograph.objects.create(
        person=person, content_hash=hash_content(content), format="webp", width=1, height=1
    )
    return hash_content(content)


def _make_sign_in_data(account: Any, now: Any) -> None:
    address = EmailAddress.objects.get(user=account)
    EmailConfirmation.objects.create(email_address=address, key=uuid.uuid4().hex, sent=now)
    Authenticator.objects.create(user=account, type="totp", data={"secret": "set below"})
    elsewhere = SocialAccount.objects.create(user=account, provider="set below", uid=uuid.uuid4().hex)
    SocialToken.objects.create(account=elsewhere, token="set below", token_secret="set below")
    session = SessionStore()
    session["_auth_user_id"] = str(account.pk)
    session.create()
    UserSession.objects.create(user=account, ip="192.0.2.1", user_agent="set below", session_key=session.session_key)
    letter = network.OutgoingEmail.objects.create(
        account=account, to=account.email, subject="set below", body="set below", html="set below", refusal="set below"
    )
    _make_task("samsvar.site.network.emails.tasks.send_queued_email", letter.pk)


def _make_task(path: str, *arguments: Any) -> None:
    DBTaskResult.objects.create(
        status="FAILED", args_kwargs={"args": list(arguments), "kwargs": {}}, task_path=path, queue_name="default",
        backend_name="default", run_after=timezone.now(), exception_class_path="OSError", traceback="set below",
    )  # fmt: skip


def _make_rights(account: Any, third: Any, home: Any, now: Any) -> None:
    for by, to in ((third, account), (account, third)):
        network.RoleGrant.objects.create(
            account=to, role=Role.CONTRIBUTOR, since=now, network=home, reason="set below", given_by=by, meeting="m"
        )
        network.Refusal.objects.create(
            account=to, claim=Claim.ASK_QUESTION, since=now, network=home, reason="set below", made_by=by, meeting="m"
        )
    implementation.DigestSubscription.objects.create(account=account, sent_lines=["set below"])
    following.Follow.objects.create(account=account, kind="search", key="set below", query="q=set", note="set below")
    following.FollowDigest.objects.create(account=account)
    following.DeliveredEvent.objects.create(account=account, event="set below", at=now)
    network.FormDraft.objects.create(account=account, page="/en/profile/", form="0", fields={"about": ["set below"]})
    network.StaffSession.objects.create(
        account=account, browser="b" * 64, reason="set below", ends_at=now + timedelta(minutes=5)
    )


def _make_member_questions(account: Any, person: Any, third: Any, third_person: Any, home: Any, now: Any) -> None:
    asked = network.MemberQuestion.objects.create(
        by=account, to=third_person, network=home, subject="set below", progress="declined", handled_by=third,
        handled_at=now, reason="set below",
    )  # fmt: skip
    received = network.MemberQuestion.objects.create(
        by=third, to=person, network=home, subject="set below", progress="answered", handled_by=third, handled_at=now
    )
    network.MemberQuestion.objects.create(
        by=third, to=third_person, network=home, subject="a third’s", progress="forwarded", handled_by=account,
        handled_at=now,
    )  # fmt: skip
    for ask in (asked, received):
        for side in ("asker", "member"):
            network.QuestionMessage.objects.create(ask=ask, side=side, text="set below")


def _make_reports(account: Any, third: Any, now: Any) -> None:
    document = monitoring.Document.objects.create(public_id=make_marker(), origin="upload", body="grevio")
    report = monitoring.Report.objects.create(
        public_id=make_marker(), document=document, content_hash=uuid.uuid4().hex * 2, filename="set below", size=1,
        format="pdf", page_count=1, language="en", reader="tests", read_by=account,
    )  # fmt: skip
    finding = monitoring.Finding.objects.create(
        public_id=make_marker(), report=report, ordinal=1, body="grevio", page=1, text="GREVIO urges Nordmark.",
        language="en",
        reader="tests", review="confirmed", reviewed_by=account, reviewed_at=now, note="set below",
    )  # fmt: skip
    for proposer, reviewer in ((account, third), (third, account)):
        monitoring.CorrectionProposal.objects.create(
            report=report, finding=finding, label={}, reason="set below", proposed_by=proposer, decided_by=reviewer,
            status="declined",
        )  # fmt: skip
        monitoring.LabelRemark.objects.create(
            report=report, finding=finding, part="strength", label={}, comment="set below", by=proposer,
            dealt_with_by=reviewer, dealt_with_at=now, status="dealt_with",
        )  # fmt: skip
        monitoring.LabelChange.objects.create(
            report=report, finding=finding, cause="review", by=proposer, previous_reviewer=reviewer
        )
    monitoring.DetailsChange.objects.create(report=report, by=account, reason="set below")
    monitoring.ReviewSample.objects.create(finding_ids=[], matching=0, drawn_by=account)
    later = monitoring.Finding.objects.create(
        public_id=uuid.uuid4().hex[:16], report=report, ordinal=2, body="grevio", page=1, language="en",
        text="GREVIO welcomes what Nordmark did.", reader="tests",
    )  # fmt: skip
    monitoring.FindingLink.objects.create(
        later=later, earlier=finding, basis="citation", certain=True, similarity=1, later_text="closes",
        decided_by=account, decided_at=now, reason="set below",
    )  # fmt: skip
    monitoring.LinkDecision.objects.create(
        report=report, later=later, earlier=finding, later_text="closes", by=account, reason="set below"
    )
    upload = monitoring.Upload.objects.create(
        uploaded_by=account, content_hash=report.content_hash, filename="set below", size=1, body="grevio",
        progress="refused", refusal={"code": "empty_report", "message": "set below"}, report=report,
    )  # fmt: skip
    _make_task("samsvar.site.monitoring.tasks.read_upload", str(upload.pk))


def _make_measures(account: Any, third: Any, now: Any) -> None:
    """Create a link, a decision and a change that the person recorded, and evidence that they gave or decided on."""
    state, _is_new = State.objects.get_or_create(code="XA", defaults={"kind": "fictional"})
    finding = monitoring.Finding.everything.last()
    measure = implementation.Measure.objects.create(state=state, title="A second shelter", stage_since=now.date())
    measure.answers.create(finding=finding, by=account, scope="part", reason="set below", part_text="set below")
    implementation.Triage.objects.create(finding=finding, state=state, by=account, reason="set below", note="set below")
    implementation.Change.objects.create(state=state, kind="measure", measure=measure, by=account, reason="set below")
    for giver, reviewer in ((account, third), (third, account)):
        implementation.Evidence.objects.create(
            state=state, measure=measure, side="state", kind="report", title="set below", received=now.date(),
            given_by=giver, decided_by=reviewer, decided_at=now,
        )  # fmt: skip


def _make_practices(account: Any) -> None:
    """Create a practice in which the person did something, a review of it, and a decision about praise."""
    state, _is_new = State.objects.get_or_create(code="XA", defaults={"kind": "fictional"})
    organisation = network.Organisation.objects.filter(fictional=True).latest("pk")
    practice = exchange.Practice.objects.create(state=state)
    practice.texts.create(language="en", title="A practice")
    practice.reviews.create(version=1, by=account, organisation=organisation, verdict="approve", comment="set below")
    practice.events.create(act="submit", version=1, reason="set below", role="owner", by=account)
    exchange.LeadDecision.objects.create(finding=uuid.uuid4().hex[:16], state=state, reason="set below", by=account)


def _make_reports_back(account: Any, third: Any, now: Any) -> None:
    """Create reports back that the person wrote, cleared, submitted and published, or that a third person did."""
    State.objects.get_or_create(code="XA", defaults={"kind": "fictional"})
    for own, other in ((account, third), (third, account)):
        draft = implementation.Draft.objects.create(
            state_id="XA", form_id="state-report-annexes", form_version="2026-11", title="set below", created_by=own,
            written_by=other, written_at=now,
        )  # fmt: skip
        section = draft.sections.create(section_id="s1", part_id="data", order=0, heading="A section")
        section.versions.create(version=1, cause="edit", by=own, role="national_desk")
        draft.edited_files.create(filename="set below", by=own)
        draft.notes.create(kind="comment", text="set below", author_name="set below", by=own)
        draft.clearances.create(name="set below", office="set below", by=own, ended_at=now, end_reason="set below")
        implementation.Submission.objects.create(
            draft=draft, json="{}", sha256=uuid.uuid4().hex * 2, docx_hash=uuid.uuid4().hex * 2,
            on_behalf_of="set below", cleared_for="An office", submitted_by=own, published_by=other, published_at=now,
            submitted_at=now,
        )  # fmt: skip


def _make_room(account: Any, third: Any) -> None:
    """Create a room of an organisation, with the person and another member."""
    State.objects.get_or_create(code="XA", defaults={"kind": "fictional"})
    organisation = network.Organisation.objects.filter(fictional=True).latest("pk")
    room = implementation.Room.objects.create(state_id="XA", organisation=organisation, title="A fictional comment")
    for member in (account, third):
        room.members.create(account=member)


def _make_asks(account: Any, third: Any, now: Any) -> None:
    """Create a request for information that the person made, and one that the person answered by its link."""
    state, _is_new = State.objects.get_or_create(code="XA", defaults={"kind": "fictional"})
    for by, email in ((account, third.email), (third, account.email)):
        ask = implementation.Ask.objects.create(
            state=state, body_name="A fictional ministry", official_name="set below", official_email=email,
            title="set below", message="set below", due=now.date(), status="answered", sent_at=now,
            token_hash=uuid.uuid4().hex, device_hash="set below", created_by=by,
        )  # fmt: skip
        ask.questions.create(text="How many orders were made?")
        ask.submissions.create(number=1, signed_by="set below", entered_by=by)
        ask.events.create(act="send", actor="desk", note="set below", by=by)
        implementation.AskEmail.objects.create(email=email, sent_on=now.date())


def _make_help_requests(account: Any, third: Any, home: Any) -> None:
    """Create a request, reply and offer of the person, and a third person's requests that they entered or took."""
    state, _is_new = State.objects.get_or_create(code="XA", defaults={"kind": "fictional"})
    own = {
        "problem": "set below", "situation": "set below", "part": "set below", "judgement": "set below",
        "translated_problem": "set below", "translated_situation": "set below",
    }  # fmt: skip
    exchange.HelpRequest.objects.create(by=account, typed_by=third, taken_by=third, network=home, **own)
    theirs = {"by": third, "network": home, "problem": "a third’s", "situation": "a third’s"}
    exchange.HelpRequest.objects.create(typed_by=account, **theirs)
    asked = exchange.HelpRequest.objects.create(taken_by=account, **theirs)
    asked.replies.create(by=account, text="set below", link="https://reply.example/")
    exchange.Offer.objects.create(by=account, state=state, title="A call", text="An hour")


def _make_introductions(account: Any, third: Any, home: Any) -> None:
    """Create introductions with the person on either side, with messages, and an adoption that they recorded."""
    state = State.objects.get(code="XA")
    request = exchange.HelpRequest.objects.filter(by=third).first()
    for asker, helper, proposer in ((account, third, third), (third, account, third), (third, None, account)):
        introduction = exchange.Introduction.objects.create(
            request=request, network=home, asker=asker, helper=helper, status="took_place", proposed_by=proposer,
            held_on=timezone.localdate(), invited_at=timezone.now(), outcome="set below", reasons=["set below"],
        )  # fmt: skip
        introduction.messages.create(side="asker", text="set below")
    practice = exchange.Practice.objects.create(state=state)
    adoption = exchange.Adoption.objects.create(practice=practice, practice_version=1, state=state, by=account)
    adoption.events.create(status="considered", by=account, reason="set below")


def _make_measure_imports(account: Any, third: Any) -> None:
    """Create imports of measures that the person made and undid, and columns that they chose."""
    state, _is_new = State.objects.get_or_create(code="XA", defaults={"kind": "fictional"})
    for importer, undoer in ((account, third), (third, account)):
        implementation.MeasureImport.objects.create(state=state, by=importer, undone_by=undoer)
    implementation.ColumnMapping.objects.create(
        state=state, headings=make_marker(), columns={"measure": "title"}, by=account
    )


def _make_meetings(account: Any, person: Any, third: Any, third_person: Any, now: Any) -> None:
    """Create a meeting in which the person takes part and which they help to run.

    A third person is the other party.
    """
    meeting = make_meeting(public_id=make_marker())
    session = make_session(meeting)
    own, other = (
        _make_registration(meeting, account, person, third),
        _make_registration(meeting, third, third_person, account),
    )
    _make_programme(meeting, session, account, person, third)
    meeting.pseudonyms.create(person=person, name="set below")
    for by, to in ((third, account), (account, third)):
        meetings.Duty.objects.create(
            meeting=meeting, account=to, kind="record", until=now + timedelta(days=1), given_by=by
        )
    meetings.MeetingDocument.objects.create(
        meeting=meeting, content_hash=uuid.uuid4().hex * 2, filename="set below", format="pdf", size=1,
        uploaded_by=account,
    )  # fmt: skip
    meetings.OneToOneMeeting.objects.create(
        meeting=meeting, asker=own, asked=other, about="set below", state="accepted", starts=session.starts, table=1
    ).seats.create(registration=own, starts=session.starts)
    meetings.ScheduleEntry.objects.create(account=account, session=session)
    meetings.ScheduleLink.objects.create(meeting=meeting, account=account, token_hash="set below")
    meetings.NetworkingOptIn.objects.create(registration=own, about="set below")
    _make_outcomes(meeting, own, account, person)
    _make_contributions(meeting, account, person, third)


def _make_registration(meeting: Any, account: Any, person: Any, third: Any) -> Any:
    """Create an invitation and what follows: a registration decided by another account, answers, documents."""
    meetings.LinkRequest.objects.create(meeting=meeting, email=account.email, language="en")
    delegation = meetings.Delegation.objects.create(
        meeting=meeting, places=2, head=person, head_email=account.email, token_hash="set below", note="set below"
    )
    invitation = meetings.MeetingInvitation.objects.create(
        token_hash=uuid.uuid4().hex * 2, meeting=meeting, email=account.email, person=person, invited_by=third,
        expires_at=timezone.now() + timedelta(days=14), delegation=delegation,
    )  # fmt: skip
    own = meetings.Registration.objects.create(
        meeting=meeting, person=person, invitation=invitation, status="confirmed", gender="set below",
        reason="set below", token_hash="set below", ticket=make_marker(), decided_by=third,
    )  # fmt: skip
    question = meetings.Question.objects.create(
        meeting=meeting, text={"en": "What do you eat?"}, delete_on=meeting.ends + timedelta(days=9)
    )
    question.answers.create(registration=own, value="set below")
    meetings.CheckIn.objects.create(meeting=meeting, registration=own, at=timezone.now(), by=third)
    meetings.IssuedLetter.objects.create(
        code=make_marker(), registration=own, meeting=meeting, kind="attendance", language="en", by=third
    )
    return own


def _make_programme(meeting: Any, session: Any, account: Any, person: Any, third: Any) -> None:
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


def _make_outcomes(meeting: Any, own: Any, account: Any, person: Any) -> None:
    outcome = make_commitment(meeting, person=person, recorded_by=account)
    outcome.changes.create(text_before="set below", why="set below", by=account)
    outcome.commitment.progress.create(keeping="under_way", text="set below", evidence="set below", by=account)
    asked = meetings.FollowUp.objects.create(person=person, token_hash="set below", due=timezone.now().date())
    asked.commitments.add(outcome.commitment)
    make_survey_question(meeting).survey.responses.create(registration=own)


def _make_contributions(meeting: Any, account: Any, person: Any, third: Any) -> None:
    offered = make_contribution(
        meeting, person=person, account=account, with_others="set below", reason="set below", decided_by=third
    )
    offered.call.links.create(email=account.email, token_hash=uuid.uuid4().hex, sent_at=timezone.now())
    make_contribution(meeting, decided_by=account, reason="set below").reviews.create(by=account, text="set below")
    meetings.ImportedPerson.objects.create(meeting=meeting, key=make_marker(), person=person)


def _make_audit_log(made: MarkedPerson, third: Any) -> None:
    """Create audit log entries, which cannot be changed later and so are marked as they are written."""
    ways = (("done", made.account, "", "subject a"), ("seen", third, made.person.public_id, "directory"))
    for key, actor, person, subject in ways:
        marks = {column: make_marker() for column in ("verb", "details", "why")}
        AuditEntry.objects.create(
            actor=actor, verb=marks["verb"], subject=subject, details={"fields": [marks["details"]]}, person=person,
            saw=key == "seen", why=marks["why"], keep_until=timezone.now().date() + timedelta(days=30),
        )  # fmt: skip
        for column, one in marks.items():
            made.given[key, column] = [one]


def _mark_columns(made: MarkedPerson) -> None:
    """Set a mark into every text column of every row about the person, and remember it."""
    subject = made.subject  # the marks change none of what it is found by
    for category in data_categories():
        if category.model is AuditEntry:
            continue
        rows = list(category.get_exported_rows(subject))
        assert rows, f"nothing to leak: {category.key} has no row"
        for row in rows:
            _mark_row(made, category, row)


def _mark_row(made: MarkedPerson, category: DataCategory, row: Any) -> None:
    values = {}
    for name in (*category.exported, *category.withheld):
        column = row._meta.get_field(name)
        if (
            not isinstance(column, TEXT_COLUMNS)
            or column.choices
            or (category.key, name) in USED_BY_THE_SITE | KEPT_BY_THE_MEETING
        ):
            continue
        there = made.given if name in category.exported else made.withheld
        old = getattr(row, name)
        if isinstance(column, models.EmailField) or (category.key, name) == ("entry", "value"):
            value = old  # marked as it was made: rows are found by it
            if old == "practitioners":
                continue
        elif isinstance(column, models.GenericIPAddressField):
            value = f"2001:db8::{next(_numbers):x}:beef"
        elif isinstance(column, models.JSONField):
            # the format of an error; the code must be a known one
            value = {"code": "empty_report", "message": make_marker()}
        else:
            value = make_marker()
        values[name] = value
        said = value["message"] if isinstance(value, dict) else value
        there.setdefault((category.key, name), []).append(said)
    if values:
        type(row)._default_manager.filter(pk=row.pk).update(**values)


def dump_database() -> str:
    """Return every value of every row of every table, as text."""
    said = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                said.extend(
                    value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in row
                )
    return "\n".join(said)
