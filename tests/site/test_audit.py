"""The change number rises with every change that a page may show, and the audit log is append-only."""

from __future__ import annotations

import csv
import io
import json
import re
import threading
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from samsvar.site.audit import triggers
from samsvar.site.audit.actions import record, record_access, remove_expired_entries
from samsvar.site.audit.models import AuditEntry, ChangeNumber
from samsvar.site.audit.queries import (
    AuditFilters,
    accesses_to_person,
    expired_entries,
    filtered_entries,
    get_change_number,
    iter_access_rows,
)
from samsvar.site.convention.models import State, TreatyEvent
from samsvar.site.monitoring.models import Upload
from samsvar.site.network import models
from tests.factories.people import make_account, make_person


def make_event(state: State, number: int) -> TreatyEvent:
    return TreatyEvent(public_id=f"e{number}", state=state, kind="signature", day="2011-05-11", confidence="confirmed")


def create_state():
    State.objects.create(code="XA", kind="fictional")


def update_state():
    State.objects.filter(code="XB").update(row=3)


def bulk_create_events():
    TreatyEvent.objects.bulk_create(make_event(State.objects.get(code="XB"), n) for n in range(10, 20))


def bulk_update_events():
    events = list(TreatyEvent.objects.all())
    for one in events:
        one.note = "seen"
    TreatyEvent.objects.bulk_update(events, ["note"])


def delete_all_events():
    TreatyEvent.objects.all().delete()


def run_raw_sql():
    with connection.cursor() as cursor:
        cursor.execute("UPDATE samsvar_convention_treatyevent SET note = 'by hand'")


def add_public_detail():
    models.Detail.objects.create(person=models.Person.objects.get(), field="name", value="Other", visibility="public")


@pytest.fixture
def actor(db):
    state = State.objects.create(code="XB", kind="fictional")
    TreatyEvent.objects.bulk_create([make_event(state, 1), make_event(state, 2)])
    account = make_account()
    make_person(account=account)
    return account


@pytest.mark.parametrize(
    "change",
    [
        create_state,
        update_state,
        bulk_create_events,
        bulk_update_events,
        delete_all_events,
        run_raw_sql,
        add_public_detail,
    ],
    ids=lambda change: change.__name__,
)
def test_the_change_number_rises_after(actor, change):
    before = get_change_number()
    change()
    assert get_change_number() > before


def test_changes_that_no_page_shows_leave_the_change_number_alone(actor):
    before = get_change_number()
    actor.last_login = "2026-11-24T12:00:00Z"
    actor.save(update_fields=["last_login"])  # what Django does when someone signs in
    upload = Upload.objects.create(uploaded_by=actor, content_hash="0" * 64, filename="a.pdf", size=1, body="auto")
    Upload.objects.filter(pk=upload.pk).update(progress=Upload.Progress.READING)
    record(by=actor, verb="looked", subject="state XB")
    assert get_change_number() == before


def test_every_table_that_a_page_may_show_is_watched():
    watched = {model._meta.db_table for model in triggers.watched_models()}
    assert {
        "samsvar_network_person",
        "samsvar_network_detail",
        "samsvar_network_basis",
        "samsvar_network_membership",
        "samsvar_convention_state",
        "samsvar_convention_treatyevent",
        "samsvar_monitoring_document",
        "samsvar_monitoring_section",
        "samsvar_monitoring_sectionarticle",
        "samsvar_monitoring_report",
        "samsvar_monitoring_passage",
        "samsvar_monitoring_finding",
        "samsvar_monitoring_findingarticle",
    } <= watched
    unshown = {
        "samsvar_audit_changenumber",
        "samsvar_audit_auditentry",
        "samsvar_monitoring_upload",
        "samsvar_network_account",
    }
    assert not (unshown | {"samsvar_network_letter", "django_session"}) & watched


def test_rolling_back_a_change_restores_the_change_number(actor):
    before = get_change_number()
    with pytest.raises(RuntimeError), transaction.atomic():
        create_state()
        assert get_change_number() > before
        raise RuntimeError("taken back")
    assert get_change_number() == before


def test_there_is_only_one_change_number(actor):
    with pytest.raises(DatabaseError), transaction.atomic():
        ChangeNumber.objects.create(id=2)
    assert ChangeNumber.objects.count() == 1


def test_an_audit_log_entry_can_be_added_but_not_changed_or_removed(actor):
    record(by=actor, verb="confirmed", subject="finding f1", details={"strength": "urges"})
    line = AuditEntry.objects.get()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.update(verb="rejected")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        line.delete()
    assert [(one.actor, one.verb, one.details) for one in AuditEntry.objects.filter(subject="finding f1")] == [
        (actor, "confirmed", {"strength": "urges"})
    ]


def test_records_of_access_are_protected_like_records_of_actions(actor):
    record_access(by=actor, fields_by_person={"0123456789abcdef": ["email"]}, subject="directory")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.filter(saw=True).update(person="")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.filter(saw=True).delete()
    assert [(one.person, one.details) for one in AuditEntry.objects.all()] == [
        ("0123456789abcdef", {"fields": ["email"]})
    ]


def execute_on_audit_table(statement: str) -> str:
    table = AuditEntry._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(statement.format(table=table))
    return table


BYPASS_STATEMENTS = {
    "sqlite": [
        "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
        "REPLACE INTO {table} SELECT * FROM {table}",
        "UPDATE OR REPLACE {table} SET verb = 'other'",
        "DELETE FROM {table}",
        "INSERT INTO {table} SELECT * FROM {table} WHERE true ON CONFLICT (id) DO UPDATE SET verb = 'other'",
    ],
    "postgresql": [
        "TRUNCATE {table}",
        "TRUNCATE {table} CASCADE",
        "DELETE FROM {table}",
        "SET LOCAL session_replication_role = replica; DELETE FROM {table}",
        "SET LOCAL session_replication_role = replica; TRUNCATE {table}",
        "SET LOCAL TIME ZONE '+14'; DELETE FROM {table}",
        "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT (id) DO UPDATE SET verb = 'other'",
    ],
}


@pytest.mark.parametrize("number", range(7))
def test_no_raw_sql_bypasses_the_protection_of_the_audit_log(actor, number):
    ways = BYPASS_STATEMENTS[connection.vendor]
    record(by=actor, verb="confirmed", subject="finding f1")
    connection.check_constraints()  # otherwise PostgreSQL refuses TRUNCATE for another reason
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        execute_on_audit_table(ways[number % len(ways)])
    assert [one.verb for one in AuditEntry.objects.all()] == ["confirmed"]


def make_entry_kept_until(day, verb="confirmed"):
    return AuditEntry.objects.create(verb=verb, subject="finding f1", keep_until=day)


def test_only_entries_past_their_retention_period_can_be_removed(actor):
    today = timezone.now().date()
    make_entry_kept_until(today - timedelta(days=1), "over")
    make_entry_kept_until(today, "last day")
    make_entry_kept_until(today + timedelta(days=1), "kept")
    for verb in ("last day", "kept"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            AuditEntry.objects.filter(verb=verb).delete()
    assert [one.verb for one in expired_entries()] == ["over"]
    assert remove_expired_entries(by=None) == 1
    assert [(one.verb, one.subject, one.details) for one in filtered_entries(AuditFilters())] == [
        ("deleted expired entries", "audit_log", {"lines": 1}),
        ("kept", "finding f1", {}),
        ("last day", "finding f1", {}),
    ]
    assert remove_expired_entries(by=None) == 0
    assert AuditEntry.objects.count() == 3  # nothing was removed, so nothing is logged


def test_the_retention_period_of_an_entry_comes_from_the_settings(actor, settings):
    settings.SAMSVAR_AUDIT_LOG_DAYS = 30
    line = record(by=actor, verb="confirmed", subject="finding f1")
    assert line.keep_until == timezone.now().date() + timedelta(days=30)


# --- Filtering and exporting ------------------------------------------------------------------------------------------

HER, HIM = "aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"


@pytest.fixture
def audit_log(actor):
    other = make_account()
    record_access(
        by=actor, fields_by_person={HER: ["name", "email"], HIM: ["name"]}, subject="directory", reason="=1+1"
    )
    record(by=other, verb="assigned a role", subject="account x", person=HER, details={"role": "editor"})
    record(by=None, verb="deleted expired entries", subject="audit_log")
    return actor, other


def matching_entries(**what):
    return [(one.verb, one.person) for one in filtered_entries(AuditFilters(**what))]


def test_entries_can_be_filtered_by_person_account_verb_kind_and_time(audit_log):
    _one, other = audit_log
    now = timezone.now()
    everything = [("deleted expired entries", ""), ("assigned a role", HER), ("saw", HIM), ("saw", HER)]
    assert matching_entries() == everything
    assert matching_entries(person=HER) == [("assigned a role", HER), ("saw", HER)]
    assert matching_entries(account=other.public_id) == [("assigned a role", HER)]
    assert matching_entries(verb="deleted expired entries") == [("deleted expired entries", "")]
    assert matching_entries(saw=True) == [("saw", HIM), ("saw", HER)]
    assert matching_entries(saw=False, person=HER) == [("assigned a role", HER)]
    assert matching_entries(subject="directory", person=HIM) == [("saw", HIM)]
    assert matching_entries(since=now - timedelta(minutes=1), until=now + timedelta(minutes=1)) == everything
    assert (
        matching_entries(until=now - timedelta(minutes=1)) == matching_entries(since=now + timedelta(minutes=1)) == []
    )


def test_accesses_to_one_person_between_two_times_can_be_listed(audit_log):
    one, _other = audit_log
    now = timezone.now()
    assert list(iter_access_rows(accesses_to_person(HER, now - timedelta(minutes=1), now + timedelta(minutes=1)))) == [
        {
            "at": filtered_entries(AuditFilters(person=HER, saw=True)).get().at.isoformat(timespec="seconds"),
            "account": one.public_id,
            "fields": ["email", "name"],
            "subject": "directory",
            "why": "=1+1",
            "staff_session": "",
        }
    ]
    assert list(accesses_to_person(HER, now + timedelta(minutes=1), now + timedelta(minutes=2))) == []


def export_audit_log(capsys, *arguments):
    call_command("export_audit_log", *arguments)
    return capsys.readouterr().out


def test_the_csv_export_contains_nothing_that_a_spreadsheet_would_run(audit_log, capsys):
    one, other = audit_log
    rows = list(csv.DictReader(io.StringIO(export_audit_log(capsys))))
    assert [(row["kind"], row["account"], row["person"], row["why"], row["details"]) for row in rows] == [
        ("did", "", "", "", ""),
        ("did", other.public_id, HER, "", '{"role": "editor"}'),
        ("saw", one.public_id, HIM, "'=1+1", '{"fields": ["name"]}'),
        ("saw", one.public_id, HER, "'=1+1", '{"fields": ["email", "name"]}'),
    ]
    assert not re.search(r"@|network\.example", str(rows))


def test_the_jsonl_export_contains_the_entries_and_is_itself_logged(audit_log, capsys):
    _one, other = audit_log
    rows = [
        json.loads(line)
        for line in export_audit_log(capsys, "--form=jsonl", f"--person={HER}", "--kind=did").splitlines()
    ]
    assert [(row["verb"], row["account"], row["details"]) for row in rows] == [
        ("assigned a role", other.public_id, {"role": "editor"})
    ]
    last = filtered_entries(AuditFilters()).first()
    assert (last.verb, last.actor, last.person, last.details) == (
        "exported the audit log",
        None,
        HER,
        {"kind": "did", "lines": 1, "as": "jsonl"},
    )


def test_an_export_does_not_overwrite_a_file(audit_log, tmp_path):
    path = tmp_path / "trail.csv"
    call_command("export_audit_log", f"--to={path}")
    first = path.read_text(encoding="utf-8")
    assert first.count("\n") == 5
    with pytest.raises(CommandError, match="already exists"):
        call_command("export_audit_log", f"--to={path}")
    assert path.read_text(encoding="utf-8") == first


@pytest.mark.parametrize("day", ["2026-13-01", "yesterday", "2026-02-30"])
def test_an_invalid_date_is_rejected(db, day):
    with pytest.raises(CommandError, match="not a date"):
        call_command("export_audit_log", f"--since={day}")
    with pytest.raises(CommandError, match="not a time"):
        call_command("who_saw", HER, day, "2026-11-24")


def test_the_command_lists_who_accessed_the_data_of_a_person(audit_log, capsys):
    one, _other = audit_log
    day = timezone.now().date()
    call_command("who_saw", HER, str(day), str(day + timedelta(days=1)))
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["account"], row["fields"], row["subject"]) for row in rows] == [
        (one.public_id, "email; name", "directory")
    ]
    assert [(line.verb, line.person) for line in filtered_entries(AuditFilters())[:1]] == [("traced access", HER)]
    with pytest.raises(CommandError, match="before the first"):
        call_command("who_saw", HER, str(day), str(day))


def test_reinstalling_the_triggers_changes_only_the_change_number(actor):
    before = get_change_number()
    triggers.install(connection)
    assert get_change_number() == before + 1
    create_state()
    assert get_change_number() > before + 1


@pytest.mark.django_db(transaction=True)
def test_two_concurrent_writers_neither_lose_a_change_number_nor_deadlock():
    """Each writer updates two rows, in crossing order; on PostgreSQL this deadlocks if the number is raised last."""
    State.objects.bulk_create([State(code="XA", kind="fictional"), State(code="XB", kind="fictional")])
    before = get_change_number()
    failures: list[BaseException] = []
    meet = threading.Barrier(2)

    def write(first: str, second: str) -> None:
        try:
            meet.wait(timeout=10)
            for row in range(20):
                with transaction.atomic():
                    State.objects.filter(code=first).update(row=row)
                    State.objects.filter(code=second).update(row=row)
        except BaseException as failure:
            failures.append(failure)
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=pair) for pair in (("XA", "XB"), ("XB", "XA"))]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=60)
    assert failures == []
    assert get_change_number() == before + 80
