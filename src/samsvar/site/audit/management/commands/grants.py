"""`samsvar-site grants ROLE`: prints the SQL that leaves the site's own database account no more than it needs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from samsvar.site.audit.grants import statements


class Command(BaseCommand):
    help = "Prints SQL for PostgreSQL: what the account of web processes and workers may do. Run it as the owner."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", help="the database account that web processes and workers sign in with")

    def handle(self, *, role: str, **_: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError(
                "SQLite knows no accounts: who may write the file may do all. The trail of such a site is guarded by "
                "its triggers, and by who may sign in to the machine."
            )
        self._refuse_an_owner(role)
        self.stdout.write("BEGIN;")
        for statement in statements(role, connection):
            self.stdout.write(f"{statement};")
        self.stdout.write("COMMIT;")

    def _refuse_an_owner(self, role: str) -> None:
        """What a role owns or may do as a superuser, no GRANT takes from it."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = %s", [role])
            found = cursor.fetchone()
            if found is None:
                raise CommandError(
                    f"There is no account “{role}” yet. Make it first: CREATE ROLE … LOGIN PASSWORD '…' with a "
                    "password of its own."
                )
            if any(found):
                raise CommandError(f"“{role}” is a superuser or makes roles: nothing can be kept from it.")
            cursor.execute(
                "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace "
                "AND pg_has_role(%s, relowner, 'MEMBER')",
                [role],
            )
            if cursor.fetchone()[0]:
                raise CommandError(
                    f"“{role}” owns tables of the site, or is a member of the role that does: nothing can be kept from "
                    "it. The owner runs `migrate`; web processes and workers need another account."
                )
