"""`samsvar-site serving_account NAME`: the rights of a database account that serves the site and owns nothing."""

from __future__ import annotations

import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

# Tables in which the serving account may do less than read, add, change and remove. Of the trail it may remove lines,
# for the guard lets go of none before its day; what it may not is to change them, or to empty or rebuild the table.
LESS = {"samsvar_trail_entry": ("UPDATE",), "django_migrations": ("INSERT", "UPDATE", "DELETE")}


class Command(BaseCommand):
    help = (
        "Print the SQL that gives a PostgreSQL account what serving needs, and no more: run it as the owner of the "
        "tables after every migrate. The account then cannot lift the guard of the trail."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the account that gunicorn and the worker use; make it first, without tables")

    def handle(self, *, name: str, **_: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError(
                "Nothing was printed: SQLite has no accounts. Its file is its reader's who runs the site."
            )
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]{0,62}", name):
            raise CommandError("Nothing was printed: an account's name has letters, digits, _ and - only.")
        self.stdout.write("\n".join(rights_of(name, str(connection.settings_dict["NAME"]))))


def rights_of(name: str, database: str) -> list[str]:
    """One statement a line."""
    account, place = f'"{name}"', '"' + database.replace('"', '""') + '"'
    return [
        f"GRANT CONNECT ON DATABASE {place} TO {account};",
        f"GRANT USAGE ON SCHEMA public TO {account};",
        f"REVOKE CREATE ON SCHEMA public FROM PUBLIC, {account};",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {account};",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {account};",
        *(f'REVOKE {", ".join(rights)} ON "{table}" FROM {account};' for table, rights in LESS.items()),
    ]
