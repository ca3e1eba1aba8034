"""Tokens of links that end an email to an account, without signing in."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.signing import BadSignature, Signer

from samsvar.site.network.accounts.models import Account


@dataclass(frozen=True, slots=True)
class EndLinks:
    """Links that end one kind of email and do nothing else; `salt` names the kind, so that no token ends another."""

    salt: str

    def token(self, account: Account) -> str:
        """Return the token of the link that ends the emails of an account. It stays valid."""
        return Signer(salt=self.salt).sign(account.public_id)

    def find_account(self, token: str) -> Account | None:
        """Return the account of a token; None if it is not one of these, or the account no longer exists."""
        try:
            public_id = Signer(salt=self.salt).unsign(token)
        except BadSignature:
            return None
        return Account.objects.filter(public_id=public_id, erased_at=None).first()
