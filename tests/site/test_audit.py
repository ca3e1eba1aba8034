"""The change number rises with every change that a page may show, and the trail is only added to."""

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
from samsvar.site.audit.actions import record, record_sight, remove_old_lines
from samsvar.site.audit.models import Change, Entry
from samsvar.site.audit.queries import (
    Asked,
    change_number,
    lines,
    lines_about,
    old_lines,
    sight_rows,
    sights,
)
from samsvar.site.convention.models import State, TreatyEvent
from samsvar.site.monitoring.models import Upload
from samsvar.site.network import models
from tests.factories.people import make_account, make_person


def event(state: State, number: int) -> TreatyEvent:
    return TreatyEvent(public_id=f"e{number}", state=state, kind="signature", day="2011-05-11", confidence="confirmed")


def a_state_is_made():
    State.objects.create(code="XA", kind="invented")


def a_state_is_moved():
    State.objects.filter(code="XB").update(row=3)


def many_events_are_written_at_once():
    TreatyEvent.objects.bulk_create(event(State.objects.get(code="XB"), n) for n in range(10, 20))


def many_events_are_changed_at_once():
    events = list(TreatyEvent.objects.all())
    for one in events:
        one.note = "seen"
    TreatyEvent.objects.bulk_update(events, ["note"])


def everything_is_deleted():
    TreatyEvent.objects.all().delete()


def somebody_writes_plain_sql():
    with connection.cursor() as cursor:
        cursor.execute("UPDATE samsvar_convention_treatyevent SET note = 'by hand'")


def a_member_says_more_to_everybody():
    models.Detail.objects.create(person=models.Person.objects.get(), field="name", value="Other", visibility="public")


@pytest.fixture
def a_small_world(db):
    state = State.objects.create(code="XB", kind="invented")
    TreatyEvent.objects.bulk_create([event(state, 1), event(state, 2)])
    account = make_account()
    make_person(account=account)
    return account


@pytest.mark.parametrize(
    "change",
    [
        a_state_is_made,
        a_state_is_moved,
        many_events_are_written_at_once,
        many_events_are_changed_at_once,
        everything_is_deleted,
        somebody_writes_plain_sql,
        a_member_says_more_to_everybody,
    ],
    ids=lambda change: change.__name__,
)
def test_the_number_rises_when(a_small_world, change):
    before = change_number()
    change()
    assert change_number() > before


def test_what_no_page_shows_leaves_the_number_alone(a_small_world):
    before = change_number()
    a_small_world.last_login = "2026-11-24T12:00:00Z"
    a_small_world.save(update_fields=["last_login"])  # what Django does when somebody signs in
    upload = Upload.objects.create(
        uploaded_by=a_small_world, content_hash="0" * 64, filename="a.pdf", size=1, body="auto"
    )
    Upload.objects.filter(pk=upload.pk).update(progress=Upload.Progress.READING)
    record(by=a_small_world, verb="looked", subject="state XB")
    assert change_number() == before


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
    unshown = {"samsvar_audit_change", "samsvar_audit_entry", "samsvar_monitoring_upload", "samsvar_network_account"}
    assert not (unshown | {"samsvar_network_letter", "django_session"}) & watched


def test_a_change_that_is_taken_back_takes_the_number_back(a_small_world):
    before = change_number()
    with pytest.raises(RuntimeError), transaction.atomic():
        a_state_is_made()
        assert change_number() > before
        raise RuntimeError("taken back")
    assert change_number() == before


def test_there_is_one_change_number(a_small_world):
    with pytest.raises(DatabaseError), transaction.atomic():
        Change.objects.create(id=2)
    assert Change.objects.count() == 1


def test_a_line_of_the_trail_can_be_added_but_not_changed_or_removed(a_small_world):
    record(by=a_small_world, verb="confirmed", subject="finding f1", details={"strength": "urges"})
    line = Entry.objects.get()
    with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic():
        Entry.objects.update(verb="rejected")
    with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic():
        line.delete()
    assert [(one.actor, one.verb, one.details) for one in lines_about("finding f1")] == [
        (a_small_world, "confirmed", {"strength": "urges"})
    ]


def test_what_somebody_saw_stays_as_what_somebody_did(a_small_world):
    record_sight(by=a_small_world, people={"0123456789abcdef": ["email"]}, subject="directory")
    with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic():
        Entry.objects.filter(saw=True).update(person="")
    with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic():
        Entry.objects.filter(saw=True).delete()
    assert [(one.person, one.details) for one in Entry.objects.all()] == [("0123456789abcdef", {"fields": ["email"]})]


def raw(statement: str) -> str:
    table = Entry._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(statement.format(table=table))
    return table


ROUNDABOUT = {
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
def test_no_way_round_the_guard_changes_or_removes_a_line(a_small_world, number):
    ways = ROUNDABOUT[connection.vendor]
    record(by=a_small_world, verb="confirmed", subject="finding f1")
    connection.check_constraints()  # else PostgreSQL refuses to empty the table for another reason
    with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic():
        raw(ways[number % len(ways)])
    assert [one.verb for one in Entry.objects.all()] == ["confirmed"]


def a_line_kept_until(day, verb="confirmed"):
    return Entry.objects.create(verb=verb, subject="finding f1", keep_until=day)


def test_only_lines_whose_time_is_over_can_be_removed(a_small_world):
    today = timezone.now().date()
    a_line_kept_until(today - timedelta(days=1), "over")
    a_line_kept_until(today, "last day")
    a_line_kept_until(today + timedelta(days=1), "kept")
    for verb in ("last day", "kept"):
        with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic():
            Entry.objects.filter(verb=verb).delete()
    assert [one.verb for one in old_lines()] == ["over"]
    assert remove_old_lines(by=None) == 1
    assert [(one.verb, one.subject, one.details) for one in lines()] == [
        ("removed old lines", "audit_log", {"lines": 1}),
        ("kept", "finding f1", {}),
        ("last day", "finding f1", {}),
    ]
    assert remove_old_lines(by=None) == 0
    assert Entry.objects.count() == 3  # nothing went, nothing is said


def test_a_line_is_kept_as_long_as_the_site_says(a_small_world, settings):
    settings.SAMSVAR_TRAIL_DAYS = 30
    line = record(by=a_small_world, verb="confirmed", subject="finding f1")
    assert line.keep_until == timezone.now().date() + timedelta(days=30)


# --- Asking, and taking out -------------------------------------------------------------------------------------------

HER, HIM = "aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"


@pytest.fixture
def an_audit_log(a_small_world):
    other = make_account()
    record_sight(by=a_small_world, people={HER: ["name", "email"], HIM: ["name"]}, subject="directory", why="=1+1")
    record(by=other, verb="gave a role", subject="account x", person=HER, details={"role": "editor"})
    record(by=None, verb="removed old lines", subject="audit_log")
    return a_small_world, other


def asked(**what):
    return [(one.verb, one.person) for one in lines(Asked(**what))]


def test_lines_are_found_by_person_account_verb_kind_and_time(an_audit_log):
    _one, other = an_audit_log
    now = timezone.now()
    everything = [("removed old lines", ""), ("gave a role", HER), ("saw", HIM), ("saw", HER)]
    assert asked() == everything
    assert asked(person=HER) == [("gave a role", HER), ("saw", HER)]
    assert asked(account=other.public_id) == [("gave a role", HER)]
    assert asked(verb="removed old lines") == [("removed old lines", "")]
    assert asked(saw=True) == [("saw", HIM), ("saw", HER)]
    assert asked(saw=False, person=HER) == [("gave a role", HER)]
    assert asked(subject="directory", person=HIM) == [("saw", HIM)]
    assert asked(since=now - timedelta(minutes=1), until=now + timedelta(minutes=1)) == everything
    assert asked(until=now - timedelta(minutes=1)) == asked(since=now + timedelta(minutes=1)) == []


def test_who_saw_her_between_two_times_is_one_question(an_audit_log):
    one, _other = an_audit_log
    now = timezone.now()
    assert list(sight_rows(sights(HER, now - timedelta(minutes=1), now + timedelta(minutes=1)))) == [
        {
            "at": lines(Asked(person=HER, saw=True)).get().at.isoformat(timespec="seconds"),
            "account": one.public_id,
            "fields": ["email", "name"],
            "subject": "directory",
            "why": "=1+1",
            "staff_session": "",
        }
    ]
    assert list(sights(HER, now + timedelta(minutes=1), now + timedelta(minutes=2))) == []


def exported(capsys, *arguments):
    call_command("export_audit_log", *arguments)
    return capsys.readouterr().out


def test_the_trail_goes_out_as_a_table_that_no_spreadsheet_runs(an_audit_log, capsys):
    one, other = an_audit_log
    rows = list(csv.DictReader(io.StringIO(exported(capsys))))
    assert [(row["kind"], row["account"], row["person"], row["why"], row["details"]) for row in rows] == [
        ("did", "", "", "", ""),
        ("did", other.public_id, HER, "", '{"role": "editor"}'),
        ("saw", one.public_id, HIM, "'=1+1", '{"fields": ["name"]}'),
        ("saw", one.public_id, HER, "'=1+1", '{"fields": ["email", "name"]}'),
    ]
    assert not re.search(r"@|network\.example", str(rows))


def test_the_trail_goes_out_as_lines_of_json_and_its_going_out_is_a_line(an_audit_log, capsys):
    _one, other = an_audit_log
    rows = [json.loads(line) for line in exported(capsys, "--form=jsonl", f"--person={HER}", "--kind=did").splitlines()]
    assert [(row["verb"], row["account"], row["details"]) for row in rows] == [
        ("gave a role", other.public_id, {"role": "editor"})
    ]
    last = lines().first()
    assert (last.verb, last.actor, last.person, last.details) == (
        "exported the audit log",
        None,
        HER,
        {"kind": "did", "lines": 1, "as": "jsonl"},
    )


def test_an_export_overwrites_no_file(an_audit_log, tmp_path):
    path = tmp_path / "trail.csv"
    call_command("export_audit_log", f"--to={path}")
    first = path.read_text(encoding="utf-8")
    assert first.count("\n") == 5
    with pytest.raises(CommandError, match="there already"):
        call_command("export_audit_log", f"--to={path}")
    assert path.read_text(encoding="utf-8") == first


@pytest.mark.parametrize("day", ["2026-13-01", "yesterday", "2026-02-30"])
def test_a_day_that_is_none_is_refused(db, day):
    with pytest.raises(CommandError, match="no day"):
        call_command("export_audit_log", f"--since={day}")
    with pytest.raises(CommandError, match="no time"):
        call_command("who_saw", HER, day, "2026-11-24")


def test_after_a_breach_the_command_says_who_saw_her(an_audit_log, capsys):
    one, _other = an_audit_log
    day = timezone.now().date()
    call_command("who_saw", HER, str(day), str(day + timedelta(days=1)))
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["account"], row["fields"], row["subject"]) for row in rows] == [
        (one.public_id, "email; name", "directory")
    ]
    assert [(line.verb, line.person) for line in lines()[:1]] == [("traced who saw", HER)]
    with pytest.raises(CommandError, match="before the first"):
        call_command("who_saw", HER, str(day), str(day))


def test_installing_the_triggers_again_changes_nothing_but_the_number(a_small_world):
    before = change_number()
    triggers.install(connection)
    assert change_number() == before + 1
    a_state_is_made()
    assert change_number() > before + 1


@pytest.mark.django_db(transaction=True)
def test_two_writers_neither_lose_a_number_nor_lock_each_other_out():
    """Each writes two rows in the order that would cross; on PostgreSQL this deadlocks if the number is raised last."""
    State.objects.bulk_create([State(code="XA", kind="invented"), State(code="XB", kind="invented")])
    before = change_number()
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
    assert change_number() == before + 80
