"""Every constraint of the models exists on the database in use."""

from __future__ import annotations

from datetime import date

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db import models as columns
from django.db.migrations import AddField, CreateModel, RunSQL
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from samsvar.site.meetings import models
from samsvar.site.shell.first_migration import FirstMigration

pytestmark = pytest.mark.django_db


def test_the_database_supports_every_constraint():
    call_command("check", databases=["default"], fail_level="WARNING")


def test_every_table_has_the_columns_indexes_and_constraints_of_its_model():
    missing = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            meta, table = model._meta, model._meta.db_table
            there = {column.name for column in connection.introspection.get_table_description(cursor, table)}
            wanted = {field.column for field in meta.local_concrete_fields}
            if named := {one.name for one in (*meta.indexes, *meta.constraints)}:
                there |= set(connection.introspection.get_constraints(cursor, table))  # slow on SQLite
                wanted |= named
            if wanted - there:
                missing[table] = wanted - there
    assert missing == {}


@pytest.mark.parametrize(
    "operation", [RunSQL("DELETE FROM samsvar_convention_state"), AddField("state", "note", columns.TextField())]
)
def test_a_first_migration_that_would_change_existing_tables_is_refused(operation: Operation):
    """A first migration creates tables complete, and would leave out any other operation."""
    migration = FirstMigration("0001_initial", "samsvar_convention")
    migration.operations = [CreateModel("Region", [("id", columns.AutoField(primary_key=True))]), operation]
    editor = connection.schema_editor(collect_sql=True)
    with pytest.raises(TypeError, match="of its own"):
        migration.apply(ProjectState(), editor)
    assert editor.collected_sql == []


@pytest.fixture
def meeting() -> models.Meeting:
    day = date(2027, 3, 10)
    return models.Meeting.objects.create(
        public_id="twice", kind="conference", title={"en": "Twice"}, begins=day, ends=day, zone="Europe/Oslo"
    )


def test_a_meeting_and_a_session_are_linked_to_a_thing_only_once(meeting):
    session = models.Session.objects.create(meeting=meeting)
    for of in (None, session):
        models.MeetingLink.objects.create(meeting=meeting, session=of, kind="article", key="20")
        with pytest.raises(IntegrityError), transaction.atomic():
            models.MeetingLink.objects.create(meeting=meeting, session=of, kind="article", key="20")
    assert meeting.links.count() == 2


def test_a_session_is_in_a_personal_schedule_only_once(meeting, django_user_model):
    session = models.Session.objects.create(meeting=meeting)
    account = django_user_model.objects.create(email="reader@nordmark.example")
    models.ScheduleEntry.objects.create(account=account, session=session)
    with pytest.raises(IntegrityError), transaction.atomic():
        models.ScheduleEntry.objects.create(account=account, session=session)
