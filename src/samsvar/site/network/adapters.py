"""Where django-allauth asks us: what it may do, what it says, and how its letters leave."""

from __future__ import annotations

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


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

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.SAMSVAR_OPEN_SIGN_UP)


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
        return _keys().encrypt(text.encode()).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        return _keys().decrypt(encrypted_text.encode("ascii")).decode()

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Any) -> str:  # noqa: A002 - allauth's name
        from allauth.mfa.models import Authenticator

        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return gettext("Passkey %(number)d") % {"number": number}


class Elsewhere(DefaultSocialAccountAdapter):
    """Signing in elsewhere."""


class Sessions(DefaultUserSessionsAdapter):
    """Sessions that one can see and end."""


def _keys() -> MultiFernet:
    """The keys of what is kept encrypted, made from the site's secret; older secrets still open what they closed."""
    return MultiFernet([_key(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"samsvar second factors").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
