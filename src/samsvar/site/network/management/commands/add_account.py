"""`samsvar-site add_account EMAIL`: create an account from the server, for example the first administrator's."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse
from django.utils.translation import override

from samsvar.errors import SamsvarError
from samsvar.site.network import models
from samsvar.site.network.accounts.actions.accounts import create_account
from samsvar.site.network.accounts.queries import find_account_by_email
from samsvar.site.network.management.commands.give_role import add_role_arguments, give_role_from_options
from samsvar.site.shell.site_url import absolute_url


class Command(BaseCommand):
    help = (
        "Create an account with a confirmed address, and print a link with which its owner can choose a password once, "
        "within an hour. With --ask-password the password is entered here or read from a pipe."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--ask-password", action="store_true", help="enter the password now")
        languages = [code for code, _ in settings.LANGUAGES]
        parser.add_argument("--language", choices=languages, default="en", help="language of emails (default: en)")
        add_role_arguments(parser, "--role")

    def handle(self, *, email: str, ask_password: bool, language: str, **options: Any) -> None:
        try:
            validate_email(email)
        except ValidationError as bad:
            raise CommandError(f"No account was created: “{email}” is not an email address.") from bad
        if find_account_by_email(email) is not None:
            raise CommandError("No account was created: this address already has one. Give it a role with `give_role`.")
        password = self._read_password(email) if ask_password else None
        try:
            with transaction.atomic():
                account = create_account(email=email, password=password, language=language)
                if options["role"]:
                    give_role_from_options(account, options)
        except SamsvarError as error:
            raise CommandError(f"No account was created. {error.full_message()}") from error
        self.stdout.write(f"{account.email} now has an account.")
        if not ask_password:
            self.stdout.write("Link to choose a password, valid once and for one hour:")
            self.stdout.write(password_link(account, language))

    @staticmethod
    def _read_password(email: str) -> str:
        password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        try:
            validate_password(password, models.Account(email=email))
        except ValidationError as weak:
            raise CommandError(f"No account was created. {' '.join(weak.messages)}") from weak
        return password


def password_link(account: models.Account, language: str) -> str:
    """Return a link for choosing a password, like the links in password reset emails."""
    key = default_token_generator.make_token(account)
    with override(language):
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(account), "key": key})
    return absolute_url(path)
