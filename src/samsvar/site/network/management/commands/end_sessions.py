"""`samsvar-site end_sessions`: ends every session of one account, or of all; who is signed in has to sign in again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from samsvar.site.network.accounts.actions.accounts import end_sessions
from samsvar.site.network.accounts.actions.recovery import end_all_sessions
from samsvar.site.network.accounts.queries import account_of


class Command(BaseCommand):
    help = "Ends sessions at once, on all machines: of the accounts named, or with --all of everybody."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", nargs="*", help="addresses that sign in")
        parser.add_argument("--all", action="store_true", help="of everybody: after a breach, or a lost secret")
        parser.add_argument("--reason", default="", help="for the trail")

    def handle(self, *, email: list[str], reason: str, **options: Any) -> None:
        if options["all"] == bool(email):
            raise CommandError("Nothing was ended: name accounts, or say --all.")
        if options["all"]:
            self.stdout.write(f"{end_all_sessions(by=None, why=reason)} sessions ended.")
            return
        for address in email:
            account = account_of(address)
            if account is None:
                raise CommandError(f"{address}: no account has this address. Sessions named before it have ended.")
            self.stdout.write(
                f"account {account.public_id}: {end_sessions(account=account, by=None, why=reason)} ended."
            )
