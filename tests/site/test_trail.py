"""The change number rises with every change that a page may show, and the trail is only added to."""

from __future__ import annotations

import threading

import pytest
from django.db import DatabaseError, connection, transaction

from samsvar.site.convention.models import State, TreatyEvent
from samsvar.site.monitoring.models import Upload
from samsvar.site.network import models
from samsvar.site.trail import triggers
from samsvar.site.trail.actions import record
from samsvar.site.trail.models import Change, Entry
from samsvar.site.trail.queries import change_number, lines_about
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
    unshown = {"samsvar_trail_change", "samsvar_trail_entry", "samsvar_monitoring_upload", "samsvar_network_account"}
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
