"""`samsvar-site give_role EMAIL ROLE`: give a role from the server, before any account can do so on the site."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from samsvar.errors import SamsvarError
from samsvar.network.rights import Role
from samsvar.site.network import models
from samsvar.site.network.access.actions.roles import give_role
from samsvar.site.network.accounts.queries import find_account_by_email


class Command(BaseCommand):
    help = "Give an account a role; a national desk needs --state, an organiser --meeting."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        add_role_arguments(parser, "role")

    def handle(self, *, email: str, **options: Any) -> None:
        account = find_account_by_email(email)
        if account is None:
            raise CommandError("Nothing was changed: no account has this address. Create it with `add_account`.")
        try:
            give_role_from_options(account, options)
        except SamsvarError as error:
            raise CommandError(error.full_message()) from error
        self.stdout.write(f"{account.email} now has the role {options['role']}.")


def add_role_arguments(parser: CommandParser, name: str) -> None:
    """Add the arguments for a role and its scope, which two commands share."""
    parser.add_argument(name, choices=[role.value for role in Role])
    parser.add_argument("--state", help="code of a country, for a national desk, for example NO")
    parser.add_argument("--network", help="short name of a network, for its secretariat")
    parser.add_argument("--meeting", default="", help="id of a meeting, for its organiser")
    parser.add_argument("--reason", default="by command", help="for the audit log")


def give_role_from_options(account: models.Account, options: dict[str, Any]) -> models.RoleGrant:
    """Give the role specified on the command line."""
    network = None
    if options["network"]:
        network = models.Network.objects.filter(slug=options["network"]).first()
        if network is None:
            raise CommandError(f"Nothing was changed: there is no network “{options['network']}”.")
    return give_role(
        account=account,
        role=Role(options["role"]),
        by=None,
        reason=options["reason"],
        state=_validate_state_code(options["state"]),
        network=network,
        meeting=options["meeting"],
    )


def _validate_state_code(code: str | None) -> str | None:
    if not code:
        return None
    states = models.RoleGrant._meta.get_field("state").related_model
    if not states._default_manager.filter(pk=code.upper()).exists():
        raise CommandError(f"Nothing was changed: there is no country “{code}”. Load them with `load_facts`.")
    return code.upper()
