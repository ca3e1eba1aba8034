"""`samsvar-site give_role EMAIL ROLE`: on the machine itself, where nobody is there yet who could give one."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from samsvar.errors import SamsvarError
from samsvar.network.rights import Role
from samsvar.site.network import models
from samsvar.site.network.access.actions.roles import give_role
from samsvar.site.network.accounts.queries import account_of


class Command(BaseCommand):
    help = "Gives an account a role; a national desk needs --state, an organiser --meeting."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        add_role_arguments(parser, "role")

    def handle(self, *, email: str, **options: Any) -> None:
        account = account_of(email)
        if account is None:
            raise CommandError("Nothing was changed: no account has this address. Make it with `add_account`.")
        try:
            role_from(account, options)
        except SamsvarError as error:
            raise CommandError(error.explained()) from error
        self.stdout.write(f"{account.email} is {options['role']} now.")


def add_role_arguments(parser: CommandParser, name: str) -> None:
    """What both commands take: a role, and what it is bound to."""
    parser.add_argument(name, choices=[role.value for role in Role])
    parser.add_argument("--state", help="code of a country, for a national desk: NO")
    parser.add_argument("--network", help="short name of a network, for its secretariat")
    parser.add_argument("--meeting", default="", help="id of a meeting, for its organiser")
    parser.add_argument("--reason", default="by command", help="for the trail")


def role_from(account: models.Account, options: dict[str, Any]) -> models.RoleGrant:
    """Give the role that the command line names."""
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
        state=_state(options["state"]),
        network=network,
        meeting=options["meeting"],
    )


def _state(code: str | None) -> str | None:
    if not code:
        return None
    states = models.RoleGrant._meta.get_field("state").related_model
    if not states._default_manager.filter(pk=code.upper()).exists():
        raise CommandError(f"Nothing was changed: there is no country “{code}”. Load them with `load_facts`.")
    return code.upper()
