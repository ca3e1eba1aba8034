"""Forms of accounts."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from allauth.account import forms as account
from allauth.core import context
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.validators import MaxLengthValidator
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from samsvar.network.membership import Office
from samsvar.site.network import models
from samsvar.site.network.accounts.actions.accounts import accept_invitation, open_account
from samsvar.site.network.accounts.queries import INVITATION, invitation_in, used_code_key
from samsvar.site.network.labels import OFFICES

LONGEST_PASSWORD = 1024  # characters; hashing what is longer would only cost time
LONGEST_NAME = 60  # of a passkey
CODE_SECONDS = 120  # a code of an app is right for three steps of 30 s; within four it is taken once

PASSWORD_HELP = _(
    "At least 12 characters. Four or five words in a row are good; what is on lists of common passwords is refused."
)


def say(form: forms.Form, labels: dict[str, Any], helps: dict[str, Any] | None = None) -> None:
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

    name = forms.CharField(max_length=120)
    field_order = ["email", "name", "password1"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = invitation_in(context.request.session)
        say(
            self,
            {"email": _("E-mail address"), "name": _("Your name"), "password1": _("Password")},
            {
                "name": _("Your secretariat sees it. Who else does, you decide afterwards."),
                "password1": PASSWORD_HELP,
            },
        )
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        if self.invitation is not None:
            self.fields["email"].disabled = True  # what a browser sends in its place is not looked at
            self.initial["email"] = self.invitation.email

    def try_save(self, request: HttpRequest) -> Any:
        """For an address that has an account already: the same work, and the same answer."""
        if self.account_already_exists:
            get_user_model()().set_password(self.cleaned_data["password1"])
        return super().try_save(request)

    def save(self, request: HttpRequest) -> Any:
        """Make the account and accept the invitation, or neither."""
        name = self.cleaned_data["name"].strip()
        with transaction.atomic():
            user = super().save(request)
            if self.invitation is not None:
                accept_invitation(invitation=self.invitation, account=user, name=name)
            else:
                open_account(account=user, name=name)
        request.session.pop(INVITATION, None)
        return user


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
    return cache.add(used_code_key(user_pk, code), True, timeout=CODE_SECONDS)


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


class _Readable:
    """What a device answered, or was made to answer: what cannot be read is refused in our words."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for case in ("invalid", "required"):
            self.fields["credential"].error_messages[case] = _("The passkey’s answer cannot be read. Try again.")


class SignInWithPasskey(_Readable, webauthn.LoginWebAuthnForm):
    """A passkey alone."""


class ShowPasskey(_Readable, webauthn.AuthenticateWebAuthnForm):
    """A passkey after the password."""


class ConfirmWithPasskey(_Readable, webauthn.ReauthenticateWebAuthnForm):
    """A passkey once more."""


class AddPasskey(_Readable, webauthn.AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(
            self,
            {"name": _("Name of this passkey"), "passwordless": _("Sign in with this passkey alone")},
            {
                "name": _("So that you know it again: “work laptop”, “key on my ring”."),
                "passwordless": _("Your device asks for your finger, your face or a PIN, and no password is needed."),
            },
        )
        self.fields["name"].validators.append(MaxLengthValidator(LONGEST_NAME))
        self.fields["name"].widget.attrs["maxlength"] = LONGEST_NAME


class NamePasskey(webauthn.EditWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say(self, {"name": _("Name of this passkey")})
        self.fields["name"].validators.append(MaxLengthValidator(LONGEST_NAME))
        self.fields["name"].widget.attrs["maxlength"] = LONGEST_NAME


# --- Invitations ------------------------------------------------------------------------------------------------------


# the usual one first: a form that is sent without a look should not make a chair of somebody
OFFERED = [(office.value, OFFICES[office]) for office in sorted(Office, key=lambda one: one is not Office.MEMBER)]


class Invite(forms.Form):
    """An address, and the place in a network that it is invited to."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    network = forms.ModelChoiceField(queryset=models.Network.objects.none(), label=_("Network"), required=False)
    office = forms.ChoiceField(choices=OFFERED, label=_("As what"), required=False)
    organisation = forms.ModelChoiceField(
        queryset=models.Organisation.objects.none(), label=_("Organisation"), required=False
    )
    language = forms.ChoiceField(choices=[], label=_("Language of the letter"))

    def __init__(self, *args: Any, networks: list[models.Network], anywhere: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        from django.conf import settings

        network, language = self.fields["network"], self.fields["language"]
        network.queryset = models.Network.objects.filter(pk__in=[one.pk for one in networks])  # type: ignore[attr-defined]
        network.label_from_instance = lambda one: one.name  # type: ignore[attr-defined]
        network.required = not anywhere
        network.empty_label = _("No network: an account only") if anywhere else None  # type: ignore[attr-defined]
        organisation = self.fields["organisation"]
        organisation.queryset = models.Organisation.objects.order_by("name")  # type: ignore[attr-defined]
        organisation.label_from_instance = lambda one: one.name  # type: ignore[attr-defined]
        organisation.empty_label = _("Not said")  # type: ignore[attr-defined]
        organisation.help_text = _("A national contact point needs one: it says of which country.")
        language.choices = settings.LANGUAGES  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any] | None:
        said = super().clean() or {}
        organisation = said.get("organisation")
        if said.get("office") == Office.NATIONAL_CONTACT_POINT and not (organisation and organisation.state_id):
            self.add_error("organisation", _("A national contact point comes from an organisation of a country."))
        return said


class InvitePerson(forms.Form):
    """The address of a member who has no account, and from which network the letter comes."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    network = forms.ModelChoiceField(queryset=models.Network.objects.none(), label=_("Network"), empty_label=None)
    language = forms.ChoiceField(choices=[], label=_("Language of the letter"))

    def __init__(self, *args: Any, networks: Collection[models.Network], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        from django.conf import settings

        network = self.fields["network"]
        network.queryset = models.Network.objects.filter(pk__in=[one.pk for one in networks])  # type: ignore[attr-defined]
        network.label_from_instance = lambda one: one.name  # type: ignore[attr-defined]
        self.fields["language"].choices = settings.LANGUAGES  # type: ignore[attr-defined]
        self.fields["email"].help_text = _("Be sure that it is theirs: whoever opens the letter’s link is this person.")
