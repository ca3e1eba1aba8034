"""The PostgreSQL privileges of the site's database account, which cannot tamper with the audit log.

There are two accounts: one owns the tables and runs `migrate`; web processes and workers use the other. Only the owner
can disable the protection of the audit log (see `triggers`). An attacker who takes over a web process, or obtains its
database password, can therefore neither change an entry, nor remove one before it has expired, nor create tables,
triggers or functions.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

from samsvar.site.audit.models import AuditEntry, ChangeNumber

ALL_PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE")
# Tables with fewer privileges. The worker may delete expired entries of the audit log; the other entries
# are protected by a trigger that only the owner can drop.
RESTRICTED_PRIVILEGES = {
    AuditEntry._meta.db_table: ("SELECT", "INSERT", "DELETE"),
    ChangeNumber._meta.db_table: ("SELECT", "UPDATE"),  # its single row is updated by the triggers
    "django_migrations": ("SELECT",),
    "django_content_type": ("SELECT",),
    "auth_permission": ("SELECT",),
}


def site_tables() -> list[str]:
    """Return the names of all tables of the site: those of its models, Django's migrations table, and cache tables."""
    model_tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed}
    caches = {
        str(cache["LOCATION"]) for cache in settings.CACHES.values() if str(cache["BACKEND"]).endswith("DatabaseCache")
    }
    return sorted(model_tables | caches | {"django_migrations"})


def grant_statements(role: str, connection: BaseDatabaseWrapper) -> Iterator[str]:
    """Yield SQL that grants a role what the site needs and revokes the rest; the owner runs it after `migrate`."""
    name, database = _quote_identifier(role), _quote_identifier(connection.settings_dict["NAME"])
    yield f"REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC, {name}"
    yield f"REVOKE CREATE ON SCHEMA public FROM PUBLIC, {name}"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {name}"
    yield f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, {name}"
    yield f"GRANT CONNECT ON DATABASE {database} TO {name}"
    yield f"GRANT USAGE ON SCHEMA public TO {name}"
    for table in site_tables():
        privileges = ", ".join(RESTRICTED_PRIVILEGES.get(table, ALL_PRIVILEGES))
        yield f"GRANT {privileges} ON {_quote_identifier(table)} TO {name}"


def _quote_identifier(name: str) -> str:
    """Quote an identifier; Django 6.0's quote_name does not escape quotation marks inside a name."""
    return '"' + name.replace('"', '""') + '"'
