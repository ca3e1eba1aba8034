"""Functions that create the demonstration's accounts, one per role, from accounts.toml. Idempotent."""

from __future__ import annotations

from functools import cache

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import transaction

from samsvar.network.rights import Role
from samsvar.site.network.access.actions.roles import give_role
from samsvar.site.network.accounts.queries import DemoAccount, demo_accounts
from samsvar.site.network.models import Network


def make_demo_accounts() -> None:
    """Create all missing accounts; an account limited to a network is skipped until that network exists."""
    existing = set(get_user_model().objects.values_list("email", flat=True))
    for account in demo_accounts():
        if account.email not in existing:
            make_demo_account(account)


@transaction.atomic
def make_demo_account(account: DemoAccount) -> None:
    """Create an account with its verified address, its role and, if it has one, its second factor."""
    network = Network.objects.filter(slug=account.network).first() if account.network else None
    if account.network and network is None:
        return
    user = get_user_model().objects.create(
        email=account.email, password=_hash_once(account.password), language=account.language
    )
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


@cache
def _hash_once(password: str) -> str:
    """Return the hash of a password; a hash takes a third of a second, and all accounts share one public password."""
    return make_password(password)
