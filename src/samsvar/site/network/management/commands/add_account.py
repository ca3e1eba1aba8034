"""`samsvar-site add_account EMAIL`: an account made on the machine itself, the first administrator's above all."""

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
from samsvar.site.network.accounts.actions.accounts import add_account
from samsvar.site.network.accounts.queries import account_of
from samsvar.site.network.management.commands.give_role import add_role_arguments, role_from
from samsvar.site.network.scheduled import host_of_letters


class Command(BaseCommand):
    help = (
        "Makes an account whose address is held to be right, and prints a link with which its owner chooses a "
        "password, once, within an hour. With --ask-password the password is asked for here, or read from a pipe."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--ask-password", action="store_true", help="choose the password here")
        languages = [code for code, _ in settings.LANGUAGES]
        parser.add_argument("--language", choices=languages, default="en", help="of letters (default: en)")
        add_role_arguments(parser, "--role")

    def handle(self, *, email: str, ask_password: bool, language: str, **options: Any) -> None:
        try:
            validate_email(email)
        except ValidationError as bad:
            raise CommandError(f"No account was made: “{email}” is no address.") from bad
        if account_of(email) is not None:
            raise CommandError("No account was made: there is one with this address. Give it a role with `give_role`.")
        password = self._asked(email) if ask_password else None
        try:
            with transaction.atomic():
                account = add_account(email=email, password=password, language=language)
                if options["role"]:
                    role_from(account, options)
        except SamsvarError as error:
            raise CommandError(f"No account was made. {error.explained()}") from error
        self.stdout.write(f"{account.email} has an account.")
        if not ask_password:
            self.stdout.write("To choose its password, once, within an hour:")
            self.stdout.write(link_to_choose_a_password(account, language))

    @staticmethod
    def _asked(email: str) -> str:
        password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        try:
            validate_password(password, models.Account(email=email))
        except ValidationError as weak:
            raise CommandError(f"No account was made. {' '.join(weak.messages)}") from weak
        return password


def link_to_choose_a_password(account: models.Account, language: str) -> str:
    """The same kind of link that a letter about a forgotten password holds."""
    key = default_token_generator.make_token(account)
    with override(language):
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(account), "key": key})
    scheme = "https" if settings.SESSION_COOKIE_SECURE else "http"
    return f"{scheme}://{host_of_letters()}{path}"
