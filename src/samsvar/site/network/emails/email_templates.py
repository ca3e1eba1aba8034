"""Texts of emails and short notices: one or two sentences each, in the reader's language.

django-allauth requests an email or a notice by the name of its template; allauth's own templates are not used. A test
compares the names with those of allauth's templates, so that new templates are noticed.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from samsvar.site.shell import hooks
from samsvar.site.shell.labels import Label
from samsvar.site.shell.site_url import site_host


@dataclass(frozen=True, slots=True)
class EmailTemplate:
    """The template of an email: subject, body, link and footer."""

    subject: Label
    body: Label
    link: str = ""  # the key of the URL to include, in the context of the email
    footer: Label = ""
    is_security_notice: bool = False  # about an account change that the owner may not have made


_security_notice = partial(EmailTemplate, is_security_notice=True)
NOT_YOU = _("If this was not you, you do not need to do anything.")
UNEXPECTED_INVITATION = _(
    "If you were not expecting this, check with the person who invited you before opening the link, or "
    "ignore this email."
)

EMAIL_TEMPLATES: dict[str, EmailTemplate] = {
    "account/email/account_already_exists": EmailTemplate(
        _("You already have an account"),
        _(
            "Someone, probably you, asked for an account with this email address, but there is already an "
            "account with this address. Sign in, or choose a new password here:"
        ),
        "password_reset_url",
        NOT_YOU,
    ),
    "account/email/unknown_account": EmailTemplate(
        _("No account with this email address"),
        _(
            "Someone, probably you, asked for a new password, but there is no account with this email address. "
            "You may have an account with another address. Accounts are by invitation only."
        ),
        "",
        NOT_YOU,
    ),
    "account/email/email_confirmation": EmailTemplate(
        _("Confirm your email address"),
        _("To confirm that this email address is yours, open this link:"),
        "activate_url",
        NOT_YOU,
    ),
    "account/email/email_confirmation_signup": EmailTemplate(
        _("Confirm your email address"),
        _("Welcome. To confirm that this email address is yours, open this link:"),
        "activate_url",
        NOT_YOU,
    ),
    "account/email/password_reset_key": EmailTemplate(
        _("Choose a new password"),
        _("To choose a new password, open this link. It works once and expires after one hour:"),
        "password_reset_url",
        NOT_YOU,
    ),
    "account/email/email_changed": _security_notice(
        _("Your email address was changed"),
        _("Your account’s email address is now %(to_email)s. It was previously %(from_email)s."),
    ),
    "account/email/email_confirm": _security_notice(
        _("Your email address has been confirmed"), _("The email address of your account has been confirmed.")
    ),
    "account/email/email_deleted": _security_notice(
        _("An email address was removed"), _("The email address %(deleted_email)s was removed from your account.")
    ),
    "account/email/password_changed": _security_notice(
        _("Your password was changed"), _("Your account password was changed.")
    ),
    "account/email/password_set": _security_notice(_("A password was set"), _("Your account now has a password.")),
    "account/email/password_reset": _security_notice(
        _("Your password was changed"), _("Your account password was changed using a link sent by email.")
    ),
    "mfa/email/recovery_codes_generated": _security_notice(
        _("New recovery codes"), _("New recovery codes have been created. The old codes no longer work.")
    ),
    "mfa/email/totp_activated": _security_notice(
        _("An authenticator app was set up"), _("Your account now asks for a code from an authenticator app.")
    ),
    "mfa/email/totp_deactivated": _security_notice(
        _("An authenticator app was removed"), _("Your account no longer asks for a code from an authenticator app.")
    ),
    "mfa/email/webauthn_added": _security_notice(_("A passkey was added"), _("A passkey was added to your account.")),
    "mfa/email/webauthn_removed": _security_notice(
        _("A passkey was removed"), _("A passkey was removed from your account.")
    ),
    "socialaccount/email/account_connected": _security_notice(
        _("A sign-in method was added"), _("You can now sign in to your account with %(provider)s.")
    ),
    "socialaccount/email/account_disconnected": _security_notice(
        _("A sign-in method was removed"), _("You can no longer sign in to your account with %(provider)s.")
    ),
    "network/invitation": EmailTemplate(
        _("Invitation to create an account"),
        _(
            "You are invited to create an account. To accept, open this link. It can be used only once and is "
            "valid until %(until)s:"
        ),
        "page_url",
        UNEXPECTED_INVITATION,
    ),
    "network/invitation_to_network": EmailTemplate(
        _("Invitation to join “%(network)s”"),
        _(
            "You are invited to join the network “%(network)s”. To accept, open this link. It can be used only "
            "once and is valid until %(until)s:"
        ),
        "page_url",
        UNEXPECTED_INVITATION,
    ),
    # Questions through the secretariat: the emails name neither the sender nor the content.
    "network/question_to_decide": EmailTemplate(
        _("A question is waiting for the secretariat"),
        _("A question to a member is waiting for your decision. To review it in a staff session:"),
        "page_url",
    ),
    "network/question_for_you": EmailTemplate(
        _("You have a new message"),
        _(
            "Someone has written to you through the secretariat. They cannot see your email address. Sign in "
            "to read the message, reply or decline:"
        ),
        "page_url",
    ),
    "network/question_of_yours": EmailTemplate(
        _("An update on your question"),
        _("There is an update on a question you asked. Sign in to read it:"),
        "page_url",
    ),
    # People at risk: the emails say what happened and where to look, but not who is concerned.
    "network/list_with_people_at_risk": EmailTemplate(
        _("A list including people at risk has been exported"),
        _(
            "A list of the members of %(network)s has been exported. Number of people on it who are marked as "
            "at risk: %(count)s. The audit log shows who exported it and why. If you do not know of a reason "
            "for this export, discuss it with your colleagues now and inform the people concerned. To view the "
            "members in a staff session:"
        ),
        "page_url",
    ),
    "network/protection_ended": EmailTemplate(
        _("Safety protection turned off"),
        _(
            "Someone in one of your networks was marked as at risk and no longer is. The audit log shows who "
            "changed this and why. If you do not know of a reason for this change, discuss it with your "
            "colleagues and contact this person now. To view their profile in a staff session:"
        ),
        "page_url",
    ),
    "network/entry_changed": EmailTemplate(
        _("Your profile has been changed"),
        _("The visibility of your profile has been changed. Sign in to check it:"),
        "page_url",
        _("If you do not know why, contact the secretariat immediately."),
    ),
    "network/sessions_ended": EmailTemplate(
        _("You have been signed out everywhere"),
        _("The site administrators have ended all sessions of your account. You can sign in again as usual."),
        footer=_("If you do not know why, contact the site administrators."),
    ),
    "network/unused_account": EmailTemplate(
        _("Your account has not been used for a long time"),
        _(
            "No one has signed in to your account for a long time. If you want to keep your account, sign in "
            "before %(until)s. After that date, the personal data in your account will be deleted. You do not "
            "need to do anything else."
        ),
    ),
    "network/second_factor_removed": EmailTemplate(
        _("Your second factor was removed"),
        _(
            "The second factor was removed from your account because it was reported lost, and all sessions of "
            "the account have been ended. Sign in with your password and set up a new second factor."
        ),
        footer=_("If you did not ask for this, contact the site administrators immediately."),
    ),
    "network/password_link": EmailTemplate(
        _("Your account is ready"),
        _(
            "An account has been created for you. To choose your password, open this link. It works once and "
            "expires after one hour:"
        ),
        "password_reset_url",
        NOT_YOU,
    ),
}

# Templates of features that this site does not offer: sign-in codes by email, and telephone numbers.
UNUSED_TEMPLATES = frozenset({"account/email/login_code", "account/email/password_reset_code"})

NOTICES: Mapping[str, Label] = {
    "account/messages/email_confirmation_failed.txt": _("This email address could not be confirmed."),
    "account/messages/email_confirmation_sent.txt": _("We have sent an email to %(email)s."),
    "account/messages/email_confirmed.txt": _("%(email)s has been confirmed."),
    "account/messages/email_deleted.txt": _("%(email)s has been removed."),
    "account/messages/cannot_delete_primary_email.txt": _("You cannot remove the main email address of your account."),
    "account/messages/primary_email_set.txt": _("Your account’s email address has been changed."),
    "account/messages/unverified_primary_email.txt": _("The account’s email address must be confirmed first."),
    "account/messages/logged_in.txt": "",  # the page header shows it
    "account/messages/logged_out.txt": _("You have signed out."),
    "account/messages/password_changed.txt": _(
        "Your password has been changed. All your other sessions have ended; you are still signed in here."
    ),
    "account/messages/password_set.txt": _("Your account now has a password. All your other sessions have ended."),
    "mfa/messages/recovery_codes_generated.txt": _("Recovery codes created. Older codes no longer work."),
    "mfa/messages/totp_activated.txt": _("Authenticator app set up."),
    "mfa/messages/totp_deactivated.txt": _("Authenticator app removed."),
    "mfa/messages/webauthn_added.txt": _("Passkey added."),
    "mfa/messages/webauthn_removed.txt": _("Passkey removed."),
    "socialaccount/messages/account_connected.txt": _("Sign-in method added."),
    "socialaccount/messages/account_connected_other.txt": _(
        "Another account on this site already uses this sign-in method."
    ),
    "socialaccount/messages/account_connected_updated.txt": _("Sign-in method added."),
    "socialaccount/messages/account_disconnected.txt": _("Sign-in method removed."),
    "usersessions/messages/sessions_logged_out.txt": _("All other sessions have ended."),
    # features that this site does not offer
    "account/messages/login_code_sent.txt": "",
    "account/messages/phone_verification_sent.txt": "",
    "account/messages/phone_verified.txt": "",
}


@dataclass(frozen=True, slots=True)
class RenderedEmail:
    """An email in one language, ready to be sent."""

    subject: str
    body: str


def all_email_templates() -> Mapping[str, EmailTemplate]:
    """Return the email templates of all apps, by name."""
    return ChainMap(EMAIL_TEMPLATES, *hooks.providers("email_templates"))


def render_email(kind: str, *, language: str, context: Mapping[str, Any]) -> RenderedEmail:
    """Render an email in a language, from its template and `context`. Only the site's host is added."""
    template = all_email_templates()[kind]
    with translation.override(language):
        parts = [gettext("Hello,"), str(template.body % context)]
        if template.link and context[template.link]:  # empty if the recipient may not see any of our pages
            parts.append(str(context[template.link]))
        if template.is_security_notice:
            origin = {"ip": context.get("ip", "?"), "browser": context.get("user_agent", "?")}
            parts.append(
                gettext("The request came from the IP address %(ip)s, with this browser: %(browser)s") % origin
            )
            parts.append(gettext("If this was not you, choose a new password immediately and end all other sessions."))
        if template.footer:
            parts.append(str(template.footer))
        parts.append(f"Samsvar, {site_host()}")
        return RenderedEmail(" ".join(f"Samsvar: {str(template.subject) % context}".split()), "\n\n".join(parts) + "\n")


def render_notice(template: str, context: Mapping[str, Any]) -> str:
    """Return the notice for an allauth template; "" if no notice is needed."""
    return str(NOTICES[template]) % context
