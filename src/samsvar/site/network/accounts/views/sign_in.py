"""Views for signing in, signing up and second factors: allauth's views with our templates and checks."""

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

from samsvar.site.network.access.middleware import drop_unauthorised_stored_request
from samsvar.site.network.accounts import queries
from samsvar.site.network.accounts.recovery_codes import newly_generated_codes
from samsvar.site.network.accounts.views.invitations import error_message, office_label
from samsvar.site.shell.form_pages import run_action

NEXT_URL_KEY = "samsvar_next"  # session key of the URL where the user continues after setting up a second factor


# --- Signing in -------------------------------------------------------------------------------------------------------


class SignInView(account.LoginView):
    """allauth's sign-in view, with demo accounts, providers and the sign-up link in its context."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "demo_accounts": queries.demo_accounts(),
            "elsewhere": queries.sign_in_providers(),
            "may_join": settings.SAMSVAR_OPEN_SIGN_UP
            or queries.find_opened_invitation(self.request.session) is not None,
        }


class SecondFactorView(mfa.AuthenticateView):
    """View for the second step of signing in. On a demonstration site, it also shows the current code."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "demo_code": queries.demo_totp_code(self.stage.login.user)}


class _RecheckPermissionMixin:
    """Mixin that checks permission again before a POST is resumed after reauthentication."""

    def form_valid(self, form: Any) -> HttpResponse:
        drop_unauthorised_stored_request(self.request)  # type: ignore[attr-defined]
        response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        return response


class ConfirmWithPasswordView(_RecheckPermissionMixin, account.ReauthenticateView):
    """View for reauthentication with the password."""


class ConfirmWithPasskeyView(_RecheckPermissionMixin, webauthn.ReauthenticateWebAuthnView):
    """View for reauthentication with a passkey."""


class ConfirmWithCodeView(_RecheckPermissionMixin, mfa.ReauthenticateView):
    """View for reauthentication with a second factor, even if this session has not used one yet."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "demo_code": queries.demo_totp_code(self.request.user)}


class SignUpView(account.SignupView):
    """Sign-up view. If an invited person already has an account, it links to the sign-in page."""

    def form_valid(self, form: Any) -> HttpResponse:
        response, error = run_action(super().form_valid, form=form)
        if error:  # for example if the office was filled or the invitation used in the meantime
            form.add_error(None, error_message(error))
        return response or self.form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        invitation = queries.find_opened_invitation(self.request.session)
        has_account = invitation is not None and queries.find_account_by_email(invitation.email) is not None
        return {
            **super().get_context_data(**kwargs),
            "invitation": invitation,
            "office": office_label(invitation),
            "has_account": has_account,
            "elsewhere": queries.sign_in_providers(),
        }


class _ShowRecoveryCodesMixin:
    """Mixin that shows new recovery codes in the response to the request that created them, and never again."""

    def form_valid(self, form: Any) -> HttpResponse:
        request: HttpRequest = self.request  # type: ignore[attr-defined]
        response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        codes = newly_generated_codes(request.user)
        if not codes:
            return response
        context = {"codes": codes, "go_on": NEXT_URL_KEY in request.session}
        codes_page = render(request, "mfa/recovery_codes/made.html", context)
        add_never_cache_headers(codes_page)
        return codes_page


class RecoveryCodesView(_ShowRecoveryCodesMixin, recovery_codes.GenerateRecoveryCodesView):
    """View that replaces the recovery codes with new ones."""


class SetUpAppView(_ShowRecoveryCodesMixin, totp.ActivateTOTPView):
    """View for setting up an authenticator app. The first second factor also creates recovery codes."""


class AddPasskeyView(_ShowRecoveryCodesMixin, webauthn.AddWebAuthnView):
    """View for adding a passkey. The first second factor also creates recovery codes."""


class SecondFactorsView(mfa.IndexView):
    """View of the user's second factors. After a change, it offers to sign out everywhere else."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        other_sessions = queries.own_account(self.request.user).sessions - 1
        return {**super().get_context_data(**kwargs), "other_sessions": max(other_sessions, 0)}


class OwnSessionsView(usersessions.ListUserSessionsView):
    """View of the user's sessions, each with a readable browser name."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        for session in context["sessions"]:
            session.browser = queries.browser_name(session.user_agent)
        return context


class ConnectionsView(social.ConnectionsView):
    """View of the external sign-in providers connected to the account."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "elsewhere": queries.sign_in_providers()}


sign_in = SignInView.as_view()
connections = ConnectionsView.as_view()
second_factor_at_sign_in = SecondFactorView.as_view()
confirm_with_password = ConfirmWithPasswordView.as_view()
confirm_with_passkey = ConfirmWithPasskeyView.as_view()
confirm_with_code = ConfirmWithCodeView.as_view()
sign_up = SignUpView.as_view()
second_factors = SecondFactorsView.as_view()
generate_recovery_codes = RecoveryCodesView.as_view()
set_up_app = SetUpAppView.as_view()
add_passkey = AddPasskeyView.as_view()
own_sessions = reauthentication_required(allow_get=True)(OwnSessionsView.as_view())
