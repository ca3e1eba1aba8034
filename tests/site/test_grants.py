"""The PostgreSQL role of the running site can use the database but cannot change the audit log."""

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
from samsvar.site.audit.grants import ALL_PRIVILEGES, site_tables
from samsvar.site.audit.models import AuditEntry
from tests.factories.people import PASSWORD, make_account

ROLE = "samsvar_web"

pytestmark = pytest.mark.django_db


@pytest.fixture
def web_role(capsys):
    """Create the role with the rights from the command; it is rolled back with the test's transaction."""
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


def database_error(role, sql):
    """Return the first line of PostgreSQL's error for this role, or None if the statement succeeded."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL ROLE {role}")
            cursor.execute(sql)
            transaction.set_rollback(True)
    except DatabaseError as refusal:
        return str(refusal).splitlines()[0]
    return None


def make_entry(**columns):
    return AuditEntry.objects.create(
        verb="assigned a role", subject="account x", keep_until=timezone.now().date() + timedelta(days=1), **columns
    )


TAMPERING_STATEMENTS = {
    "UPDATE samsvar_audit_auditentry SET verb = 'nothing'": "permission denied for table samsvar_audit_auditentry",
    "UPDATE samsvar_audit_auditentry SET keep_until = '2000-01-01'": (
        "permission denied for table samsvar_audit_auditentry"
    ),
    "TRUNCATE samsvar_audit_auditentry": "permission denied for table samsvar_audit_auditentry",
    "DELETE FROM samsvar_audit_auditentry": "the audit log is append-only",
    "DROP TABLE samsvar_audit_auditentry": "must be owner of table samsvar_audit_auditentry",
    "ALTER TABLE samsvar_audit_auditentry DISABLE TRIGGER ALL": "must be owner of table samsvar_audit_auditentry",
    "DROP TRIGGER samsvar_audit_keep ON samsvar_audit_auditentry": "must be owner of relation samsvar_audit_auditentry",
    "DROP TRIGGER samsvar_audit_keep_delete ON samsvar_audit_auditentry": (
        "must be owner of relation samsvar_audit_auditentry"
    ),
    "DROP FUNCTION samsvar_keep_audit_log() CASCADE": "must be owner of function samsvar_keep_audit_log",
    "CREATE OR REPLACE FUNCTION samsvar_keep_audit_log() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RETURN OLD; END $$": "permission denied for schema public",
    "CREATE TRIGGER before_it BEFORE DELETE ON samsvar_audit_auditentry FOR EACH ROW "
    "EXECUTE FUNCTION samsvar_keep_audit_log()": "permission denied for table samsvar_audit_auditentry",
    "CREATE TEMPORARY TABLE samsvar_audit_auditentry (id int)": (
        "permission denied to create temporary tables in database"
    ),
    "CREATE TABLE public.other (id int)": "permission denied for schema public",
    "SET session_replication_role = replica": 'permission denied to set parameter "session_replication_role"',
    "INSERT INTO samsvar_audit_auditentry SELECT * FROM samsvar_audit_auditentry "
    "ON CONFLICT (id) DO UPDATE SET verb = 'nothing'": "permission denied for table samsvar_audit_auditentry",
}


@pytest.mark.parametrize("sql", TAMPERING_STATEMENTS)
def test_the_web_role_cannot_tamper_with_the_audit_log(web_role, sql):
    make_entry()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() != (web_role,)
    said = database_error(web_role, sql)
    assert said is not None
    assert said.startswith(TAMPERING_STATEMENTS[sql])
    assert [line.verb for line in AuditEntry.objects.all()] == ["assigned a role"]


def test_the_table_owner_could_tamper_with_the_audit_log(web_role):
    make_entry()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE samsvar_audit_auditentry DISABLE TRIGGER ALL")
        cursor.execute("DELETE FROM samsvar_audit_auditentry")
        assert AuditEntry.objects.count() == 0
        transaction.set_rollback(True)


def test_the_web_role_can_add_entries_and_remove_expired_ones(web_role):
    AuditEntry.objects.create(verb="over", subject="x", keep_until=timezone.now().date() - timedelta(days=1))
    with as_role(web_role):
        record(by=None, verb="looked", subject="y")
        AuditEntry.objects.filter(verb="over").delete()
        assert [line.verb for line in AuditEntry.objects.all()] == ["looked"]


def test_the_rights_of_the_web_role_are_enough_for_signing_in_and_reading(web_role, client):
    account = make_account(Role.READER)
    address = reverse("account_login")
    with as_role(web_role):
        assert client.get(reverse("pages:home")).status_code == 200
        answer = client.post(address, {"login": account.email, "password": PASSWORD})
        assert answer.status_code == 302
        assert client.get(reverse("pages:home")).status_code == 200
        assert "_auth_user_id" in client.session
        client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session


def test_the_web_role_has_rights_on_the_tables_of_the_site_and_no_others(web_role):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, array_agg(a.privilege_type ORDER BY a.privilege_type) FROM pg_class c "
            "CROSS JOIN LATERAL aclexplode(c.relacl) a "
            "WHERE c.relnamespace = 'public'::regnamespace AND a.grantee = %s::regrole GROUP BY c.relname",
            [web_role],
        )
        given = {table: set(rights) for table, rights in cursor.fetchall()}
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        there = {table for (table,) in cursor.fetchall()}
    expected = {table: set(ALL_PRIVILEGES) for table in site_tables()} | {
        "samsvar_audit_auditentry": {"SELECT", "INSERT", "DELETE"},
        "samsvar_audit_changenumber": {"SELECT", "UPDATE"},
        "django_migrations": {"SELECT"},
        "django_content_type": {"SELECT"},
        "auth_permission": {"SELECT"},
    }
    assert given == expected
    assert there == set(expected)  # no table was forgotten, and none is listed that does not exist
    assert {model._meta.db_table for model in apps.get_models()} <= there


def test_excess_rights_are_revoked(web_role, capsys):
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT ALL ON samsvar_audit_auditentry TO {web_role}")
    make_entry()
    assert database_error(web_role, "UPDATE samsvar_audit_auditentry SET verb = 'x'") == "the audit log is append-only"
    call_command("grants", web_role)
    with connection.cursor() as cursor:
        cursor.execute(capsys.readouterr().out.removeprefix("BEGIN;\n").removesuffix("COMMIT;\n"))
    assert database_error(web_role, "UPDATE samsvar_audit_auditentry SET verb = 'x'") == (
        "permission denied for table samsvar_audit_auditentry"
    )


@pytest.mark.parametrize(
    ("role", "why"),
    [
        ("nobody_there", "does not exist"),
        ("an_owner", "owns tables of the site"),
        ("a_friend_of_the_owner", "owns tables of the site"),
        ("a_maker_of_roles", "can create roles"),
        ("o'brien\"; DROP TABLE x", "does not exist"),
    ],
)
def test_unknown_and_overprivileged_roles_are_rejected(web_role, capsys, role, why):
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE an_owner LOGIN; CREATE ROLE a_friend_of_the_owner LOGIN IN ROLE an_owner")
        cursor.execute("CREATE ROLE a_maker_of_roles LOGIN CREATEROLE")
        cursor.execute("ALTER TABLE samsvar_cache OWNER TO an_owner")
    with pytest.raises(CommandError, match=why):
        call_command("grants", role)
    assert capsys.readouterr().out == ""


def test_a_role_name_that_needs_quotes_is_quoted(web_role, capsys):
    with connection.cursor() as cursor:
        cursor.execute('CREATE ROLE "Web ""quoted"" role" LOGIN')
    call_command("grants", 'Web "quoted" role')
    with connection.cursor() as cursor:
        cursor.execute(capsys.readouterr().out.removeprefix("BEGIN;\n").removesuffix("COMMIT;\n"))
        cursor.execute("SELECT has_table_privilege('Web \"quoted\" role', 'samsvar_audit_auditentry', 'INSERT')")
        assert cursor.fetchone() == (True,)


def test_on_sqlite_the_command_says_that_there_are_no_roles(capsys):
    if connection.vendor == "postgresql":
        pytest.skip("SQLite's answer")
    with pytest.raises(CommandError, match="SQLite has no accounts"):
        call_command("grants", ROLE)
    assert capsys.readouterr().out == ""
