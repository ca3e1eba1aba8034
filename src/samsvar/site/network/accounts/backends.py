"""The authentication backend: allauth's, which reads the account of a session by a query that is compiled once."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend

from samsvar.site.network.accounts.models import Account
from samsvar.site.shell.compiled_queries import CompiledModelQuery


class AccountBackend(AuthenticationBackend):
    def get_user(self, user_id: int) -> Account | None:
        """Return the active account with this primary key; None if there is none."""
        account = _ACCOUNT_QUERY.fetch_first(user_id)
        return account if account is not None and self.user_can_authenticate(account) else None


_ACCOUNT_QUERY = CompiledModelQuery(lambda pk: Account._default_manager.filter(pk=pk), int)
