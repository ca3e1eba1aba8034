"""`samsvar-site end_sessions`: end all sessions of some accounts or of all accounts."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from samsvar.site.network.accounts.actions.accounts import end_sessions
from samsvar.site.network.accounts.actions.recovery import end_all_sessions
from samsvar.site.network.accounts.queries import find_account_by_email


class Command(BaseCommand):
    help = "End the sessions of the given accounts, or of all accounts with --all, immediately and on all machines."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", nargs="*", help="email addresses of accounts")
        parser.add_argument("--all", action="store_true", help="end the sessions of all accounts, as after a breach")
        parser.add_argument("--reason", default="", help="for the audit log")

    def handle(self, *, email: list[str], reason: str, **options: Any) -> None:
        if options["all"] == bool(email):
            raise CommandError("No session was ended: name accounts or use --all.")
        if options["all"]:
            self.stdout.write(f"{end_all_sessions(by=None, reason=reason)} sessions ended.")
            return
        for address in email:
            account = find_account_by_email(address)
            if account is None:
                raise CommandError(
                    f"{address}: no account has this address. The sessions of the accounts before it were ended."
                )
            self.stdout.write(
                f"account {account.public_id}: {end_sessions(account=account, by=None, reason=reason)} ended."
            )
