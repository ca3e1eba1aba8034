"""Triggers that increment the change number whenever a row changes, and keep the audit log append-only.

Triggers cannot be bypassed by accident: bulk writes, raw SQL, the shell and other programs all raise the number. They
are installed after every `migrate`, because SQLite drops a table's triggers when a migration rebuilds it. They apply to
the user table and to all tables of Samsvar, except models that set `changes_no_page = True` because no anonymous page
shows their rows. docs/decisions/0002-the-change-number.md explains why the number is raised *before* the statement.

An entry of the audit log can be deleted only after its keep_until date. This allows for retention periods, but someone
with the database password cannot hide what they did without first disabling the protection.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

# Every sign-in writes this column of users, which no page shows (since 2026-11).
UNSHOWN_COLUMNS = frozenset({"last_login"})
PREFIX = "samsvar_change_"
_REFUSAL_MESSAGE = "the audit log is append-only"


def watched_models() -> Iterator[type[models.Model]]:
    """Yield every model whose rows an anonymous page may show: Samsvar's, their many-to-many tables, and users."""
    for model in apps.get_models(include_auto_created=True):
        ours = model._meta.app_label.startswith("samsvar_") or model is get_user_model()
        if ours and model._meta.managed and not model._meta.proxy and not getattr(model, "changes_no_page", False):
            yield model


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the change number's row and recreate all triggers, except on tables that do not exist yet."""
    from samsvar.site.audit.models import AuditEntry, ChangeNumber

    with connection.cursor() as cursor:
        existing_tables = set(connection.introspection.table_names(cursor))
        if ChangeNumber._meta.db_table not in existing_tables:
            return
        dialect = _PostgresqlTriggers if connection.vendor == "postgresql" else _SqliteTriggers
        change = connection.ops.quote_name(ChangeNumber._meta.db_table)
        cursor.execute(f"INSERT INTO {change} (id, number) VALUES (1, 1) ON CONFLICT (id) DO NOTHING")
        cursor.execute(f"UPDATE {change} SET number = number + 1 WHERE id = 1")  # a migration may have changed anything
        for statement in dialect.setup_statements(change):
            cursor.execute(statement)
        for model in watched_models():
            if model._meta.db_table in existing_tables:
                for statement in dialect.change_trigger_statements(model, change):
                    cursor.execute(statement)
        if AuditEntry._meta.db_table in existing_tables:
            for statement in dialect.append_only_trigger_statements(AuditEntry._meta.db_table):
                cursor.execute(statement)


def disable_append_only_triggers(connection: BaseDatabaseWrapper) -> None:
    """Allow the audit log to be emptied until the next `install`; only for flushing databases in tests."""
    from samsvar.site.audit.models import AuditEntry

    dialect = _PostgresqlTriggers if connection.vendor == "postgresql" else _SqliteTriggers
    with connection.cursor() as cursor:
        for statement in dialect.drop_append_only_statements(AuditEntry._meta.db_table):
            cursor.execute(statement)


def _columns_clause(model: type[models.Model]) -> str:
    """Return " OF a, b" with the columns that pages show; "" if pages show every column of the table."""
    columns = [field.column for field in model._meta.local_concrete_fields if field.column]
    shown = [column for column in columns if column not in UNSHOWN_COLUMNS]
    return "" if len(shown) == len(columns) else " OF " + ", ".join(f'"{column}"' for column in shown)


class _SqliteTriggers:
    """Row-level triggers, because SQLite has no others. Each costs about 1 µs, because the row is already in memory."""

    @staticmethod
    def setup_statements(change: str) -> Iterator[str]:
        yield from ()

    @staticmethod
    def change_trigger_statements(model: type[models.Model], change: str) -> Iterator[str]:
        table = model._meta.db_table
        events = {"insert": "INSERT", "update": f"UPDATE{_columns_clause(model)}", "delete": "DELETE"}
        for operation, event in events.items():
            name = f"{PREFIX}{table}_{operation}"
            yield f'DROP TRIGGER IF EXISTS "{name}"'
            yield (
                f'CREATE TRIGGER "{name}" AFTER {event} ON "{table}" '
                f"BEGIN UPDATE {change} SET number = number + 1 WHERE id = 1; END"
            )

    @staticmethod
    def append_only_trigger_statements(table: str) -> Iterator[str]:
        yield from _SqliteTriggers.drop_append_only_statements(table)
        refuse = f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL_MESSAGE}'); END"
        yield f'CREATE TRIGGER "samsvar_audit_keep_update" BEFORE UPDATE ON "{table}" {refuse}'
        yield (
            f'CREATE TRIGGER "samsvar_audit_keep_delete" BEFORE DELETE ON "{table}" '
            f"WHEN OLD.keep_until >= date('now') {refuse}"
        )
        # INSERT OR REPLACE removes the old row without firing the DELETE trigger
        yield (
            f'CREATE TRIGGER "samsvar_audit_keep_insert" BEFORE INSERT ON "{table}" '
            f'WHEN EXISTS (SELECT 1 FROM "{table}" WHERE id = NEW.id) {refuse}'
        )

    @staticmethod
    def drop_append_only_statements(table: str) -> Iterator[str]:
        for operation in ("update", "delete", "insert"):
            yield f'DROP TRIGGER IF EXISTS "samsvar_audit_keep_{operation}"'


class _PostgresqlTriggers:
    """Statement-level triggers, fired before the statement so that every writer first locks the change number's row."""

    @staticmethod
    def setup_statements(change: str) -> Iterator[str]:
        yield f"""
            CREATE OR REPLACE FUNCTION samsvar_raise_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN UPDATE {change} SET number = number + 1 WHERE id = 1; RETURN NULL; END $$"""
        yield f"""
            CREATE OR REPLACE FUNCTION samsvar_keep_audit_log() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '{_REFUSAL_MESSAGE}' USING ERRCODE = 'restrict_violation'; END $$"""

    @staticmethod
    def change_trigger_statements(model: type[models.Model], change: str) -> Iterator[str]:
        table = model._meta.db_table
        yield f'DROP TRIGGER IF EXISTS "{PREFIX}raise" ON "{table}"'
        yield (
            f'CREATE TRIGGER "{PREFIX}raise" BEFORE INSERT OR UPDATE{_columns_clause(model)} OR DELETE OR TRUNCATE '
            f'ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION samsvar_raise_change()'
        )

    @staticmethod
    def append_only_trigger_statements(table: str) -> Iterator[str]:
        yield from _PostgresqlTriggers.drop_append_only_statements(table)
        yield (
            f'CREATE TRIGGER samsvar_audit_keep BEFORE UPDATE OR TRUNCATE ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION samsvar_keep_audit_log()"
        )
        # UTC, whatever the time zone of the connection
        yield (
            f'CREATE TRIGGER samsvar_audit_keep_delete BEFORE DELETE ON "{table}" FOR EACH ROW '
            "WHEN (OLD.keep_until >= (now() AT TIME ZONE 'UTC')::date) EXECUTE FUNCTION samsvar_keep_audit_log()"
        )
        for name in _PostgresqlTriggers.GUARDS:  # so that they also fire on connections in replica mode
            yield f'ALTER TABLE "{table}" ENABLE ALWAYS TRIGGER {name}'

    GUARDS = ("samsvar_audit_keep", "samsvar_audit_keep_delete")

    @staticmethod
    def drop_append_only_statements(table: str) -> Iterator[str]:
        for name in _PostgresqlTriggers.GUARDS:
            yield f'DROP TRIGGER IF EXISTS {name} ON "{table}"'
