"""Where django-allauth asks us: what it may do, what it says, and how its letters leave."""

from __future__ import annotations

import base64
import logging
import secrets
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core.exceptions import ImmediateHttpResponse, SignupClosedException
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from samsvar.errors import SamsvarError
from samsvar.network.membership import NetworkError
from samsvar.site.network.accounts import security_log
from samsvar.site.network.accounts.actions.accounts import accept_invitation
from samsvar.site.network.accounts.queries import INVITATION, account_of, invitation_in
from samsvar.site.network.accounts.sessions import began_lately, sign_in_again
from samsvar.site.network.emails.actions import post_letter
from samsvar.site.network.emails.email_templates import notice
from samsvar.site.network.labels import trouble

log = logging.getLogger(__name__)

NONCE = 12  # bytes, as AES-GCM is made for


class SecretIsLost(NetworkError):
    """A second factor was encrypted with a secret that the site no longer has."""

    code = "secret_is_lost"
    kept = "Nothing was changed."
    advice = "Add the old secret to SAMSVAR_SECRET_KEY_BEFORE, or let the person set their second factor up again."

    def __init__(self) -> None:
        super().__init__("A second factor cannot be read: the site's secret has changed.")


class Accounts(DefaultAccountAdapter):
    """Accounts are by invitation; errors are ours, so that they are in all languages of the site."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed."),
        "duplicate_email": _("This is the account’s address already."),
        "email_password_mismatch": _("The address or the password is not correct."),
        "email_taken": _("There is an account with this address already."),
        "enter_current_password": _("This is not the present password."),
        "incorrect_code": _("This code is not correct, or has been used already."),
        "incorrect_password": _("This is not the present password."),
        "invalid_or_expired_key": _("This link is not valid any more."),
        "invalid_password_reset": _("This link is not valid any more."),
        "too_many_login_attempts": _("Too many failed attempts. Try again in five minutes."),
        "unverified_primary_email": _("The account’s address has to be confirmed first."),
        "same_as_current": _("The new one has to differ from the present one."),
        "rate_limited": _("Too many requests. Try again in a few minutes."),
    }

    def validation_error(self, code: str, *args: Any) -> Any:
        if code in {"too_many_login_attempts", "rate_limited"}:
            security_log.too_often(self.request)
        return super().validation_error(code, *args)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.SAMSVAR_OPEN_SIGN_UP or invitation_in(request.session) is not None

    def is_email_verified(self, request: HttpRequest, email: str) -> bool:
        """Who opened the link of an invitation reads that address's letters; nobody else's address is believed."""
        invitation = invitation_in(request.session)
        return invitation is not None and invitation.email == email.strip().lower()

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Every letter of allauth goes into our table, in its reader's language, and leaves by itself."""
        account = context.get("user") or account_of(email)
        post_letter(
            to=email,
            kind=template_prefix,
            context={**context, "email": email},
            host=self.request.get_host(),
            language=(account.language if account else "") or get_language() or "",
            account=account,
        )

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        said = message or (notice(message_template, message_context or {}) if message_template else "")
        if said:
            messages.add_message(request, level, said, extra_tags=extra_tags)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who has nothing here to confirm with, because they sign in elsewhere, signs in there again.

        allauth takes such an account for confirmed, always; a session left open would then be enough to add an
        address, a password or a passkey to it.
        """
        user = self.request.user
        if user.is_authenticated and not get_reauthentication_flows(user) and not began_lately(self.request):
            raise ImmediateHttpResponse(sign_in_again(self.request))
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        """To one's own entry first: who sees what of it is decided there."""
        return reverse("network:entry")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("network:account")

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        words = {
            "reauthenticate": gettext("With your password"),
            "mfa_reauthenticate": gettext("With a code from your app, or a recovery code"),
            "mfa_reauthenticate:webauthn": gettext("With a passkey"),
        }
        found = super().get_reauthentication_methods(user)
        return [{**method, "description": words[method["id"]]} for method in found]


class SecondFactors(DefaultMFAAdapter):
    """Second factors: their secrets are encrypted in the database, so that a stolen copy of it opens no account."""

    error_messages = {
        "add_email_blocked": _("Switch the second factor off before you add an address."),
        "cannot_delete_authenticator": _(
            "Your role asks for a second factor: add another one before removing this one."
        ),
        "cannot_generate_recovery_codes": _("Recovery codes are for accounts with a second factor. Set one up first."),
        "incorrect_code": _("This code is not correct, or has been used already."),
        "unverified_email": _("Confirm the account’s address first."),
    }

    def encrypt(self, text: str) -> str:
        nonce = secrets.token_bytes(NONCE)
        closed = AESGCM(_key(settings.SECRET_KEY)).encrypt(nonce, text.encode(), None)
        return base64.b64encode(nonce + closed).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        """With the site's secret, or with an older one that it still names."""
        whole = base64.b64decode(encrypted_text)
        for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
            try:
                return AESGCM(_key(secret)).decrypt(whole[:NONCE], whole[NONCE:], None).decode()
            except InvalidTag:
                continue
        raise SecretIsLost

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Any) -> str:  # noqa: A002 - allauth's name
        from allauth.mfa.models import Authenticator

        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return gettext("Passkey %(number)d") % {"number": number}


class Elsewhere(DefaultSocialAccountAdapter):
    """Signing in elsewhere: a connection made while signed in opens an account, an address never does."""

    error_messages = {
        **DefaultSocialAccountAdapter.error_messages,
        "email_taken": _("There is an account with this address already. Sign in to it first, then connect %s."),
        "invalid_token": _("The provider’s answer could not be believed."),
        "no_password": _("Set a password first, so that you can still sign in."),
        "no_verified_email": _("Confirm the account’s address first."),
        "disconnect_last": _("This is the only way to sign in that you have left."),
        "connected_other": _("Another account here has this way to sign in already."),
    }

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Only within an invitation, and only where the provider vouches for the very address that was invited."""
        invitation = invitation_in(request.session)
        return invitation is not None and any(
            address.verified and address.email.strip().lower() == invitation.email
            for address in sociallogin.email_addresses
        )

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> Any:
        """Make the account and accept the invitation, or neither."""
        invitation = invitation_in(request.session)
        if invitation is None:
            raise SignupClosedException
        sociallogin.user.email = invitation.email
        try:
            with transaction.atomic():
                account = super().save_user(request, sociallogin, form)
                accept_invitation(invitation=invitation, account=account)
        except SamsvarError as refused:
            message, _kept, advice = trouble(refused)
            messages.error(request, f"{message} {advice}")
            raise ImmediateHttpResponse(redirect("account_signup")) from refused
        request.session.pop(INVITATION, None)
        return account

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: Any = None,
    ) -> None:
        """Why is for the log; whoever tried a forged answer learns nothing from the page."""
        if exception is not None:
            log.warning("signing in elsewhere failed: %s", exception)

    def get_requests_session(self) -> Any:
        session = super().get_requests_session()
        session.max_redirects = 0  # a provider that sends us elsewhere is not the one that was named
        return session


class Sessions(DefaultUserSessionsAdapter):
    """Sessions that one can see and end."""


def _key(secret: str | bytes) -> bytes:
    """The key of what is kept encrypted, made from the site's secret and used for nothing else."""
    whole = secret.encode() if isinstance(secret, str) else secret
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"samsvar second factors 1").derive(whole)
