"""Adapters that customise django-allauth: sign-up, error messages, emails and second factors."""

from __future__ import annotations

import base64
import logging
import secrets
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
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
from samsvar.site.network.accounts.queries import INVITATION_SESSION_KEY, find_account_by_email, find_opened_invitation
from samsvar.site.network.accounts.sessions import has_signed_in_recently, require_new_sign_in
from samsvar.site.network.emails.actions import EmailRecipient, notify
from samsvar.site.network.emails.email_templates import render_notice
from samsvar.site.shell.allauth_internals import get_reauthentication_flows
from samsvar.site.shell.errors import describe_error

log = logging.getLogger(__name__)

NONCE_LENGTH = 12  # bytes, the standard size for AES-GCM


class EncryptionKeyMissing(NetworkError):
    """A second factor was encrypted with a secret that is no longer configured."""

    effect = "Nothing was changed."
    advice = "Add the old key to SAMSVAR_SECRET_KEY_BEFORE, or ask the person to set up their second factor again."

    def __init__(self) -> None:
        super().__init__("A second factor cannot be decrypted: the site's secret key has changed.")


class AccountAdapter(DefaultAccountAdapter):
    """Account adapter with sign-up by invitation, and error messages translated into all languages of the site."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed."),
        "duplicate_email": _("This is already the account’s address."),
        "email_password_mismatch": _("The email address or password is incorrect."),
        "email_taken": _("There is already an account with this address."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_code": _("This code is incorrect or has already been used."),
        "incorrect_password": _("This is not your current password."),
        "invalid_or_expired_key": _("This link is no longer valid."),
        "invalid_password_reset": _("This link is no longer valid."),
        "too_many_login_attempts": _("Too many failed attempts. Try again in five minutes."),
        "unverified_primary_email": _("The account’s email address must be confirmed first."),
        "same_as_current": _("The new value must be different from the current one."),
        "rate_limited": _("Too many requests. Try again in a few minutes."),
    }

    def validation_error(self, code: str, *args: Any) -> Any:
        if code in {"too_many_login_attempts", "rate_limited"}:
            security_log.log_rate_limit_reached(self.request)
        return super().validation_error(code, *args)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.SAMSVAR_OPEN_SIGN_UP or find_opened_invitation(request.session) is not None

    def is_email_verified(self, request: HttpRequest, email: str) -> bool:
        """Return whether the address is the invited one, which the emailed link has already verified."""
        invitation = find_opened_invitation(request.session)
        return invitation is not None and invitation.email == email.strip().lower()

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue allauth's email, in the recipient's language."""
        account = context.get("user") or find_account_by_email(email)
        language = (account.language if account else "") or get_language() or ""
        notify(EmailRecipient(email, language, account), template_prefix, **{**context, "email": email})

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        text = message or (render_notice(message_template, message_context or {}) if message_template else "")
        if text:
            messages.add_message(request, level, text, extra_tags=extra_tags)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Require users who cannot confirm their identity here to sign in again with their provider.

        allauth treats such accounts as always confirmed. A session left open would then be enough to add an address, a
        password or a passkey.
        """
        user = self.request.user
        if user.is_authenticated and not get_reauthentication_flows(user) and not has_signed_in_recently(self.request):
            raise ImmediateHttpResponse(require_new_sign_in(self.request))
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        """Return the URL of the profile page, where new users choose who sees their details."""
        return reverse("network:profile")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("network:account")

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        descriptions = {
            "reauthenticate": gettext("With your password"),
            "mfa_reauthenticate": gettext("With a code from your authenticator app, or a recovery code"),
            "mfa_reauthenticate:webauthn": gettext("With a passkey"),
        }
        methods = super().get_reauthentication_methods(user)
        return [{**method, "description": descriptions[method["id"]]} for method in methods]


class MFAAdapter(DefaultMFAAdapter):
    """MFA adapter that encrypts the secrets, so that a stolen database gives no access to accounts."""

    error_messages = {
        "add_email_blocked": _("Turn off the second factor before you add an address."),
        "cannot_delete_authenticator": _(
            "Your role requires a second factor. Add another one before removing this one."
        ),
        "cannot_generate_recovery_codes": _(
            "Recovery codes are for accounts with a second factor. Set up a second factor first."
        ),
        "incorrect_code": _("This code is incorrect or has already been used."),
        "unverified_email": _("Confirm the account’s email address first."),
    }

    def encrypt(self, text: str) -> str:
        nonce = secrets.token_bytes(NONCE_LENGTH)
        ciphertext = AESGCM(_derive_encryption_key(settings.SECRET_KEY)).encrypt(nonce, text.encode(), None)
        return base64.b64encode(nonce + ciphertext).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt with the site's current secret key or one of its fallbacks."""
        data = base64.b64decode(encrypted_text)
        for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
            try:
                cipher = AESGCM(_derive_encryption_key(secret))
                return cipher.decrypt(data[:NONCE_LENGTH], data[NONCE_LENGTH:], None).decode()
            except InvalidTag:
                continue
        raise EncryptionKeyMissing

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Any) -> str:  # noqa: A002 - allauth's name
        from allauth.mfa.models import Authenticator

        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return gettext("Passkey %(number)d") % {"number": number}


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Social account adapter. Accounts are matched only by a connection made while signed in, never by address."""

    error_messages = {
        **DefaultSocialAccountAdapter.error_messages,
        "email_taken": _("There is already an account with this address. Sign in to it first, then connect %s."),
        "invalid_token": _("The provider’s response could not be verified."),
        "no_password": _("Set a password first, so that you can still sign in."),
        "no_verified_email": _("Confirm the account’s email address first."),
        "disconnect_last": _("This is your only remaining way to sign in."),
        "connected_other": _("Another account on this site already uses this sign-in method."),
    }

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Return whether sign-up is allowed: only by invitation, if the provider has verified the invited address."""
        invitation = find_opened_invitation(request.session)
        return invitation is not None and any(
            address.verified and address.email.strip().lower() == invitation.email
            for address in sociallogin.email_addresses
        )

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> Any:
        """Create the account and accept the invitation in one transaction."""
        invitation = find_opened_invitation(request.session)
        if invitation is None:
            raise SignupClosedException
        sociallogin.user.email = invitation.email
        try:
            with transaction.atomic():
                account = super().save_user(request, sociallogin, form)
                accept_invitation(invitation=invitation, account=account)
        except SamsvarError as error:
            message, _effect, advice = describe_error(error)
            messages.error(request, f"{message} {advice}")
            raise ImmediateHttpResponse(redirect("account_signup")) from error
        request.session.pop(INVITATION_SESSION_KEY, None)
        return account

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: Any = None,
    ) -> None:
        """Log the cause of a failure. The page does not show it, so that an attacker learns nothing."""
        if exception is not None:
            log.warning("external sign-in failed: %s", exception)

    def get_requests_session(self) -> Any:
        session = super().get_requests_session()
        session.max_redirects = 0  # do not follow a redirect to anywhere but the configured provider
        return session


class UserSessionsAdapter(DefaultUserSessionsAdapter):
    """Adapter for sessions that users can view and end."""


def _derive_encryption_key(secret: str | bytes) -> bytes:
    """Derive a key from the site's secret key, to be used only for second factors."""
    secret_bytes = secret.encode() if isinstance(secret, str) else secret
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"samsvar second factors 1").derive(secret_bytes)
