"""The accounts of a demonstration: one a role, made from accounts.toml; made twice they are made once."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt
from django.contrib.auth import get_user_model
from django.db import transaction

from samsvar.network.rights import Role
from samsvar.site.network.access.actions.roles import give_role
from samsvar.site.network.accounts.queries import DemoAccount, demo_accounts
from samsvar.site.network.models import Network


def make_demo_accounts() -> None:
    """All of them; an account bound to a network waits until there is that network."""
    there = set(get_user_model().objects.values_list("email", flat=True))
    for account in demo_accounts():
        if account.email not in there:
            make_demo_account(account)


@transaction.atomic
def make_demo_account(account: DemoAccount) -> None:
    """One of them, with its confirmed address, its role, and its second factor where it has one."""
    network = Network.objects.filter(slug=account.network).first() if account.network else None
    if account.network and network is None:
        return
    user = get_user_model().objects.create_user(account.email, account.password, language=account.language)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    give_role(
        account=user,
        role=Role(account.role),
        by=None,
        reason="demonstration",
        state=account.state or None,
        network=network,
        meeting=account.meeting,
    )
    if account.code:
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": encrypt(account.code)})
