"""`samsvar-site grants ROLE`: print the SQL that limits the site's database account to what it needs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from samsvar.site.audit.grants import grant_statements


class Command(BaseCommand):
    help = "Print SQL for PostgreSQL that limits the account of web processes and workers. Run the SQL as the owner."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", help="the database account that web processes and workers use")

    def handle(self, *, role: str, **_: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError(
                "SQLite has no accounts: anyone who can write the file can change everything in it. The audit log is "
                "protected by triggers and by access to the machine."
            )
        self._check_role(role)
        self.stdout.write("BEGIN;")
        for statement in grant_statements(role, connection):
            self.stdout.write(f"{statement};")
        self.stdout.write("COMMIT;")

    def _check_role(self, role: str) -> None:
        """Raise CommandError if the role is missing, privileged or owns tables: GRANT and REVOKE cannot limit it."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = %s", [role])
            privileges = cursor.fetchone()
            if privileges is None:
                raise CommandError(
                    f"The account “{role}” does not exist. Create it first: CREATE ROLE … LOGIN PASSWORD '…' with a "
                    "password of its own."
                )
            if any(privileges):
                raise CommandError(f"“{role}” is a superuser or can create roles: its permissions cannot be limited.")
            cursor.execute(
                "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace "
                "AND pg_has_role(%s, relowner, 'MEMBER')",
                [role],
            )
            if cursor.fetchone()[0]:
                raise CommandError(
                    f"“{role}” owns tables of the site, or is a member of the role that does: its permissions cannot "
                    "be limited. The owner runs `migrate`; web processes and workers need another account."
                )
