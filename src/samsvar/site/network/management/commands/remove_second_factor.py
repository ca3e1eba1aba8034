"""`samsvar-site remove_second_factor`: for somebody who has lost it, once it is sure who asks."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from samsvar.errors import SamsvarError
from samsvar.site.network.accounts.actions.recovery import remove_second_factor
from samsvar.site.network.accounts.queries import account_of
from samsvar.site.network.scheduled import host_of_letters


class Command(BaseCommand):
    help = (
        "Takes the second factor from an account, ends its sessions and writes to its owner. Make sure first that it "
        "is they who ask, as carefully as when they were invited."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address that signs in")
        parser.add_argument("--reason", required=True, help="who asked, and how you made sure of them; for the trail")

    def handle(self, *, email: str, reason: str, **_: Any) -> None:
        account = account_of(email)
        if account is None:
            raise CommandError("Nothing was changed: no account has this address.")
        try:
            removed = remove_second_factor(account=account, by=None, reason=reason, host=host_of_letters())
        except SamsvarError as error:
            raise CommandError(error.explained()) from error
        self.stdout.write(f"account {account.public_id}: {removed} removed, sessions ended, a letter is on its way.")
