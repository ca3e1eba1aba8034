"""The database account that serves: it reads and writes the site's rows, and has no hand on the trail's guard."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from samsvar.site.trail.actions import record
from samsvar.site.trail.models import Entry

only_postgresql = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="SQLite has no accounts: who may open the file may do everything"
)


@pytest.fixture
def serving(db):
    """This connection as the serving account, until the test's transaction is rolled back."""
    said = io.StringIO()
    call_command("serving_account", "samsvar_serving", stdout=said)
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE samsvar_serving")
        cursor.execute(said.getvalue())
        cursor.execute("SET LOCAL ROLE samsvar_serving")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def is_refused(statement: str) -> bool:
    """Whether the database says that this account may not; any other error is a mistake of the test's."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        if not re.search("permission denied|must be owner", str(error)):
            raise
        return True
    return False


@only_postgresql
def test_the_serving_account_does_what_serving_needs(serving):
    account = get_user_model().objects.create_user("somebody@network.example", "a long and quiet street")
    account.language = "nb"
    account.save()
    record(by=account, verb="looked", subject="nothing")
    cache.set("limit", 1, 60)
    assert (cache.get("limit"), Entry.objects.count()) == (1, 1)
    cache.delete("limit")


@only_postgresql
def test_the_serving_account_cannot_lift_the_guard_of_the_trail(serving):
    record(by=None, verb="looked", subject="nothing")
    assert Entry.objects.count() == 1  # there is a line to tamper with
    trail = '"samsvar_trail_entry"'
    assert [statement for statement in (
        f"UPDATE {trail} SET verb = 'nothing'",
        f"TRUNCATE {trail}",
        f"ALTER TABLE {trail} DISABLE TRIGGER ALL",
        f"DROP TRIGGER samsvar_trail_keep ON {trail}",
        f"DROP TABLE {trail} CASCADE",
        f"ALTER TABLE {trail} ADD COLUMN more text",
        "CREATE OR REPLACE FUNCTION samsvar_keep_trail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE TABLE of_its_own (id int)",
        "DELETE FROM django_migrations",
    ) if not is_refused(statement)] == []  # fmt: skip
    assert Entry.objects.count() == 1


@only_postgresql
def test_what_the_serving_account_may_remove_of_the_trail_is_what_the_guard_lets_go(serving):
    line = record(by=None, verb="looked", subject="nothing")
    assert line.keep_until > timezone.now().date() + timedelta(days=1)
    with pytest.raises(DatabaseError, match="trail"), transaction.atomic():
        Entry.objects.filter(pk=line.pk).delete()
    assert Entry.objects.count() == 1


@only_postgresql
def test_a_name_that_is_none_is_refused(db):
    with pytest.raises(CommandError, match="Nothing was printed"):
        call_command("serving_account", 'x"; DROP TABLE people; --')
