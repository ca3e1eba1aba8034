"""Pages of signing in, signing up and second factors: allauth’s views with our templates and checks."""

from __future__ import annotations

from typing import Any

from allauth.account import views as account
from allauth.account.decorators import reauthentication_required
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount import views as social
from allauth.usersessions import views as usersessions
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from samsvar.errors import SamsvarError
from samsvar.site.network.access.middleware import forget_what_opens_no_more
from samsvar.site.network.accounts import queries
from samsvar.site.network.accounts.recovery_codes import fresh_codes
from samsvar.site.network.accounts.views.invitations import _office, _said

NEXT = "samsvar_next"  # where somebody goes on once they have a second factor


# --- Signing in -------------------------------------------------------------------------------------------------------


class SignIn(account.LoginView):
    """allauth's sign-in, with what our page shows beside it."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "demo_accounts": queries.demo_accounts(),
            "elsewhere": queries.elsewhere(),
            "may_join": settings.SAMSVAR_OPEN_SIGN_UP or queries.invitation_in(self.request.session) is not None,
        }


class SecondFactor(mfa.AuthenticateView):
    """The second step of signing in; a demonstration shows the code that a telephone would show."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "demo_code": queries.demo_code(self.stage.login.user)}


class _GoesOnThroughTheGate:
    """Whoever confirmed who they are goes on with what they had sent, if its door still opens to them."""

    def form_valid(self, form: Any) -> HttpResponse:
        forget_what_opens_no_more(self.request)  # type: ignore[attr-defined]
        answer: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        return answer


class ConfirmWithPassword(_GoesOnThroughTheGate, account.ReauthenticateView):
    """The password once more."""


class ConfirmWithPasskey(_GoesOnThroughTheGate, webauthn.ReauthenticateWebAuthnView):
    """A passkey once more."""


class ConfirmWithCode(_GoesOnThroughTheGate, mfa.ReauthenticateView):
    """Showing a second factor again, or for the first time in this session."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "demo_code": queries.demo_code(self.request.user)}


class SignUp(account.SignupView):
    """The form of somebody invited; an invitation to somebody who has an account leads to signing in."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            answer: HttpResponse = super().form_valid(form)
        except SamsvarError as refused:  # somebody else took the office meanwhile, or the invitation itself
            form.add_error(None, _said(refused))
            return self.form_invalid(form)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        invitation = queries.invitation_in(self.request.session)
        has_account = invitation is not None and queries.account_of(invitation.email) is not None
        return {
            **super().get_context_data(**kwargs),
            "invitation": invitation,
            "office": _office(invitation),
            "has_account": has_account,
            "elsewhere": queries.elsewhere(),
        }


class _ShowsWhatItMade:
    """Codes for recovery are shown in the answer to what made them: no later page could."""

    def form_valid(self, form: Any) -> HttpResponse:
        request: HttpRequest = self.request  # type: ignore[attr-defined]
        answer: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        codes = fresh_codes(request.user)
        if not codes:
            return answer
        context = {"codes": codes, "go_on": NEXT in request.session}
        shown = render(request, "mfa/recovery_codes/made.html", context)
        add_never_cache_headers(shown)
        return shown


class MakeRecoveryCodes(_ShowsWhatItMade, recovery_codes.GenerateRecoveryCodesView):
    """New codes in place of the old ones."""


class SetUpApp(_ShowsWhatItMade, totp.ActivateTOTPView):
    """An app as a second factor; whoever had none gets codes for recovery with it."""


class AddPasskey(_ShowsWhatItMade, webauthn.AddWebAuthnView):
    """A passkey; whoever had no second factor gets codes for recovery with it."""


class SecondFactors(mfa.IndexView):
    """The ways to show a second factor, and, after a change, the way to sign out everywhere else."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        others = queries.own_account(self.request.user).sessions - 1
        return {**super().get_context_data(**kwargs), "other_sessions": max(others, 0)}


class OwnSessions(usersessions.ListUserSessionsView):
    """One's sessions, each by a name that its owner knows it by."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = super().get_context_data(**kwargs)
        for session in page["sessions"]:
            session.browser = queries.browser_name(session.user_agent)
        return page


class Connections(social.ConnectionsView):
    """The ways to sign in elsewhere that open one's account."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "elsewhere": queries.elsewhere()}


sign_in = SignIn.as_view()
connections = Connections.as_view()
second_factor_at_sign_in = SecondFactor.as_view()
confirm_with_password = ConfirmWithPassword.as_view()
confirm_with_passkey = ConfirmWithPasskey.as_view()
confirm_with_code = ConfirmWithCode.as_view()
sign_up = SignUp.as_view()
second_factors = SecondFactors.as_view()
make_recovery_codes = MakeRecoveryCodes.as_view()
set_up_app = SetUpApp.as_view()
add_passkey = AddPasskey.as_view()
own_sessions = reauthentication_required(allow_get=True)(OwnSessions.as_view())
