"""Signing in, joining, passwords and second factors: allauth's forms in our own words.

What a form does stays allauth's; its labels, hints and errors are ours, so that they are in all languages of the site.
"""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.cache import cache
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LONGEST_PASSWORD = 1024  # characters; hashing what is longer would only cost time
CODE_SECONDS = 120  # a code of an app is right for three steps of 30 s; within four it is taken once

PASSWORD_HELP = _(
    "At least 12 characters. Four or five words in a row are good; what is on lists of common passwords is refused."
)


def say(form: forms.Form, labels: dict[str, str | Promise], helps: dict[str, str | Promise] | None = None) -> None:
    """Give a form's fields our labels and hints, and take away placeholders, which vanish when one types."""
    for name, field in form.fields.items():
        field.widget.attrs.pop("placeholder", None)
        field.label = labels.get(name, field.label)
        field.help_text = (helps or {}).get(name, "")
        if isinstance(field.widget, forms.PasswordInput):
            field.widget.attrs["maxlength"] = LONGEST_PASSWORD


class SignIn(account.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self, {"login": _("E-mail address"), "password": _("Password")})
        self.fields["login"].widget.attrs["autocomplete"] = "username webauthn"


class Join(account.SignupForm):
    """The form of somebody invited; the address is the invited one and cannot be another."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self, {"email": _("E-mail address"), "password1": _("Password")}, {"password1": PASSWORD_HELP})


class ChangeAddress(account.AddEmailForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(
            self,
            {"email": _("New e-mail address")},
            {"email": _("We send a link there; the address changes when it is opened. The old address gets a notice.")},
        )


class ChangePassword(account.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(
            self,
            {
                "oldpassword": _("Present password"),
                "password1": _("New password"),
                "password2": _("New password, again"),
            },
            {"password1": PASSWORD_HELP},
        )


class SetPassword(account.SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(
            self,
            {"password1": _("New password"), "password2": _("New password, again")},
            {"password1": PASSWORD_HELP},
        )


class AskForReset(account.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self, {"email": _("E-mail address")})


class ResetPassword(account.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(
            self,
            {"password1": _("New password"), "password2": _("New password, again")},
            {"password1": PASSWORD_HELP},
        )


class ConfirmPassword(account.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self, {"password": _("Password")})


# --- Second factor ----------------------------------------------------------------------------------------------------

CODE = _("Code")


def take_code_once(user_pk: object, code: str) -> bool:
    """Whether a code is given for the first time; allauth forgets a used code before the last step that takes it."""
    return cache.add(f"samsvar.code:{user_pk}:{code.replace(' ', '')}", True, timeout=CODE_SECONDS)


class _CodeOnce:
    """A code of an app opens once: who read it over a shoulder comes too late."""

    user: Any

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        if not take_code_once(self.user.pk, code):
            from allauth.mfa.adapter import get_adapter

            raise get_adapter().validation_error("incorrect_code")
        return code


class SecondFactorCode(_CodeOnce, mfa.AuthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self, {"code": CODE}, {"code": _("Six digits from your app, or one of your recovery codes.")})


class ConfirmCode(_CodeOnce, mfa.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self, {"code": CODE}, {"code": _("Six digits from your app, or one of your recovery codes.")})


class ActivateApp(_CodeOnce, totp.ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self, {"code": CODE}, {"code": _("The six digits that your app shows now.")})


class AddPasskey(webauthn.AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(
            self,
            {"name": _("Name of this passkey"), "passwordless": _("Sign in with this passkey alone")},
            {
                "name": _("So that you know it again: “work laptop”, “key on my ring”."),
                "passwordless": _(
                    "Your device asks for your finger, your face or a PIN, and no password is needed."
                ),
            },
        )
        self.fields["name"].max_length = 60
        self.fields["name"].widget.attrs["maxlength"] = 60


class NamePasskey(webauthn.EditWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self, {"name": _("Name of this passkey")})
        self.fields["name"].widget.attrs["maxlength"] = 60
