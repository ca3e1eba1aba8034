"""What the site's own database account may do on PostgreSQL: use the record, and not tidy up the trail.

Two accounts: one owns the tables and runs `migrate`; the other is what web processes and workers sign in with. The
guard of the trail (`triggers`) can be taken down by the owner alone. So whoever takes over a web process, or its
password, can neither change a line of the trail, nor remove one before its day, nor make tables, triggers, functions.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

from samsvar.site.audit.models import Change, Entry

ALL_OF_A_ROW = ("SELECT", "INSERT", "UPDATE", "DELETE")
# What may be less than everything: a table, and what the site does with it. Of the trail the worker removes the lines
# whose time is over; that it reaches no others is the trigger's to see to, which only the owner can take down.
LESS = {
    Entry._meta.db_table: ("SELECT", "INSERT", "DELETE"),
    Change._meta.db_table: ("SELECT", "UPDATE"),  # its one row is raised by the triggers
    "django_migrations": ("SELECT",),
    "django_content_type": ("SELECT",),
    "auth_permission": ("SELECT",),
}


def tables() -> list[str]:
    """Every table of the site: those of its models, Django's own note of migrations, and those of its caches."""
    named = {model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed}
    caches = {
        str(cache["LOCATION"]) for cache in settings.CACHES.values() if str(cache["BACKEND"]).endswith("DatabaseCache")
    }
    return sorted(named | caches | {"django_migrations"})


def statements(role: str, connection: BaseDatabaseWrapper) -> Iterator[str]:
    """SQL that gives a role what the site needs and takes what it had beyond that; run by the owner after `migrate`."""
    name, database = _quoted(role), _quoted(connection.settings_dict["NAME"])
    yield f"REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC, {name}"
    yield f"REVOKE CREATE ON SCHEMA public FROM PUBLIC, {name}"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {name}"
    yield f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, {name}"
    yield f"GRANT CONNECT ON DATABASE {database} TO {name}"
    yield f"GRANT USAGE ON SCHEMA public TO {name}"
    for table in tables():
        rights = ", ".join(LESS.get(table, ALL_OF_A_ROW))
        yield f"GRANT {rights} ON {_quoted(table)} TO {name}"


def _quoted(name: str) -> str:
    """Django's own way to quote leaves a quotation mark inside a name as it is (6.0)."""
    return '"' + name.replace('"', '""') + '"'
