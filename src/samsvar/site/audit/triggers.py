"""Triggers that raise the change number in the transaction that changes a row, and keep the trail append-only.

A trigger cannot be forgotten: bulk writes, raw SQL, the shell and another program all raise the number. They are
installed after every `migrate` (SQLite drops a table's triggers when a migration rebuilds it), for every table of ours
and for users; a model whose rows no anonymous page shows says `changes_no_page = True`. Why the number is raised
*before* the statement: docs/decisions/0002-the-change-number.md.

A line of the trail can be removed when the day until which it is kept is over, and by nothing else: retention works,
and whoever holds the database's password cannot tidy up after themselves without taking the guard down first.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

# Signing in writes this column of users and no page shows it (since 2026-11).
UNSHOWN_COLUMNS = frozenset({"last_login"})
PREFIX = "samsvar_change_"
_REFUSED = "the trail is only ever added to"


def watched_models() -> Iterator[type[models.Model]]:
    """Every table whose rows an anonymous page may show: ours, with their many-to-many tables, and users."""
    for model in apps.get_models(include_auto_created=True):
        ours = model._meta.app_label.startswith("samsvar_") or model is get_user_model()
        if ours and model._meta.managed and not model._meta.proxy and not getattr(model, "changes_no_page", False):
            yield model


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the one row and all triggers anew; tables that are not there yet are left for the next `migrate`."""
    from samsvar.site.audit.models import Change, Entry

    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        if Change._meta.db_table not in there:
            return
        write = _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE
        change = connection.ops.quote_name(Change._meta.db_table)
        cursor.execute(f"INSERT INTO {change} (id, number) VALUES (1, 1) ON CONFLICT (id) DO NOTHING")
        cursor.execute(f"UPDATE {change} SET number = number + 1 WHERE id = 1")  # a migration may have changed anything
        for statement in write.preamble(change):
            cursor.execute(statement)
        for model in watched_models():
            if model._meta.db_table in there:
                for statement in write.raising(model, change):
                    cursor.execute(statement)
        if Entry._meta.db_table in there:
            for statement in write.keeping(Entry._meta.db_table):
                cursor.execute(statement)


def lift_guard(connection: BaseDatabaseWrapper) -> None:
    """Let the trail be emptied until the next `install`: for the tests' flush, and for nothing else."""
    from samsvar.site.audit.models import Entry

    write = _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE
    with connection.cursor() as cursor:
        for statement in write.lifting(Entry._meta.db_table):
            cursor.execute(statement)


def _shown_columns(model: type[models.Model]) -> str:
    """ " OF a, b" where the table has columns that no page shows; "" where every column counts."""
    columns = [field.column for field in model._meta.local_concrete_fields if field.column]
    shown = [column for column in columns if column not in UNSHOWN_COLUMNS]
    return "" if len(shown) == len(columns) else " OF " + ", ".join(f'"{column}"' for column in shown)


class _SQLITE:
    """Row triggers: SQLite has no others. One more update of a page that is in memory already, about a microsecond."""

    @staticmethod
    def preamble(change: str) -> Iterator[str]:
        yield from ()

    @staticmethod
    def raising(model: type[models.Model], change: str) -> Iterator[str]:
        table = model._meta.db_table
        for operation, event in (
            ("insert", "INSERT"),
            ("update", f"UPDATE{_shown_columns(model)}"),
            ("delete", "DELETE"),
        ):
            name = f"{PREFIX}{table}_{operation}"
            yield f'DROP TRIGGER IF EXISTS "{name}"'
            yield (
                f'CREATE TRIGGER "{name}" AFTER {event} ON "{table}" '
                f"BEGIN UPDATE {change} SET number = number + 1 WHERE id = 1; END"
            )

    @staticmethod
    def keeping(table: str) -> Iterator[str]:
        yield from _SQLITE.lifting(table)
        refuse = f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
        yield f'CREATE TRIGGER "samsvar_audit_keep_update" BEFORE UPDATE ON "{table}" {refuse}'
        yield (
            f'CREATE TRIGGER "samsvar_audit_keep_delete" BEFORE DELETE ON "{table}" '
            f"WHEN OLD.keep_until >= date('now') {refuse}"
        )
        # INSERT OR REPLACE removes the old line without a word to the trigger on DELETE
        yield (
            f'CREATE TRIGGER "samsvar_audit_keep_insert" BEFORE INSERT ON "{table}" '
            f'WHEN EXISTS (SELECT 1 FROM "{table}" WHERE id = NEW.id) {refuse}'
        )

    @staticmethod
    def lifting(table: str) -> Iterator[str]:
        for operation in ("update", "delete", "insert"):
            yield f'DROP TRIGGER IF EXISTS "samsvar_audit_keep_{operation}"'


class _POSTGRESQL:
    """Statement triggers, fired before the statement so that every writer takes the change row's lock first."""

    @staticmethod
    def preamble(change: str) -> Iterator[str]:
        yield f"""
            CREATE OR REPLACE FUNCTION samsvar_raise_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN UPDATE {change} SET number = number + 1 WHERE id = 1; RETURN NULL; END $$"""
        yield f"""
            CREATE OR REPLACE FUNCTION samsvar_keep_audit_log() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '{_REFUSED}' USING ERRCODE = 'restrict_violation'; END $$"""

    @staticmethod
    def raising(model: type[models.Model], change: str) -> Iterator[str]:
        table = model._meta.db_table
        yield f'DROP TRIGGER IF EXISTS "{PREFIX}raise" ON "{table}"'
        yield (
            f'CREATE TRIGGER "{PREFIX}raise" BEFORE INSERT OR UPDATE{_shown_columns(model)} OR DELETE OR TRUNCATE '
            f'ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION samsvar_raise_change()'
        )

    @staticmethod
    def keeping(table: str) -> Iterator[str]:
        yield from _POSTGRESQL.lifting(table)
        yield (
            f'CREATE TRIGGER samsvar_audit_keep BEFORE UPDATE OR TRUNCATE ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION samsvar_keep_audit_log()"
        )
        # UTC whatever the connection calls its time zone
        yield (
            f'CREATE TRIGGER samsvar_audit_keep_delete BEFORE DELETE ON "{table}" FOR EACH ROW '
            "WHEN (OLD.keep_until >= (now() AT TIME ZONE 'UTC')::date) EXECUTE FUNCTION samsvar_keep_audit_log()"
        )
        for name in _POSTGRESQL.GUARDS:  # also for a connection that calls itself a replica
            yield f'ALTER TABLE "{table}" ENABLE ALWAYS TRIGGER {name}'

    GUARDS = ("samsvar_audit_keep", "samsvar_audit_keep_delete")

    @staticmethod
    def lifting(table: str) -> Iterator[str]:
        for name in _POSTGRESQL.GUARDS:
            yield f'DROP TRIGGER IF EXISTS {name} ON "{table}"'
