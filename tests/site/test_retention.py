"""Retention: what is past its time goes, nothing else does, and somebody can see it before."""

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

from samsvar.network.consent import Ground, Purpose
from samsvar.network.people import Field
from samsvar.network.rights import Claim, Role
from samsvar.site.audit.models import Entry
from samsvar.site.meetings import models as meetings
from samsvar.site.monitoring.models import Upload
from samsvar.site.network import checks, models
from samsvar.site.network import scheduled as daily
from samsvar.site.network.data_inventory import days_of, kind_called, kinds, subject_of
from samsvar.site.network.privacy.actions.privacy import erase
from samsvar.site.network.privacy.actions.retention import WARNED, run_retention, warn_unused
from samsvar.site.network.privacy.queries.files import HASH_LENGTH, unnamed_files
from samsvar.site.network.privacy.queries.privacy import period_words, what_is_due
from samsvar.site.settings.privacy import days_by_kind
from samsvar.site.shell.uploads import fetch_private, store_private
from tests.factories.meetings import OF_AN_AGE_DAYS, make_guest, make_meeting
from tests.factories.people import join, make_account, make_network, make_person, sign_in

pytestmark = pytest.mark.django_db
NOW = datetime(2031, 5, 20, 12, tzinfo=UTC)  # far from the clock: rows are as old as each test says


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


# One pair a kind: how to make a row of an age in days. The row is to go when it is older than the period, and to stay
# on its last day. A kind without a pair fails below.


def make_letter(days):
    letter = models.Letter.objects.create(to="a@network.example", subject="s", body="b")
    models.Letter.objects.filter(pk=letter.pk).update(at=days_ago(days))
    return letter


def make_invitation(days):
    return models.Invitation.objects.create(
        token_hash=f"{models.Invitation.objects.count():064}", email="b@network.example", expires_at=days_ago(days)
    )


def make_confirmation(days):
    account = make_account()
    address = EmailAddress.objects.get(user=account)
    return EmailConfirmation.objects.create(email_address=address, key=account.public_id, created=days_ago(days))


def make_ask(days):
    ask = models.Ask.objects.create(by=make_account(), to=make_person(), subject="s", progress="answered")
    line = models.AskLine.objects.create(ask=ask, side="member", text="t")
    models.Ask.objects.filter(pk=ask.pk).update(at=days_ago(days + 40))
    models.AskLine.objects.filter(pk=line.pk).update(at=days_ago(days))
    return ask


def make_staff_session(days):
    return models.StaffSession.objects.create(account=make_account(), reason="r", ends_at=days_ago(days))


def make_grant(days):
    return models.RoleGrant.objects.create(
        account=make_account(), role=Role.READER, since=days_ago(days + 10), until=days_ago(days)
    )


def make_refusal(days):
    return models.Refusal.objects.create(
        account=make_account(), claim=Claim.ASK, since=days_ago(days + 10), until=days_ago(days), reason="r"
    )


def make_task(days):
    return DBTaskResult.objects.create(
        status="SUCCESSFUL", finished_at=days_ago(days), args_kwargs={"args": [], "kwargs": {}}, task_path="a.b",
        queue_name="default", backend_name="default", run_after=days_ago(days), exception_class_path="", traceback="",
    )  # fmt: skip


def make_session(days):
    key = f"{Session.objects.count():040}"
    return Session.objects.create(session_key=key, session_data="", expire_date=days_ago(days))


def make_seen(days):
    account = make_account()
    return UserSession.objects.create(
        user=account, ip="192.0.2.1", user_agent="b", session_key=account.public_id, last_seen_at=days_ago(days)
    )


def make_former(days):
    person = make_person(details={Field.NAME: "Invented Ovid Larkspur", Field.TELEPHONE: "+00 111"})
    network = models.Network.objects.filter(slug="lantern").first() or make_network()
    join(network, person, begins=days_ago(days + 400).date(), ends=days_ago(days).date())
    return person.details.get(field=Field.TELEPHONE)


def make_ended_duty(days):
    person = make_person(details={Field.NAME: "Invented Petra Mosslight"})
    models.Basis.objects.create(
        person=person, purpose=Purpose.MEETINGS, ground=Ground.PUBLIC_TASK, since=days_ago(days + 90), note="a law"
    )
    erase(subject=subject_of(person=person), by=None, asked="by letter", now=days_ago(days + 80))
    person.bases.update(until=days_ago(days))
    return person.details.get()


def make_basis(days):
    return models.Basis.objects.create(
        person=make_person(), purpose=Purpose.DIRECTORY, ground=Ground.CONSENT, text_version="1",
        since=days_ago(days + 10), until=days_ago(days),
    )  # fmt: skip


def make_upload(days):
    upload = Upload.objects.create(
        uploaded_by=make_account(), content_hash="c", filename="Draft of an invented person.pdf", size=1, body="grevio",
        progress="refused", refusal={"code": "too_large", "message": "“Draft of an invented person.pdf” is too large."},
    )  # fmt: skip
    Upload.objects.filter(pk=upload.pk).update(at=days_ago(days))
    return upload


DELETED = {
    "letters": make_letter,
    "invitations": make_invitation,
    "address_confirmations": make_confirmation,
    "questions": make_ask,
    "staff_sessions": make_staff_session,
    "ended_roles": make_grant,
    "ended_refusals": make_refusal,
    "tasks": make_task,
    "browser_sessions": make_session,
    "sessions_seen": make_seen,
    "former_members": make_former,
    "ended_duties": make_ended_duty,
    "ended_grounds": make_basis,
}
DELETED |= {key: partial(make, now=NOW) for key, make in OF_AN_AGE_DAYS.items()}


@pytest.mark.parametrize("key", sorted(DELETED))
def test_a_row_stays_on_its_last_day_and_goes_after_it(key):
    period = days_of(kind_called(key))
    old, young = DELETED[key](period + 1.5), DELETED[key](period - 0.5)
    due = {one.kind.key: one for one in what_is_due(NOW)}
    assert (due[key].count, due[key].days) == (1, period)
    assert due[key].oldest is not None
    gone = run_retention(by=None, now=NOW)
    assert gone[key] >= 1
    assert not type(old)._default_manager.filter(pk=old.pk).exists()
    assert type(young)._default_manager.filter(pk=young.pk).exists()
    assert run_retention(by=None, now=NOW).get(key, 0) == 0  # once more finds nothing


def test_every_kind_is_tried():
    others = {
        "upload_names",
        "unused_accounts",
        "audit_log",
        "registrations",
        "delegations_headed",
        "registration_answers",
    }
    assert {kind.key for kind in kinds()} == set(DELETED) | others


def ended(days: float) -> meetings.Meeting:
    last = days_ago(days).date()
    return make_meeting(begins=last, ends=last)


def test_who_registered_for_a_meeting_is_forgotten_and_the_count_stays():
    period = days_of(kind_called("registrations"))
    old, young = (make_guest(ended(days), ticket=f"t{days}") for days in (period + 1.5, period - 0.5))
    models.Person.objects.filter(pk=old.person_id).update(invented=False)
    models.Person.objects.filter(pk=young.person_id).update(invented=False)
    assert run_retention(by=None, now=NOW)["registrations"] == 1
    people = dict(meetings.Registration.objects.values_list("pk", "person"))
    assert people == {old.pk: None, young.pk: young.person_id}


def test_who_headed_a_delegation_is_forgotten_and_the_delegation_stays():
    period = days_of(kind_called("delegations_headed"))
    old, young = (
        meetings.Delegation.objects.create(meeting=ended(days), places=2, head_email="head@sudmar.example", note="n")
        for days in (period + 1.5, period - 0.5)
    )
    assert run_retention(by=None, now=NOW)["delegations_headed"] == 1
    said = {row.pk: (row.head_email, row.note, row.places) for row in meetings.Delegation.objects.all()}
    assert said == {old.pk: ("", "", 2), young.pk: ("head@sudmar.example", "n", 2)}


def test_what_was_answered_goes_on_the_day_that_the_question_names():
    meeting = make_meeting()
    guest = make_guest(meeting)
    today, tomorrow = (
        meeting.questions.create(text={"en": "?"}, delete_on=NOW.date() + timedelta(days=days)) for days in (0, 1)
    )
    for question in (today, tomorrow):
        question.answers.create(registration=guest, value="vegan")
    assert run_retention(by=None, now=NOW)["registration_answers"] == 1
    assert list(meetings.Answer.objects.values_list("question", flat=True)) == [tomorrow.pk]


def test_the_name_of_a_finished_upload_goes_and_the_upload_stays():
    period = days_of(kind_called("upload_names"))
    old, young, waiting = make_upload(period + 1), make_upload(period - 1), make_upload(period + 1)
    Upload.objects.filter(pk=waiting.pk).update(progress="waiting")
    assert run_retention(by=None, now=NOW)["upload_names"] == 1
    names = {upload.pk: (upload.filename, upload.refusal) for upload in Upload.objects.all()}
    assert names[old.pk] == ("report.pdf", {"code": "too_large"})
    assert names[young.pk] == (young.filename, young.refusal)
    assert names[waiting.pk] == (waiting.filename, waiting.refusal)


def test_what_still_waits_or_runs_in_the_queue_is_not_swept():
    for status in ("READY", "RUNNING"):
        line = make_task(400)
        DBTaskResult.objects.filter(pk=line.pk).update(status=status, finished_at=None)
    run_retention(by=None, now=NOW)
    assert sorted(DBTaskResult.objects.values_list("status", flat=True)) == ["READY", "RUNNING"]


def test_an_open_question_is_kept_however_old_it_is():
    ask = make_ask(4000)
    models.Ask.objects.filter(pk=ask.pk).update(progress="forwarded")
    run_retention(by=None, now=NOW)
    assert models.Ask.objects.filter(pk=ask.pk).exists()


def test_a_former_member_keeps_their_name_and_loses_contact_and_photograph():
    detail = make_former(400)
    content_hash = store_private(b"RIFF a former member")
    models.Photograph.objects.create(person=detail.person, content_hash=content_hash, format="webp", width=1, height=1)
    models.Detail.objects.create(person=detail.person, field=Field.PHOTOGRAPH, value=content_hash)
    member = make_former(400).person
    join(make_network("harbour"), member, begins=days_ago(100).date())  # a member elsewhere today
    run_retention(by=None, now=NOW)
    assert set(detail.person.details.values_list("field", flat=True)) == {Field.NAME}
    assert not detail.person.photographs.exists()
    assert set(member.details.values_list("field", flat=True)) == {Field.NAME, Field.TELEPHONE}


@pytest.mark.django_db(transaction=True)
def test_the_file_of_a_former_members_photograph_goes_too():
    detail = make_former(400)
    content_hash = store_private(b"RIFF a former member, whole")
    models.Photograph.objects.create(person=detail.person, content_hash=content_hash, format="webp", width=1, height=1)
    models.Detail.objects.create(person=detail.person, field=Field.PHOTOGRAPH, value=content_hash)
    assert fetch_private(content_hash) is not None
    run_retention(by=None, now=NOW)
    assert fetch_private(content_hash) is None


# --- Accounts that nobody signs in to ---------------------------------------------------------------------------------


def unused(*roles: Role, days: float) -> models.Account:
    account = make_account(*(roles or (Role.READER,)))
    models.Account.objects.filter(pk=account.pk).update(joined_at=days_ago(days + 100), last_login=days_ago(days))
    account.refresh_from_db()
    return account


@pytest.fixture
def warned_earlier():
    """Write the line of the trail that a warning leaves, as of some days ago: lines cannot be changed afterwards."""

    def write(account, days):
        at = Entry._meta.get_field("at")
        at.auto_now_add, kept = False, at.auto_now_add
        try:
            Entry.objects.create(
                at=days_ago(days), verb=WARNED, subject=f"account {account.public_id}", keep_until=days_ago(-900).date()
            )
        finally:
            at.auto_now_add = kept

    return write


def test_an_unused_account_gets_a_letter_thirty_days_before_and_only_one():
    period = days_of(kind_called("unused_accounts"))
    soon, later = unused(days=period - 29), unused(days=period - 31)
    assert warn_unused(now=NOW, host="network.example") == 1
    letter = models.Letter.objects.get()
    assert letter.to == soon.email != later.email
    assert "2031-06-19" in letter.body
    assert Entry.objects.get(verb=WARNED).subject == f"account {soon.public_id}"


def test_an_unused_account_is_emptied_only_after_a_letter_that_is_thirty_days_old(warned_earlier):
    period = days_of(kind_called("unused_accounts"))
    never, lately, long_ago = unused(days=period + 40), unused(days=period + 40), unused(days=period + 40)
    warned_earlier(lately, 29)
    warned_earlier(long_ago, 31)
    assert run_retention(by=None, now=NOW)["unused_accounts"] == 1
    emptied = set(models.Account.objects.filter(erased_at__isnull=False).values_list("pk", flat=True))
    assert emptied == {long_ago.pk}
    assert {never.pk, lately.pk} & emptied == set()


def test_who_signs_in_after_the_letter_keeps_the_account(warned_earlier):
    account = unused(days=days_of(kind_called("unused_accounts")) + 40)
    warned_earlier(account, 31)
    models.Account.objects.filter(pk=account.pk).update(last_login=days_ago(1))
    assert "unused_accounts" not in run_retention(by=None, now=NOW)


def test_a_closed_account_is_emptied_without_a_letter_that_could_change_nothing():
    account = unused(days=days_of(kind_called("unused_accounts")) + 1)
    models.Account.objects.filter(pk=account.pk).update(is_active=False)
    assert warn_unused(now=NOW, host="network.example") == 0
    assert run_retention(by=None, now=NOW)["unused_accounts"] == 1


@pytest.mark.parametrize("role", [Role.SECRETARIAT, Role.AUDITOR, Role.ADMINISTRATOR])
def test_an_account_trusted_with_others_data_is_looked_at_by_people(role, warned_earlier):
    account = unused(role, days=5000)
    warned_earlier(account, 31)
    assert warn_unused(now=NOW, host="network.example") == 0
    assert "unused_accounts" not in run_retention(by=None, now=NOW)


def test_a_member_whose_account_is_unused_keeps_the_entry(warned_earlier):
    account = unused(days=5000)
    person = make_person(account=account, details={Field.NAME: "Invented Wilma Thistle"})
    term = join(make_network(), person)
    warned_earlier(account, 31)
    run_retention(by=None, now=NOW)
    account.refresh_from_db()
    person.refresh_from_db()
    term.refresh_from_db()
    assert account.erased_at is not None
    assert (person.erased_at, person.account, term.ends) == (None, None, None)
    assert person.details.get().value == "Invented Wilma Thistle"


# --- The trail --------------------------------------------------------------------------------------------------------


def test_a_line_of_the_trail_goes_when_its_own_day_is_over_and_the_trail_says_so():
    today = timezone.now().date()
    for keep_until in (today - timedelta(days=1), today):
        Entry.objects.create(verb="saw", subject="an old line", keep_until=keep_until)
    gone = run_retention(by=None)
    assert gone["audit_log"] == 1
    assert Entry.objects.get(subject="an old line").keep_until == today
    assert Entry.objects.filter(subject="retention").get().details == {"audit_log": 1}


# --- The page, the command, the daily task ----------------------------------------------------------------------------


def test_the_command_shows_and_removes_nothing_until_it_is_told_to(capsys):
    letter = make_letter(0)
    models.Letter.objects.filter(pk=letter.pk).update(at=timezone.now() - timedelta(days=31))
    call_command("retention")
    said = capsys.readouterr().out
    assert f"letters: 1, the oldest of {(timezone.now() - timedelta(days=31)).date()}" in said
    assert "Nothing was removed; --apply removes it." in said
    assert models.Letter.objects.exists()
    call_command("retention", "--apply")
    assert "Removed: letters 1." in capsys.readouterr().out
    assert not models.Letter.objects.exists()


def test_a_wrong_period_in_the_settings_removes_nothing():
    make_letter(0)
    models.Letter.objects.update(at=timezone.now() - timedelta(days=31))
    with override_settings(SAMSVAR_RETENTION={"lettres": 1}), pytest.raises(CommandError, match="no kind “lettres”"):
        call_command("retention", "--apply")
    assert models.Letter.objects.exists()


def test_an_administrator_sees_what_would_go_and_removes_it(client):
    models.Letter.objects.create(to="a@network.example", subject="s", body="b")
    models.Letter.objects.update(at=timezone.now() - timedelta(days=31))
    account = make_account(Role.ADMINISTRATOR)
    sign_in(client, account, staff_session="the yearly look at what is kept")
    address = reverse("network:retention")
    assert "30 days after they were written" in client.get(address).content.decode()
    assert models.Letter.objects.exists()
    assert client.post(address)["Location"] == address
    assert not models.Letter.objects.exists()
    line = Entry.objects.get(verb="removed what was past its time")
    assert (line.actor, line.details, line.why) == (account, {"letters": 1}, "the yearly look at what is kept")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_nobody_else_runs_it(client, role):
    account = make_account(role)
    with pytest.raises(PermissionDenied):
        run_retention(by=account)
    sign_in(client, account, staff_session="a reason that is long enough")
    assert client.post(reverse("network:retention")).status_code in {302, 403}


QUEUE = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}


@pytest.mark.django_db(transaction=True)  # a worker closes its connection at the end
@override_settings(TASKS=QUEUE)
def test_a_worker_asks_for_the_daily_task_once_and_the_task_for_the_next_day():
    make_letter(0)
    models.Letter.objects.update(at=timezone.now() - timedelta(days=31))
    assert daily.ensure_daily() is True
    assert daily.ensure_daily() is False
    today = DBTaskResult.objects.get()
    assert (today.task_path, today.run_after <= timezone.now()) == ("samsvar.site.network.scheduled.keep_house", True)
    call_command("work", "--batch", verbosity=0)
    today.refresh_from_db()
    assert (today.status, today.return_value) == ("SUCCESSFUL", {"letters": 1})
    tomorrow = DBTaskResult.objects.get(status="READY")
    assert tomorrow.run_after == daily.next_run(timezone.now())
    assert not models.Letter.objects.exists()


@override_settings(TASKS=QUEUE)
def test_a_day_on_which_something_fails_is_followed_by_the_next(monkeypatch):
    def fails(**_):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(daily, "run_retention", fails)
    with pytest.raises(RuntimeError):
        daily.keep_house.call()
    assert DBTaskResult.objects.filter(status="READY", task_path=daily.keep_house.module_path).count() == 1


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (datetime(2026, 11, 24, 2, 59, tzinfo=UTC), datetime(2026, 11, 24, 3, tzinfo=UTC)),
        (datetime(2026, 11, 24, 3, 0, tzinfo=UTC), datetime(2026, 11, 25, 3, tzinfo=UTC)),
    ],
)
def test_the_daily_task_runs_at_night(now, then):
    assert daily.next_run(now) == then


def test_what_has_run_out_of_the_limits_table_goes_because_network_addresses_stand_in_its_keys():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO samsvar_cache (cache_key, value, expires) VALUES (%s, %s, %s)",
            ["limit:192.0.2.77", "x", connection.ops.adapt_datetimefield_value(days_ago(1))],
        )
        run_retention(by=None, now=NOW)
        cursor.execute("SELECT count(*) FROM samsvar_cache WHERE cache_key = %s", ["limit:192.0.2.77"])
        assert cursor.fetchone() == (0,)


def test_a_period_reads_as_people_say_it():
    assert period_words(kind_called("letters")) == "30 days after they were written"
    with override_settings(SAMSVAR_RETENTION={"letters": 365}):
        assert period_words(kind_called("letters")) == "1 year after they were written"


@pytest.mark.parametrize(
    "said", ["letters", "letters=", "letters=soon", "letters=0", "=14", "letters=-3", "letters=1.5"]
)
def test_a_period_that_is_no_number_of_days_stops_the_start_by_name(said):
    with pytest.raises(ImproperlyConfigured, match="SAMSVAR_RETENTION"):
        days_by_kind(said)


def test_periods_are_read_from_one_line():
    assert days_by_kind(" letters=14, questions = 90 ,") == {"letters": 14, "questions": 90}
    assert days_by_kind("") == {}


def test_a_misspelt_kind_is_found_before_the_site_opens():
    assert [one.id for one in checks.periods_are_of_kinds_that_exist()] == []
    with override_settings(SAMSVAR_RETENTION={"lettres": 14}):
        assert [one.id for one in checks.periods_are_of_kinds_that_exist()] == ["samsvar.E004"]


def test_a_real_site_is_told_that_nobody_answers_for_its_data():
    with override_settings(SAMSVAR_DEMO=False, SAMSVAR_CONTROLLER="", SAMSVAR_PRIVACY_CONTACT=""):
        assert [one.id for one in checks.somebody_answers_for_the_data()] == ["samsvar.W004"]
    with override_settings(SAMSVAR_DEMO=False, SAMSVAR_CONTROLLER="A ministry", SAMSVAR_PRIVACY_CONTACT="a@b.example"):
        assert checks.somebody_answers_for_the_data() == []


# --- Files that no row names ------------------------------------------------------------------------------------------


def stored(content: bytes, *, days: float) -> str:
    """A private file that was last written so many days ago."""
    hash_ = store_private(content)
    written = (timezone.now() - timedelta(days=days)).timestamp()
    os.utime(default_storage.path(f"private/{hash_[:2]}/{hash_}"), (written, written))
    return hash_


def test_a_private_file_that_no_row_names_goes_after_a_day_and_no_other():
    left, fresh, named = (stored(content, days=days) for content, days in ((b"l", 1.1), (b"f", 0.9), (b"n", 400)))
    models.Photograph.objects.create(person=make_person(), content_hash=named, format="webp", width=1, height=1)
    assert set(unnamed_files(timezone.now())) & {left, fresh, named} == {left}
    gone = run_retention(by=None)
    assert gone["unnamed_files"] >= 1
    assert [fetch_private(hash_) is not None for hash_ in (left, fresh, named)] == [False, True, True]
    line = Entry.objects.get(verb="removed what was past its time")
    assert line.details["unnamed_files"] == gone["unnamed_files"]
    assert unnamed_files(timezone.now()) == []


def test_a_file_that_is_stored_once_more_has_its_day_again():
    hash_ = stored(b"once more", days=3)
    assert hash_ in unnamed_files(timezone.now())
    assert store_private(b"once more") == hash_
    assert hash_ not in unnamed_files(timezone.now())


def test_every_column_that_names_a_file_is_as_long_as_a_hash():
    """What the sweep looks in; a column of another length would lose its files after a day."""
    columns = {
        column.max_length
        for model in apps.get_models()
        for column in model._meta.concrete_fields
        if column.name == "content_hash"
    }
    assert columns == {HASH_LENGTH}


def test_the_command_says_how_many_files_no_row_names(capsys):
    stored(b"told of", days=2)
    number = len(unnamed_files(timezone.now()))
    call_command("retention")
    assert f"unnamed_files: {number} (kept 1 day)" in capsys.readouterr().out
    assert number >= 1
