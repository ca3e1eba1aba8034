"""The authentication backend: allauth's, which reads the account of a session by a query that is compiled once."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend

from samsvar.site.network.accounts.models import Account
from samsvar.site.shell.compiled_queries import CompiledQuery


class AccountBackend(AuthenticationBackend):
    def get_user(self, user_id: int) -> Account | None:
        """Return the active account with this primary key; None if there is none."""
        rows = _ACCOUNT_QUERY.fetch_rows(user_id)
        account = Account.from_db(Account._default_manager.db, _COLUMNS, rows[0]) if rows else None
        return account if account is not None and self.user_can_authenticate(account) else None


_COLUMNS = [field.attname for field in Account._meta.concrete_fields]
_ACCOUNT_QUERY = CompiledQuery(lambda pk: Account._default_manager.filter(pk=pk).values_list(*_COLUMNS), int)
