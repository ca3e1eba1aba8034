"""Forms for signing up, signing in, second factors and invitations to accounts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from allauth.account import forms as allauth_forms
from allauth.core import context
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.validators import MaxLengthValidator
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from samsvar.network.membership import Office
from samsvar.site.network import models
from samsvar.site.network.accounts.actions.accounts import accept_invitation, set_up_reader_account
from samsvar.site.network.accounts.queries import INVITATION_SESSION_KEY, find_opened_invitation, used_code_key
from samsvar.site.shell.labels import enum_choices

MAX_PASSWORD_LENGTH = 1024  # characters; hashing longer passwords would only take time
MAX_PASSKEY_NAME_LENGTH = 60  # characters
CODE_SECONDS = 120  # an app's code is valid for three 30-second steps; it is blocked for four

PASSWORD_HELP = _(
    "At least 12 characters. Four or five words in a row work well. Commonly used passwords are not accepted."
)


class _LabelsMixin:
    """Mixin that gives allauth's forms our labels and help texts, and no placeholders, which disappear while typing."""

    fields: dict[str, forms.Field]
    labels: Mapping[str, Any] = {}  # field name → label
    help_texts: Mapping[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.help_texts.get(name, "")
            if isinstance(field.widget, forms.PasswordInput):
                field.widget.attrs["maxlength"] = MAX_PASSWORD_LENGTH


class SignInForm(_LabelsMixin, allauth_forms.LoginForm):
    labels = {"login": _("Email address"), "password": _("Password")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username webauthn"


class SignUpForm(_LabelsMixin, allauth_forms.SignupForm):
    """Sign-up form: by invitation with a fixed address, or open to all if the site allows it."""

    name = forms.CharField(max_length=120)
    field_order = ["email", "name", "password1"]
    labels = {"email": _("Email address"), "name": _("Your name"), "password1": _("Password")}
    help_texts = {
        "name": _("Your secretariat can see your name. You can decide later who else can see it."),
        "password1": PASSWORD_HELP,
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = find_opened_invitation(context.request.session)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        if self.invitation is not None:
            self.fields["email"].disabled = True  # ignore any value that the browser sends
            self.initial["email"] = self.invitation.email

    def try_save(self, request: HttpRequest) -> Any:
        """Take equally long if the address already has an account, so that the response time does not reveal this."""
        if self.account_already_exists:
            get_user_model()().set_password(self.cleaned_data["password1"])
        return super().try_save(request)

    def save(self, request: HttpRequest) -> Any:
        """Create the account and accept the invitation in one transaction."""
        name = self.cleaned_data["name"].strip()
        with transaction.atomic():
            user = super().save(request)
            if self.invitation is not None:
                accept_invitation(invitation=self.invitation, account=user, name=name)
            else:
                set_up_reader_account(account=user, name=name)
        request.session.pop(INVITATION_SESSION_KEY, None)
        return user


class ChangeEmailForm(_LabelsMixin, allauth_forms.AddEmailForm):
    labels = {"email": _("New email address")}
    help_texts = {
        "email": _(
            "We will send a link to this address. Your address will change when you open the link. We "
            "will also notify the old address."
        )
    }


class _NewPasswordMixin(_LabelsMixin):
    """Mixin for the forms in which users choose a password."""

    labels = {
        "oldpassword": _("Current password"), "password1": _("New password"), "password2": _("Confirm new password"),
    }  # fmt: skip
    help_texts = {"password1": PASSWORD_HELP}


class ChangePasswordForm(_NewPasswordMixin, allauth_forms.ChangePasswordForm):
    """Form for changing the password, which asks for the current one."""


class SetPasswordForm(_NewPasswordMixin, allauth_forms.SetPasswordForm):
    """Form for setting a password on an account that has none."""


class ResetPasswordForm(_NewPasswordMixin, allauth_forms.ResetPasswordKeyForm):
    """Form for choosing a new password after opening a reset link."""


class RequestPasswordResetForm(_LabelsMixin, allauth_forms.ResetPasswordForm):
    labels = {"email": _("Email address")}


class ConfirmPasswordForm(_LabelsMixin, allauth_forms.ReauthenticateForm):
    labels = {"password": _("Password")}


# --- Second factors ---------------------------------------------------------------------------------------------------


def mark_code_as_used(user_pk: object, code: str) -> bool:
    """Mark a code as used and return whether it was unused; allauth forgets used codes while they are still valid."""
    return cache.add(used_code_key(user_pk, code), True, timeout=CODE_SECONDS)


class _SingleUseCodeMixin(_LabelsMixin):
    """Mixin that rejects a code that has been used before, because someone may have seen it being typed."""

    user: Any
    labels = {"code": _("Code")}
    help_texts = {"code": _("Six digits from your authenticator app, or one of your recovery codes.")}

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        if not mark_code_as_used(self.user.pk, code):
            from allauth.mfa.adapter import get_adapter

            raise get_adapter().validation_error("incorrect_code")
        return code


class SecondFactorCodeForm(_SingleUseCodeMixin, mfa.AuthenticateForm):
    """Form for signing in with a code as the second factor."""


class ConfirmCodeForm(_SingleUseCodeMixin, mfa.ReauthenticateForm):
    """Form for reauthenticating with a code."""


class ActivateAppForm(_SingleUseCodeMixin, totp.ActivateTOTPForm):
    help_texts = {"code": _("The six digits your authenticator app is showing now.")}


class _PasskeyErrorMixin:
    """Mixin with our own error message for a passkey response that cannot be read."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for case in ("invalid", "required"):
            self.fields["credential"].error_messages[case] = _("The passkey’s response could not be read. Try again.")


class SignInWithPasskeyForm(_PasskeyErrorMixin, webauthn.LoginWebAuthnForm):
    """Form for signing in with only a passkey."""


class SecondFactorPasskeyForm(_PasskeyErrorMixin, webauthn.AuthenticateWebAuthnForm):
    """Form for signing in with a passkey as the second factor."""


class ConfirmWithPasskeyForm(_PasskeyErrorMixin, webauthn.ReauthenticateWebAuthnForm):
    """Form for reauthenticating with a passkey."""


class _PasskeyNameMixin(_LabelsMixin):
    """Mixin for the forms in which users name a passkey."""

    labels = {"name": _("Passkey name"), "passwordless": _("Sign in with this passkey, without a password")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].validators.append(MaxLengthValidator(MAX_PASSKEY_NAME_LENGTH))
        self.fields["name"].widget.attrs["maxlength"] = MAX_PASSKEY_NAME_LENGTH


class AddPasskeyForm(_PasskeyNameMixin, _PasskeyErrorMixin, webauthn.AddWebAuthnForm):
    help_texts = {
        "name": _("A name you will recognise, for example “work laptop” or “key on my keyring”."),
        "passwordless": _("Your device will ask for your fingerprint, face or PIN instead of a password."),
    }


class RenamePasskeyForm(_PasskeyNameMixin, webauthn.EditWebAuthnForm):
    """Form for renaming a passkey."""


# --- Invitations ------------------------------------------------------------------------------------------------------


# The default comes first, so that no one is made a chair by a careless submission.
OFFICES = sorted(Office, key=lambda office: office is not Office.MEMBER)


class _InvitationForm(forms.Form):
    """Base form for an invitation: the address, the network and the language of the email."""

    email = forms.EmailField(label=_("Email address"), max_length=254)
    network = forms.ModelChoiceField(queryset=models.Network.objects.none(), label=_("Network"), empty_label=None)
    language = forms.ChoiceField(choices=settings.LANGUAGES, label=_("Language of the email"))

    def __init__(self, *args: Any, networks: Collection[models.Network], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        network: Any = self.fields["network"]
        network.queryset = models.Network.objects.filter(pk__in=[one.pk for one in networks])
        network.label_from_instance = lambda one: one.name


class AccountInvitationForm(_InvitationForm):
    """Form for inviting an address to create an account, optionally with an office in a network."""

    office = forms.ChoiceField(choices=partial(enum_choices, OFFICES), label=_("Role"), required=False)
    organisation = forms.ModelChoiceField(
        queryset=models.Organisation.objects.order_by("name"),
        label=_("Organisation"),
        required=False,
        empty_label=_("Not specified"),
        help_text=_("Required for a national contact point: it shows which country they are from."),
    )
    field_order = ["email", "network", "office", "organisation", "language"]

    def __init__(self, *args: Any, network_optional: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        network: Any = self.fields["network"]
        network.required = not network_optional
        network.empty_label = _("No network (account only)") if network_optional else None
        organisation: Any = self.fields["organisation"]
        organisation.label_from_instance = lambda one: one.name

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or {}
        organisation = data.get("organisation")
        if data.get("office") == Office.NATIONAL_CONTACT_POINT and not (organisation and organisation.state_id):
            self.add_error(
                "organisation", _("A national contact point must belong to an organisation in a particular country.")
            )
        return data


class MemberInvitationForm(_InvitationForm):
    """Form for inviting a member without an account, on behalf of one of their networks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].help_text = _(
            "Make sure this is their address: anyone who opens the link in the email will be treated as this person."
        )
