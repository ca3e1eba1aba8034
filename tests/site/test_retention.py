"""Retention: data past their period are deleted, other data are kept, and what is due can be seen in advance."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from samsvar.meetings.outcomes import OutcomeStatus
from samsvar.network.consent import LegalBasis, Purpose
from samsvar.network.people import Field
from samsvar.network.rights import Claim, Role
from samsvar.site.audit.models import AuditEntry, RetentionRun
from samsvar.site.convention.models import State
from samsvar.site.exchange.models import HelpRequest
from samsvar.site.implementation.models import AskEmail, EditedFile, Room
from samsvar.site.meetings import models as meetings
from samsvar.site.monitoring.models import Upload
from samsvar.site.network import checks, models
from samsvar.site.network import scheduled as daily
from samsvar.site.network.data_inventory import find_retention_rule, resolve_subject, retention_days, retention_rules
from samsvar.site.network.privacy.actions.privacy import erase_personal_data
from samsvar.site.network.privacy.actions.retention import (
    MAX_PAUSE,
    WARNING_VERB,
    ClockJumped,
    run_retention,
    warn_owners_of_unused_accounts,
)
from samsvar.site.network.privacy.queries.files import HASH_LENGTH, unreferenced_files
from samsvar.site.network.privacy.queries.processing import overdue_summaries, period_label
from samsvar.site.settings.privacy import parse_retention_days
from samsvar.site.shell.uploads import read_private_file, store_private_file
from tests.factories.implementation import make_organisation, make_representative, make_room
from tests.factories.meetings import OLD_ROW_FACTORIES, make_meeting, make_registration
from tests.factories.people import make_account, make_membership, make_network, make_person, sign_in
from tests.factories.reports_back import make_draft, make_edited_file

pytestmark = pytest.mark.django_db
NOW = datetime(2031, 5, 20, 12, tzinfo=UTC)  # far from today: rows are exactly as old as each test says


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


# For each retention rule, one function makes a row of a given age in days. The row must be kept on the last day of
# its period and deleted after it. A test below fails for a rule without a function.


def make_email(days):
    letter = models.OutgoingEmail.objects.create(to="a@network.example", subject="s", body="b")
    models.OutgoingEmail.objects.filter(pk=letter.pk).update(at=days_ago(days))
    return letter


def make_form_draft(days):
    draft = models.FormDraft.objects.create(account=make_account(), page=f"/en/{days}/", form="0")
    models.FormDraft.objects.filter(pk=draft.pk).update(at=days_ago(days))
    return draft


def make_invitation(days):
    return models.Invitation.objects.create(
        token_hash=f"{models.Invitation.objects.count():064}", email="b@network.example", expires_at=days_ago(days)
    )


def make_confirmation(days):
    account = make_account()
    address = EmailAddress.objects.get(user=account)
    return EmailConfirmation.objects.create(email_address=address, key=account.public_id, created=days_ago(days))


def make_question(days):
    ask = models.MemberQuestion.objects.create(by=make_account(), to=make_person(), subject="s", progress="answered")
    line = models.QuestionMessage.objects.create(ask=ask, side="member", text="t")
    models.MemberQuestion.objects.filter(pk=ask.pk).update(at=days_ago(days + 40))
    models.QuestionMessage.objects.filter(pk=line.pk).update(at=days_ago(days))
    return ask


def make_staff_session(days):
    return models.StaffSession.objects.create(account=make_account(), reason="r", ends_at=days_ago(days))


def make_grant(days):
    return models.RoleGrant.objects.create(
        account=make_account(), role=Role.READER, since=days_ago(days + 10), until=days_ago(days)
    )


def make_refusal(days):
    return models.Refusal.objects.create(
        account=make_account(), claim=Claim.ASK_QUESTION, since=days_ago(days + 10), until=days_ago(days), reason="r"
    )


def make_task(days):
    return DBTaskResult.objects.create(
        status="SUCCESSFUL", finished_at=days_ago(days), args_kwargs={"args": [], "kwargs": {}}, task_path="a.b",
        queue_name="default", backend_name="default", run_after=days_ago(days), exception_class_path="", traceback="",
    )  # fmt: skip


def make_session(days):
    key = f"{Session.objects.count():040}"
    return Session.objects.create(session_key=key, session_data="", expire_date=days_ago(days))


def make_user_session(days):
    account = make_account()
    return UserSession.objects.create(
        user=account, ip="192.0.2.1", user_agent="b", session_key=account.public_id, last_seen_at=days_ago(days)
    )


def make_former_member_detail(days):
    person = make_person(details={Field.NAME: "Fictional Ovid Larkspur", Field.TELEPHONE: "+00 111"})
    network = models.Network.objects.filter(slug="lantern").first() or make_network()
    make_membership(network, person, begins=days_ago(days + 400).date(), ends=days_ago(days).date())
    return person.details.get(field=Field.TELEPHONE)


def make_detail_of_ended_duty(days):
    person = make_person(details={Field.NAME: "Fictional Petra Mosslight"})
    models.Basis.objects.create(
        person=person, purpose=Purpose.MEETINGS, ground=LegalBasis.PUBLIC_TASK, since=days_ago(days + 90), note="a law"
    )
    erase_personal_data(subject=resolve_subject(person=person), by=None, channel="by letter", now=days_ago(days + 80))
    person.bases.update(until=days_ago(days))
    return person.details.get()


def make_basis(days):
    return models.Basis.objects.create(
        person=make_person(), purpose=Purpose.DIRECTORY, ground=LegalBasis.CONSENT, text_version="1",
        since=days_ago(days + 10), until=days_ago(days),
    )  # fmt: skip


def make_upload(days):
    upload = Upload.objects.create(
        uploaded_by=make_account(), content_hash="c", filename="Draft of a fictional person.pdf", size=1, body="grevio",
        progress="refused",
        refusal={"code": "report_too_large", "message": "“Draft of a fictional person.pdf” is too large."},
    )  # fmt: skip
    Upload.objects.filter(pk=upload.pk).update(at=days_ago(days))
    return upload


def make_report_draft():
    State.objects.get_or_create(code="XA")
    return make_draft()


def make_file_of_a_report(days):
    edited = make_edited_file(make_report_draft())
    EditedFile.objects.filter(pk=edited.pk).update(at=days_ago(days))
    return edited


def make_note_of_a_report(days):
    return make_report_draft().notes.create(kind="comment", text="Which day?", done_at=days_ago(days))


def make_ask_email(days):
    return AskEmail.objects.create(email="c@network.example", sent_on=days_ago(days).date())


def make_old_room(days):
    State.objects.get_or_create(code="XA", defaults={"kind": "fictional"})
    organisation = make_organisation(f"House of {days} days")
    room = make_room(make_representative(organisation), organisation)
    Room.objects.filter(pk=room.pk).update(updated_at=days_ago(days))
    return room


def make_help_request(days):
    return HelpRequest.objects.create(
        by=make_account(), problem="p", situation="s", status="ended", changed_at=days_ago(days)
    )


MAKE_ROW = {
    "help_requests": make_help_request,
    "rooms": make_old_room,
    "asks_emailed": make_ask_email,
    "edited_reports": make_file_of_a_report,
    "report_notes": make_note_of_a_report,
    "letters": make_email,
    "form_drafts": make_form_draft,
    "invitations": make_invitation,
    "address_confirmations": make_confirmation,
    "questions": make_question,
    "staff_sessions": make_staff_session,
    "ended_roles": make_grant,
    "ended_refusals": make_refusal,
    "tasks": make_task,
    "browser_sessions": make_session,
    "sessions_seen": make_user_session,
    "former_members": make_former_member_detail,
    "ended_duties": make_detail_of_ended_duty,
    "ended_grounds": make_basis,
}
MAKE_ROW |= {key: partial(make, now=NOW) for key, make in OLD_ROW_FACTORIES.items()}


@pytest.mark.parametrize("key", sorted(MAKE_ROW))
def test_a_row_is_kept_on_its_last_day_and_deleted_after_it(key):
    period = retention_days(find_retention_rule(key))
    old, young = MAKE_ROW[key](period + 1.5), MAKE_ROW[key](period - 0.5)
    due = {one.rule.key: one for one in overdue_summaries(NOW)}
    assert (due[key].count, retention_days(due[key].rule)) == (1, period)
    assert due[key].oldest is not None
    gone = run_retention(by=None, now=NOW)
    assert gone[key] >= 1
    assert not type(old)._default_manager.filter(pk=old.pk).exists()
    assert type(young)._default_manager.filter(pk=young.pk).exists()
    assert run_retention(by=None, now=NOW).get(key, 0) == 0  # a second run finds nothing


def test_every_retention_rule_is_tested():
    others = {
        "upload_names",
        "unused_accounts",
        "audit_log",
        "registrations",
        "delegations_headed",
        "registration_answers",
        "introductions",  # tests/site/exchange/test_introductions_privacy.py
        "asks_received",  # tests/site/implementation/test_asks_desk.py
        "label_remarks",  # tests/site/test_label_remarks.py
    }
    assert {kind.key for kind in retention_rules()} == set(MAKE_ROW) | others


def make_ended_meeting(days: float) -> meetings.Meeting:
    last = days_ago(days).date()
    return make_meeting(begins=last, ends=last)


def test_old_registrations_lose_their_person_but_stay_countable():
    period = retention_days(find_retention_rule("registrations"))
    old, young = (
        make_registration(make_ended_meeting(days), ticket=f"t{days}") for days in (period + 1.5, period - 0.5)
    )
    models.Person.objects.filter(pk=old.person_id).update(fictional=False)
    models.Person.objects.filter(pk=young.person_id).update(fictional=False)
    assert run_retention(by=None, now=NOW)["registrations"] == 1
    people = dict(meetings.Registration.objects.values_list("pk", "person"))
    assert people == {old.pk: None, young.pk: young.person_id}


def test_old_delegations_lose_the_address_of_their_head_but_are_kept():
    period = retention_days(find_retention_rule("delegations_headed"))
    old, young = (
        meetings.Delegation.objects.create(
            meeting=make_ended_meeting(days), places=2, head_email="head@sudmar.example", note="n"
        )
        for days in (period + 1.5, period - 0.5)
    )
    assert run_retention(by=None, now=NOW)["delegations_headed"] == 1
    said = {row.pk: (row.head_email, row.note, row.places) for row in meetings.Delegation.objects.all()}
    assert said == {old.pk: ("", "", 2), young.pk: ("head@sudmar.example", "n", 2)}


def test_answers_are_deleted_on_the_date_set_for_their_question():
    meeting = make_meeting()
    guest = make_registration(meeting)
    today, tomorrow = (
        meeting.questions.create(text={"en": "?"}, delete_on=NOW.date() + timedelta(days=days)) for days in (0, 1)
    )
    for question in (today, tomorrow):
        question.answers.create(registration=guest, value="vegan")
    assert run_retention(by=None, now=NOW)["registration_answers"] == 1
    assert list(meetings.Answer.objects.values_list("question", flat=True)) == [tomorrow.pk]


def test_the_file_name_of_an_old_finished_upload_is_removed_but_the_upload_is_kept():
    period = retention_days(find_retention_rule("upload_names"))
    old, young, waiting = make_upload(period + 1), make_upload(period - 1), make_upload(period + 1)
    Upload.objects.filter(pk=waiting.pk).update(progress="waiting")
    assert run_retention(by=None, now=NOW)["upload_names"] == 1
    names = {upload.pk: (upload.filename, upload.refusal) for upload in Upload.objects.all()}
    assert names[old.pk] == ("report.pdf", {"code": "report_too_large"})
    assert names[young.pk] == (young.filename, young.refusal)
    assert names[waiting.pk] == (waiting.filename, waiting.refusal)


def test_waiting_and_running_tasks_are_never_deleted():
    for status in ("READY", "RUNNING"):
        line = make_task(400)
        DBTaskResult.objects.filter(pk=line.pk).update(status=status, finished_at=None)
    run_retention(by=None, now=NOW)
    assert sorted(DBTaskResult.objects.values_list("status", flat=True)) == ["READY", "RUNNING"]


def test_an_open_question_is_kept_however_old_it_is():
    ask = make_question(4000)
    models.MemberQuestion.objects.filter(pk=ask.pk).update(progress="forwarded")
    run_retention(by=None, now=NOW)
    assert models.MemberQuestion.objects.filter(pk=ask.pk).exists()


def test_a_former_member_keeps_their_name_but_not_contact_details_and_photograph():
    detail = make_former_member_detail(400)
    content_hash = store_private_file(b"RIFF a former member")
    models.Photograph.objects.create(person=detail.person, content_hash=content_hash, format="webp", width=1, height=1)
    models.Detail.objects.create(person=detail.person, field=Field.PHOTOGRAPH, value=content_hash)
    member = make_former_member_detail(400).person
    make_membership(make_network("harbour"), member, begins=days_ago(100).date())  # now a member of another network
    run_retention(by=None, now=NOW)
    assert set(detail.person.details.values_list("field", flat=True)) == {Field.NAME}
    assert not detail.person.photographs.exists()
    assert set(member.details.values_list("field", flat=True)) == {Field.NAME, Field.TELEPHONE}


@pytest.mark.django_db(transaction=True)
def test_the_photograph_file_of_a_former_member_is_deleted_too():
    detail = make_former_member_detail(400)
    content_hash = store_private_file(b"RIFF a former member, whole")
    models.Photograph.objects.create(person=detail.person, content_hash=content_hash, format="webp", width=1, height=1)
    models.Detail.objects.create(person=detail.person, field=Field.PHOTOGRAPH, value=content_hash)
    assert read_private_file(content_hash) is not None
    run_retention(by=None, now=NOW)
    assert read_private_file(content_hash) is None


# --- The page, the command and the daily task -------------------------------------------------------------------------


def make_unused_account(*roles: Role, days: float) -> models.Account:
    account = make_account(*(roles or (Role.READER,)))
    models.Account.objects.filter(pk=account.pk).update(joined_at=days_ago(days + 100), last_login=days_ago(days))
    account.refresh_from_db()
    return account


@pytest.fixture
def record_past_warning():
    """Write the audit log entry of a warning with a date in the past: entries cannot be changed afterwards."""

    def write(account, days):
        at = AuditEntry._meta.get_field("at")
        at.auto_now_add, kept = False, at.auto_now_add
        try:
            AuditEntry.objects.create(
                at=days_ago(days),
                verb=WARNING_VERB,
                subject=f"account {account.public_id}",
                keep_until=days_ago(-900).date(),
            )
        finally:
            at.auto_now_add = kept

    return write


def test_the_owner_of_an_unused_account_is_emailed_thirty_days_before_erasure():
    period = retention_days(find_retention_rule("unused_accounts"))
    soon, later = make_unused_account(days=period - 29), make_unused_account(days=period - 31)
    assert warn_owners_of_unused_accounts(now=NOW) == 1
    letter = models.OutgoingEmail.objects.get()
    assert letter.to == soon.email != later.email
    assert "2031-06-19" in letter.body
    assert AuditEntry.objects.get(verb=WARNING_VERB).subject == f"account {soon.public_id}"


def test_an_unused_account_is_erased_only_thirty_days_after_the_warning_email(record_past_warning):
    period = retention_days(find_retention_rule("unused_accounts"))
    never, lately, long_ago = (
        make_unused_account(days=period + 40),
        make_unused_account(days=period + 40),
        make_unused_account(days=period + 40),
    )
    record_past_warning(lately, 29)
    record_past_warning(long_ago, 31)
    assert run_retention(by=None, now=NOW)["unused_accounts"] == 1
    emptied = set(models.Account.objects.filter(erased_at__isnull=False).values_list("pk", flat=True))
    assert emptied == {long_ago.pk}
    assert {never.pk, lately.pk} & emptied == set()


def test_an_account_is_kept_if_its_owner_signs_in_after_the_warning_email(record_past_warning):
    account = make_unused_account(days=retention_days(find_retention_rule("unused_accounts")) + 40)
    record_past_warning(account, 31)
    models.Account.objects.filter(pk=account.pk).update(last_login=days_ago(1))
    assert "unused_accounts" not in run_retention(by=None, now=NOW)


def test_a_closed_account_is_erased_without_a_warning_email():
    account = make_unused_account(days=retention_days(find_retention_rule("unused_accounts")) + 1)
    models.Account.objects.filter(pk=account.pk).update(is_active=False)
    assert warn_owners_of_unused_accounts(now=NOW) == 0
    assert run_retention(by=None, now=NOW)["unused_accounts"] == 1


@pytest.mark.parametrize("role", [Role.SECRETARIAT, Role.AUDITOR, Role.ADMINISTRATOR])
def test_an_unused_staff_account_is_never_erased_automatically(role, record_past_warning):
    account = make_unused_account(role, days=5000)
    record_past_warning(account, 31)
    assert warn_owners_of_unused_accounts(now=NOW) == 0
    assert "unused_accounts" not in run_retention(by=None, now=NOW)


def test_a_member_keeps_their_profile_when_their_unused_account_is_erased(record_past_warning):
    account = make_unused_account(days=5000)
    person = make_person(account=account, details={Field.NAME: "Fictional Wilma Thistle"})
    term = make_membership(make_network(), person)
    record_past_warning(account, 31)
    run_retention(by=None, now=NOW)
    account.refresh_from_db()
    person.refresh_from_db()
    term.refresh_from_db()
    assert account.erased_at is not None
    assert (person.erased_at, person.account, term.ends) == (None, None, None)
    assert person.details.get().value == "Fictional Wilma Thistle"


# --- Unreferenced files -----------------------------------------------------------------------------------------------


def test_an_expired_audit_log_entry_is_deleted_and_the_deletion_is_logged():
    today = timezone.now().date()
    for keep_until in (today - timedelta(days=1), today):
        AuditEntry.objects.create(verb="saw", subject="an old line", keep_until=keep_until)
    gone = run_retention(by=None)
    assert gone["audit_log"] == 1
    assert AuditEntry.objects.get(subject="an old line").keep_until == today
    assert AuditEntry.objects.filter(subject="retention").get().details == {"audit_log": 1}


# --- The page, the command and the daily task -------------------------------------------------------------------------


def test_the_command_only_shows_what_is_due_unless_apply_is_given(capsys):
    letter = make_email(0)
    models.OutgoingEmail.objects.filter(pk=letter.pk).update(at=timezone.now() - timedelta(days=31))
    call_command("retention")
    said = capsys.readouterr().out
    assert f"letters: 1, the oldest of {(timezone.now() - timedelta(days=31)).date()}" in said
    assert "Nothing was deleted. Use --apply to delete this data." in said
    assert models.OutgoingEmail.objects.exists()
    call_command("retention", "--apply")
    assert "Deleted: letters 1." in capsys.readouterr().out
    assert not models.OutgoingEmail.objects.exists()


def test_nothing_is_deleted_if_a_retention_setting_is_invalid():
    make_email(0)
    models.OutgoingEmail.objects.update(at=timezone.now() - timedelta(days=31))
    with (
        override_settings(SAMSVAR_RETENTION={"lettres": 1}),
        pytest.raises(CommandError, match="no retention rule “lettres”"),
    ):
        call_command("retention", "--apply")
    assert models.OutgoingEmail.objects.exists()


def test_an_administrator_can_see_and_delete_what_is_due(client):
    models.OutgoingEmail.objects.create(to="a@network.example", subject="s", body="b")
    models.OutgoingEmail.objects.update(at=timezone.now() - timedelta(days=31))
    account = make_account(Role.ADMINISTRATOR)
    sign_in(client, account, staff_session="the yearly look at what is kept")
    address = reverse("network:retention")
    assert "30 days after they were written" in client.get(address).content.decode()
    assert models.OutgoingEmail.objects.exists()
    assert client.post(address)["Location"] == address
    assert not models.OutgoingEmail.objects.exists()
    line = AuditEntry.objects.get(verb="deleted data past its retention period")
    assert (line.actor, line.details, line.why) == (account, {"letters": 1}, "the yearly look at what is kept")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_an_administrator_can_run_retention(client, role):
    account = make_account(role)
    with pytest.raises(PermissionDenied):
        run_retention(by=account)
    sign_in(client, account, staff_session="a reason that is long enough")
    assert client.post(reverse("network:retention")).status_code in {302, 403}


QUEUE = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}


@pytest.mark.django_db(transaction=True)  # a worker closes its connection at the end
@override_settings(TASKS=QUEUE)
def test_the_daily_task_is_queued_once_and_queues_itself_for_the_next_day():
    run_retention(by=None)  # deletes files that other tests left, which no rollback does
    make_email(0)
    models.OutgoingEmail.objects.update(at=timezone.now() - timedelta(days=31))
    assert daily.ensure_daily_run() is True
    assert daily.ensure_daily_run() is False
    today = DBTaskResult.objects.get()
    assert (today.task_path, today.run_after <= timezone.now()) == (
        "samsvar.site.network.scheduled.run_daily_tasks",
        True,
    )
    call_command("work", "--batch", verbosity=0)
    today.refresh_from_db()
    assert (today.status, today.return_value) == ("SUCCESSFUL", {"letters": 1})
    tomorrow = DBTaskResult.objects.get(status="READY")
    assert tomorrow.run_after == daily.next_run_time(timezone.now())
    assert not models.OutgoingEmail.objects.exists()


def test_the_daily_task_also_runs_that_of_meetings():
    run_retention(by=None)  # as above
    today = timezone.now().date()
    outcome = meetings.Outcome.objects.create(
        meeting=make_meeting(), kind="commitment", text="A shelter within an hour.", state=OutcomeStatus.CONFIRMED
    )
    person = make_person(account=make_account())
    meetings.Commitment.objects.create(outcome=outcome, person=person, keeping="promised", next_follow_up=today)
    assert daily.run_daily_tasks.call() == {"asked_how_it_goes": 1}


@override_settings(TASKS=QUEUE)
def test_a_failed_daily_task_is_queued_again_for_the_next_day(monkeypatch):
    def fails(**_):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(daily, "run_retention", fails)
    with pytest.raises(RuntimeError):
        daily.run_daily_tasks.call()
    assert DBTaskResult.objects.filter(status="READY", task_path=daily.run_daily_tasks.module_path).count() == 1


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (datetime(2026, 11, 24, 2, 59, tzinfo=UTC), datetime(2026, 11, 24, 3, tzinfo=UTC)),
        (datetime(2026, 11, 24, 3, 0, tzinfo=UTC), datetime(2026, 11, 25, 3, tzinfo=UTC)),
    ],
)
def test_the_daily_task_runs_at_night(now, then):
    assert daily.next_run_time(now) == then


def test_expired_rate_limits_are_deleted_because_their_keys_contain_ip_addresses():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO samsvar_cache (cache_key, value, expires) VALUES (%s, %s, %s)",
            ["limit:192.0.2.77", "x", connection.ops.adapt_datetimefield_value(days_ago(1))],
        )
        run_retention(by=None, now=NOW)
        cursor.execute("SELECT count(*) FROM samsvar_cache WHERE cache_key = %s", ["limit:192.0.2.77"])
        assert cursor.fetchone() == (0,)


def test_a_retention_period_is_described_in_words():
    assert period_label(find_retention_rule("letters")) == "30 days after they were written"
    with override_settings(SAMSVAR_RETENTION={"letters": 365}):
        assert period_label(find_retention_rule("letters")) == "1 year after they were written"


@pytest.mark.parametrize(
    "said", ["letters", "letters=", "letters=soon", "letters=0", "=14", "letters=-3", "letters=1.5"]
)
def test_a_retention_period_that_is_not_a_number_of_days_stops_the_start(said):
    with pytest.raises(ImproperlyConfigured, match="SAMSVAR_RETENTION"):
        parse_retention_days(said)


def test_retention_periods_are_read_from_one_setting():
    assert parse_retention_days(" letters=14, questions = 90 ,") == {"letters": 14, "questions": 90}
    assert parse_retention_days("") == {}


def test_a_misspelt_retention_rule_is_found_by_a_system_check():
    assert [one.id for one in checks.check_retention_settings()] == []
    with override_settings(SAMSVAR_RETENTION={"lettres": 14}):
        assert [one.id for one in checks.check_retention_settings()] == ["samsvar.E004"]


def test_a_real_site_without_a_data_controller_gets_a_warning():
    with override_settings(SAMSVAR_DEMO=False, SAMSVAR_CONTROLLER="", SAMSVAR_PRIVACY_CONTACT=""):
        assert [one.id for one in checks.check_privacy_contact()] == ["samsvar.W004"]
    with override_settings(SAMSVAR_DEMO=False, SAMSVAR_CONTROLLER="A ministry", SAMSVAR_PRIVACY_CONTACT="a@b.example"):
        assert checks.check_privacy_contact() == []


# --- Unreferenced files -----------------------------------------------------------------------------------------------


def make_private_file(content: bytes, *, days: float) -> str:
    """Save a private file that was last written so many days ago, and return its hash."""
    hash_ = store_private_file(content)
    written = (timezone.now() - timedelta(days=days)).timestamp()
    os.utime(default_storage.path(f"private/{hash_[:2]}/{hash_}"), (written, written))
    return hash_


def test_only_unreferenced_private_files_are_deleted_after_a_day():
    left, fresh, named = (
        make_private_file(content, days=days) for content, days in ((b"l", 1.1), (b"f", 0.9), (b"n", 400))
    )
    models.Photograph.objects.create(person=make_person(), content_hash=named, format="webp", width=1, height=1)
    assert set(unreferenced_files(timezone.now())) & {left, fresh, named} == {left}
    gone = run_retention(by=None)
    assert gone["unnamed_files"] >= 1
    assert [read_private_file(hash_) is not None for hash_ in (left, fresh, named)] == [False, True, True]
    line = AuditEntry.objects.get(verb="deleted data past its retention period")
    assert line.details["unnamed_files"] == gone["unnamed_files"]
    assert unreferenced_files(timezone.now()) == []


def test_saving_an_unreferenced_file_again_restarts_its_day():
    hash_ = make_private_file(b"once more", days=3)
    assert hash_ in unreferenced_files(timezone.now())
    assert store_private_file(b"once more") == hash_
    assert hash_ not in unreferenced_files(timezone.now())


def test_every_content_hash_column_is_as_long_as_a_hash():
    """The sweep looks only in columns of this length; files named in any other column would be lost after a day."""
    columns = {
        column.max_length
        for model in apps.get_models()
        for column in model._meta.concrete_fields
        if column.name == "content_hash"
    }
    assert columns == {HASH_LENGTH}


def test_the_command_reports_the_number_of_unreferenced_files(capsys):
    make_private_file(b"told of", days=2)
    number = len(unreferenced_files(timezone.now()))
    call_command("retention")
    assert f"unnamed_files: {number} (kept 1 day)" in capsys.readouterr().out
    assert number >= 1


# --- A clock that has jumped ------------------------------------------------------------------------------------------


def make_expired_email():
    """Make a row that is past its period by the true clock too, so that something would be deleted."""
    letter = models.OutgoingEmail.objects.create(to="a@network.example", subject="s", body="b")
    models.OutgoingEmail.objects.filter(pk=letter.pk).update(at=timezone.now() - timedelta(days=900))
    return letter


@pytest.mark.parametrize(("pause", "is_deleted"), [(MAX_PAUSE, True), (MAX_PAUSE + timedelta(minutes=1), False)])
def test_nothing_is_deleted_if_the_clock_is_more_than_a_week_ahead_of_the_last_run(pause, is_deleted):
    RetentionRun.objects.create(at=NOW - pause)
    make_expired_email()
    if is_deleted:
        run_retention(by=None, now=NOW)
    else:
        with pytest.raises(ClockJumped) as refused:
            run_retention(by=None, now=NOW)
        assert "The clock says 2031-05-20, but data was last deleted on 2031-05-13" in refused.value.full_message()
    assert models.OutgoingEmail.objects.exists() is not is_deleted
    assert RetentionRun.objects.get().at == (NOW if is_deleted else NOW - pause)


def test_a_confirmed_date_counts_from_then_on_and_an_earlier_clock_deletes_what_is_due():
    RetentionRun.objects.create(at=NOW - timedelta(days=400))
    run_retention(by=None, now=NOW, is_date_confirmed=True)
    run_retention(by=None, now=NOW + timedelta(days=1))
    run_retention(by=None, now=NOW - timedelta(days=30))
    assert RetentionRun.objects.get().at == NOW - timedelta(days=30)


def test_the_daily_tasks_do_nothing_and_log_an_error_if_the_clock_has_jumped(caplog, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    RetentionRun.objects.create(at=timezone.now() - timedelta(days=30))
    make_expired_email()
    emails = models.OutgoingEmail.objects.count()
    assert daily.run_daily_tasks.call() == {"clock_jumped": 1}
    assert models.OutgoingEmail.objects.count() == emails
    (entry,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "the daily tasks were not run: The clock says" in entry.getMessage()


def test_a_run_that_was_queued_while_the_clock_was_ahead_does_not_block_later_ones(settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    far = daily.run_daily_tasks.using(run_after=timezone.now() + timedelta(days=400)).enqueue()
    assert daily.ensure_daily_run() is True
    (task,) = DBTaskResult.objects.filter(status="READY", task_path=daily.run_daily_tasks.module_path)
    assert str(task.pk) != far.id


def test_the_command_fails_until_the_date_is_confirmed(capsys):
    RetentionRun.objects.create(at=timezone.now() - timedelta(days=30))
    make_expired_email()
    for options in ({}, {"apply": True}):
        with pytest.raises(CommandError, match=r"the clock may be wrong.*retention --apply --date-is-right"):
            call_command("retention", **options)
    assert models.OutgoingEmail.objects.exists()
    call_command("retention", apply=True, date_is_right=True)
    assert not models.OutgoingEmail.objects.exists()
    call_command("retention", apply=True)


def test_the_page_asks_for_the_date_to_be_confirmed(client):
    sign_in(client, make_account(Role.ADMINISTRATOR), staff_session="deleting data")
    address = reverse("network:retention")
    assert "date_is_right" not in client.get(address).content.decode()
    RetentionRun.objects.create(at=timezone.now() - timedelta(days=30))
    make_expired_email()
    page = client.get(address).content.decode()
    assert "the clock may be wrong" in page
    assert 'name="date_is_right"' in page
    assert "Nothing was deleted." in client.post(address, follow=True).content.decode()
    assert models.OutgoingEmail.objects.filter(subject="s").exists()
    client.post(address, {"date_is_right": "yes"})
    assert not models.OutgoingEmail.objects.filter(subject="s").exists()
