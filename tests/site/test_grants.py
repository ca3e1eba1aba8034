"""The account that the site itself signs in with at PostgreSQL uses the record and cannot tidy up the trail."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from samsvar.network.rights import Role
from samsvar.site.audit.actions import record
from samsvar.site.audit.grants import ALL_OF_A_ROW, tables
from samsvar.site.audit.models import Entry
from tests.factories.people import PASSWORD, make_account

ROLE = "samsvar_web"

pytestmark = pytest.mark.django_db


@pytest.fixture
def web(capsys):
    """The account, with what the command gives it; gone with the test's transaction."""
    if connection.vendor != "postgresql":
        pytest.skip("accounts are PostgreSQL's")
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD 'a password of its own'")
        call_command("grants", ROLE)
        printed = capsys.readouterr().out
        assert printed.startswith("BEGIN;\n")
        assert printed.endswith("COMMIT;\n")
        cursor.execute(printed.removeprefix("BEGIN;\n").removesuffix("COMMIT;\n"))
    return ROLE


@contextmanager
def as_role(role):
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {role}")
        try:
            yield
        finally:
            cursor.execute("RESET ROLE")


def refused(role, sql):
    """What PostgreSQL says to this account; None where it did as it was told."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL ROLE {role}")
            cursor.execute(sql)
            transaction.set_rollback(True)
    except DatabaseError as refusal:
        return str(refusal).splitlines()[0]
    return None


def a_line(**columns):
    return Entry.objects.create(
        verb="gave a role", subject="account x", keep_until=timezone.now().date() + timedelta(days=1), **columns
    )


TIDYING = {
    "UPDATE samsvar_audit_entry SET verb = 'nothing'": "permission denied for table samsvar_audit_entry",
    "UPDATE samsvar_audit_entry SET keep_until = '2000-01-01'": "permission denied for table samsvar_audit_entry",
    "TRUNCATE samsvar_audit_entry": "permission denied for table samsvar_audit_entry",
    "DELETE FROM samsvar_audit_entry": "the trail is only ever added to",
    "DROP TABLE samsvar_audit_entry": "must be owner of table samsvar_audit_entry",
    "ALTER TABLE samsvar_audit_entry DISABLE TRIGGER ALL": "must be owner of table samsvar_audit_entry",
    "DROP TRIGGER samsvar_audit_keep ON samsvar_audit_entry": "must be owner of relation samsvar_audit_entry",
    "DROP TRIGGER samsvar_audit_keep_delete ON samsvar_audit_entry": "must be owner of relation samsvar_audit_entry",
    "DROP FUNCTION samsvar_keep_audit_log() CASCADE": "must be owner of function samsvar_keep_audit_log",
    "CREATE OR REPLACE FUNCTION samsvar_keep_audit_log() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RETURN OLD; END $$": "permission denied for schema public",
    "CREATE TRIGGER before_it BEFORE DELETE ON samsvar_audit_entry FOR EACH ROW "
    "EXECUTE FUNCTION samsvar_keep_audit_log()": "permission denied for table samsvar_audit_entry",
    "CREATE TEMPORARY TABLE samsvar_audit_entry (id int)": "permission denied to create temporary tables in database",
    "CREATE TABLE public.other (id int)": "permission denied for schema public",
    "SET session_replication_role = replica": 'permission denied to set parameter "session_replication_role"',
    "INSERT INTO samsvar_audit_entry SELECT * FROM samsvar_audit_entry "
    "ON CONFLICT (id) DO UPDATE SET verb = 'nothing'": "permission denied for table samsvar_audit_entry",
}


@pytest.mark.parametrize("sql", TIDYING)
def test_no_way_leads_the_site_s_own_account_to_changing_the_trail(web, sql):
    a_line()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() != (web,)
    said = refused(web, sql)
    assert said is not None
    assert said.startswith(TIDYING[sql])
    assert [line.verb for line in Entry.objects.all()] == ["gave a role"]


def test_the_owner_could_so_there_is_something_to_keep(web):
    a_line()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE samsvar_audit_entry DISABLE TRIGGER ALL")
        cursor.execute("DELETE FROM samsvar_audit_entry")
        assert Entry.objects.count() == 0
        transaction.set_rollback(True)


def test_the_site_s_own_account_writes_lines_and_removes_those_whose_time_is_over(web):
    Entry.objects.create(verb="over", subject="x", keep_until=timezone.now().date() - timedelta(days=1))
    with as_role(web):
        record(by=None, verb="looked", subject="y")
        Entry.objects.filter(verb="over").delete()
        assert [line.verb for line in Entry.objects.all()] == ["looked"]


def test_signing_in_and_reading_need_no_more_than_the_site_s_own_account_may(web, client):
    account = make_account(Role.READER)
    address = reverse("account_login")
    with as_role(web):
        assert client.get(reverse("pages:home")).status_code == 200
        answer = client.post(address, {"login": account.email, "password": PASSWORD})
        assert answer.status_code == 302
        assert client.get(reverse("pages:home")).status_code == 200
        assert "_auth_user_id" in client.session
        client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session


def test_every_table_of_the_site_has_its_rights_and_no_other_has_any(web):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, array_agg(a.privilege_type ORDER BY a.privilege_type) FROM pg_class c "
            "CROSS JOIN LATERAL aclexplode(c.relacl) a "
            "WHERE c.relnamespace = 'public'::regnamespace AND a.grantee = %s::regrole GROUP BY c.relname",
            [web],
        )
        given = {table: set(rights) for table, rights in cursor.fetchall()}
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        there = {table for (table,) in cursor.fetchall()}
    expected = {table: set(ALL_OF_A_ROW) for table in tables()} | {
        "samsvar_audit_entry": {"SELECT", "INSERT", "DELETE"},
        "samsvar_audit_change": {"SELECT", "UPDATE"},
        "django_migrations": {"SELECT"},
        "django_content_type": {"SELECT"},
        "auth_permission": {"SELECT"},
    }
    assert given == expected
    assert there == set(expected)  # no table was forgotten, and none is asked for that is not there
    assert {model._meta.db_table for model in apps.get_models()} <= there


def test_what_an_account_had_beyond_is_taken_from_it(web, capsys):
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT ALL ON samsvar_audit_entry TO {web}")
    a_line()
    assert refused(web, "UPDATE samsvar_audit_entry SET verb = 'x'") == "the trail is only ever added to"
    call_command("grants", web)
    with connection.cursor() as cursor:
        cursor.execute(capsys.readouterr().out.removeprefix("BEGIN;\n").removesuffix("COMMIT;\n"))
    assert refused(web, "UPDATE samsvar_audit_entry SET verb = 'x'") == (
        "permission denied for table samsvar_audit_entry"
    )


@pytest.mark.parametrize(
    ("role", "why"),
    [
        ("nobody_there", "There is no account"),
        ("an_owner", "owns tables of the site"),
        ("a_friend_of_the_owner", "owns tables of the site"),
        ("a_maker_of_roles", "makes roles"),
        ("o'brien\"; DROP TABLE x", "There is no account"),
    ],
)
def test_an_account_from_which_nothing_can_be_kept_is_refused(web, capsys, role, why):
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE an_owner LOGIN; CREATE ROLE a_friend_of_the_owner LOGIN IN ROLE an_owner")
        cursor.execute("CREATE ROLE a_maker_of_roles LOGIN CREATEROLE")
        cursor.execute("ALTER TABLE samsvar_cache OWNER TO an_owner")
    with pytest.raises(CommandError, match=why):
        call_command("grants", role)
    assert capsys.readouterr().out == ""


def test_a_name_that_needs_quotes_is_quoted(web, capsys):
    with connection.cursor() as cursor:
        cursor.execute('CREATE ROLE "Web ""quoted"" role" LOGIN')
    call_command("grants", 'Web "quoted" role')
    with connection.cursor() as cursor:
        cursor.execute(capsys.readouterr().out.removeprefix("BEGIN;\n").removesuffix("COMMIT;\n"))
        cursor.execute("SELECT has_table_privilege('Web \"quoted\" role', 'samsvar_audit_entry', 'INSERT')")
        assert cursor.fetchone() == (True,)


def test_on_sqlite_the_command_says_that_there_are_no_accounts(capsys):
    if connection.vendor == "postgresql":
        pytest.skip("SQLite's answer")
    with pytest.raises(CommandError, match="SQLite knows no accounts"):
        call_command("grants", ROLE)
    assert capsys.readouterr().out == ""
