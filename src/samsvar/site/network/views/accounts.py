"""Signing in, one's own account, invitations, and the outbox of a demonstration."""

from __future__ import annotations

from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as mfa

from samsvar.site.network.queries.accounts import demo_accounts, demo_code


class SignIn(account.LoginView):
    """allauth's sign-in, with what our page shows beside it."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "demo_accounts": demo_accounts()}


sign_in = SignIn.as_view()


class SecondFactor(mfa.AuthenticateView):
    """The second step of signing in; a demonstration shows the code that a telephone would show."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "demo_code": demo_code(self.stage.login.user.email)}


second_factor_at_sign_in = SecondFactor.as_view()
