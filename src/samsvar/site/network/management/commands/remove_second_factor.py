"""`samsvar-site remove_second_factor`: remove a lost second factor once the owner's identity is verified."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from samsvar.errors import SamsvarError
from samsvar.site.network.accounts.actions.recovery import remove_second_factor
from samsvar.site.network.accounts.queries import find_account_by_email


class Command(BaseCommand):
    help = (
        "Remove the second factor of an account, end its sessions and email its owner. First check the identity of the "
        "person asking, as carefully as when they were invited."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the email address of the account")
        parser.add_argument("--reason", required=True, help="who asked and how you checked; for the audit log")

    def handle(self, *, email: str, reason: str, **_: Any) -> None:
        account = find_account_by_email(email)
        if account is None:
            raise CommandError("Nothing was changed: no account has this address.")
        try:
            removed = remove_second_factor(account=account, by=None, reason=reason)
        except SamsvarError as error:
            raise CommandError(error.full_message()) from error
        self.stdout.write(f"account {account.public_id}: {removed} removed, sessions ended, email sent.")
