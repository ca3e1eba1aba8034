"""What our letters and short notices say: one sentence or two each, in the language of who reads them.

django-allauth asks for a letter or a notice by the name of a template; its own are not used. A test compares these
names with the templates that it brings, so that a new one is noticed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from samsvar.site.shell.labels import Label


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of letter: its subject, what it says, the address it leads to, and whether it tells of a change."""

    subject: Label
    says: Label
    link: str = ""  # the name, in allauth's context, of the address that the letter is about
    after: Label = ""
    tells: bool = False  # of a change to the account, which its owner may not have made


NOT_YOU = _("If this was not you, you need do nothing.")

LETTERS: dict[str, Form] = {
    "account/email/account_already_exists": Form(
        _("You have an account already"),
        _(
            "Somebody, probably you, asked for an account with this address. There is one already: sign in, or choose "
            "a new password here:"
        ),
        "password_reset_url",
        NOT_YOU,
    ),
    "account/email/unknown_account": Form(
        _("No account with this address"),
        _(
            "Somebody, probably you, asked for a new password. There is no account with this address. You may have "
            "another address with us; accounts are given by invitation."
        ),
        "",
        NOT_YOU,
    ),
    "account/email/email_confirmation": Form(
        _("Confirm your address"),
        _("Open this to confirm that this address is yours:"),
        "activate_url",
        NOT_YOU,
    ),
    "account/email/email_confirmation_signup": Form(
        _("Confirm your address"),
        _("Welcome. Open this to confirm that this address is yours:"),
        "activate_url",
        NOT_YOU,
    ),
    "account/email/password_reset_key": Form(
        _("Choose a new password"),
        _("Open this to choose a new password. It works once, for an hour:"),
        "password_reset_url",
        NOT_YOU,
    ),
    "account/email/email_changed": Form(
        _("Your address was changed"),
        _("Your account’s address is now %(to_email)s; before, it was %(from_email)s."),
        tells=True,
    ),
    "account/email/email_confirm": Form(
        _("Your address is confirmed"), _("The address of your account was confirmed."), tells=True
    ),
    "account/email/email_deleted": Form(
        _("An address was removed"), _("The address %(deleted_email)s was removed from your account."), tells=True
    ),
    "account/email/password_changed": Form(
        _("Your password was changed"), _("The password of your account was changed."), tells=True
    ),
    "account/email/password_set": Form(_("A password was set"), _("Your account has a password now."), tells=True),
    "account/email/password_reset": Form(
        _("Your password was changed"),
        _("The password of your account was changed, by a link in a letter."),
        tells=True,
    ),
    "mfa/email/recovery_codes_generated": Form(
        _("New recovery codes"), _("New recovery codes were made; the old ones open nothing any more."), tells=True
    ),
    "mfa/email/totp_activated": Form(
        _("Codes from an app were set up"), _("Your account now asks for a code from an app."), tells=True
    ),
    "mfa/email/totp_deactivated": Form(
        _("Codes from an app were removed"), _("Your account no longer asks for a code from an app."), tells=True
    ),
    "mfa/email/webauthn_added": Form(_("A passkey was added"), _("A passkey was added to your account."), tells=True),
    "mfa/email/webauthn_removed": Form(
        _("A passkey was removed"), _("A passkey was removed from your account."), tells=True
    ),
    "socialaccount/email/account_connected": Form(
        _("A way to sign in was added"),
        _("Your account can now be opened by signing in with %(provider)s."),
        tells=True,
    ),
    "socialaccount/email/account_disconnected": Form(
        _("A way to sign in was removed"),
        _("Your account can no longer be opened by signing in with %(provider)s."),
        tells=True,
    ),
    "network/invitation": Form(
        _("An invitation"),
        _("You are invited to have an account. Open this to accept; it works once, until %(until)s:"),
        "join_url",
        _("If you did not expect this, ask who invites you before you open it, or let it be."),
    ),
    "network/invitation_to_network": Form(
        _("An invitation to “%(network)s”"),
        _("You are invited to join the network “%(network)s”. Open this to accept; it works once, until %(until)s:"),
        "join_url",
        _("If you did not expect this, ask who invites you before you open it, or let it be."),
    ),
    # About questions through the secretariat: that something waits, and neither from whom nor what.
    "network/question_to_decide": Form(
        _("A question waits for the secretariat"),
        _("A question to a member waits for you to decide on it, in a staff session:"),
        "page_url",
    ),
    "network/question_for_you": Form(
        _("A message waits for you"),
        _(
            "Somebody has written to you through the secretariat. They do not see your address. Sign in to read it, to "
            "answer or to decline:"
        ),
        "page_url",
    ),
    "network/question_of_yours": Form(
        _("There is news of a question of yours"),
        _("Something has happened to a question that you asked. Sign in to read it:"),
        "page_url",
    ),
    # About people at risk: that something happened and where to look, and never to whom.
    "network/list_with_people_at_risk": Form(
        _("A list with people at risk leaves the site"),
        _(
            "A list of the members of %(network)s was made with %(count)s people in it who are marked as at risk. Who "
            "made it and why stands in the trail. If you know of no reason for it, speak to each other now, and tell "
            "these people. The members, in a staff session:"
        ),
        "page_url",
    ),
    "network/protection_ended": Form(
        _("A protection was ended"),
        _(
            "Somebody in a network of yours was marked as at risk, and is no longer. Who ended that and why stands in "
            "the trail. If you know of no reason for it, speak to each other and to this person now. The person, in a "
            "staff session:"
        ),
        "page_url",
    ),
    "network/entry_changed": Form(
        _("Something about your entry was changed"),
        _("Something about who may see your entry was changed. Sign in to look at it:"),
        "page_url",
        _("If you do not know why, ask the secretariat at once."),
    ),
    "network/sessions_ended": Form(
        _("You were signed out everywhere"),
        _("Those who run this site have ended every session of your account. You can sign in again as before."),
        after=_("If you do not know why, ask them."),
    ),
    "network/unused_account": Form(
        _("Your account is not used"),
        _(
            "Nobody has signed in to your account for a long time. If you still want it, sign in before %(until)s; "
            "after that day the account is emptied. Nothing else is needed."
        ),
    ),
    "network/second_factor_removed": Form(
        _("Your second factor was taken away"),
        _(
            "The second factor of your account was taken away, because it was said to be lost, and all sessions of the "
            "account have ended. Sign in with your password and set up a new one."
        ),
        after=_("If you did not ask for this, write to those who run this site at once."),
    ),
    "network/password_link": Form(
        _("Your account is ready"),
        _("An account was made for you. Open this to choose your password. It works once, for an hour:"),
        "password_reset_url",
        NOT_YOU,
    ),
}

# What we do not offer: codes by letter, and telephone numbers.
NOT_SENT = frozenset({"account/email/login_code", "account/email/password_reset_code"})

NOTICES: Mapping[str, Label] = {
    "account/messages/email_confirmation_failed.txt": _("This address could not be confirmed."),
    "account/messages/email_confirmation_sent.txt": _("A letter is on its way to %(email)s."),
    "account/messages/email_confirmed.txt": _("%(email)s is confirmed."),
    "account/messages/email_deleted.txt": _("%(email)s is removed."),
    "account/messages/cannot_delete_primary_email.txt": _("The account’s own address cannot be removed."),
    "account/messages/primary_email_set.txt": _("The account’s address is changed."),
    "account/messages/unverified_primary_email.txt": _("The account’s address has to be confirmed first."),
    "account/messages/logged_in.txt": "",  # the head of the page says so
    "account/messages/logged_out.txt": _("You are signed out."),
    "account/messages/password_changed.txt": _(
        "Your password is changed. All other sessions of your account have ended; this one goes on."
    ),
    "account/messages/password_set.txt": _("Your account has a password now. All its other sessions have ended."),
    "mfa/messages/recovery_codes_generated.txt": _("Recovery codes are made. Older ones open nothing any more."),
    "mfa/messages/totp_activated.txt": _("Codes from your app are set up."),
    "mfa/messages/totp_deactivated.txt": _("Codes from an app are removed."),
    "mfa/messages/webauthn_added.txt": _("The passkey is added."),
    "mfa/messages/webauthn_removed.txt": _("The passkey is removed."),
    "socialaccount/messages/account_connected.txt": _("This way to sign in is added."),
    "socialaccount/messages/account_connected_other.txt": _("Another account here has this way to sign in already."),
    "socialaccount/messages/account_connected_updated.txt": _("This way to sign in is added."),
    "socialaccount/messages/account_disconnected.txt": _("This way to sign in is removed."),
    "usersessions/messages/sessions_logged_out.txt": _("All other sessions have ended."),
    # what we do not offer
    "account/messages/login_code_sent.txt": "",
    "account/messages/phone_verification_sent.txt": "",
    "account/messages/phone_verified.txt": "",
}


@dataclass(frozen=True, slots=True)
class Written:
    """A letter in one language, ready to be sent."""

    subject: str
    body: str


def add(forms: Mapping[str, Form]) -> None:
    """Letters that other rooms write, by their kinds; each app adds its own when it is ready."""
    LETTERS.update(forms)


def write(kind: str, *, language: str, host: str, context: Mapping[str, Any]) -> Written:
    """The letter of this kind in a language. It names the site's host and nothing that its reader does not know."""
    form = LETTERS[kind]
    with translation.override(language):
        parts = [gettext("Good day,"), str(form.says % context)]
        if form.link and context[form.link]:  # who may see no page of ours gets none
            parts.append(str(context[form.link]))
        if form.tells:
            where = {"ip": context.get("ip", "?"), "browser": context.get("user_agent", "?")}
            parts.append(gettext("It came from the network address %(ip)s, with this browser: %(browser)s") % where)
            parts.append(gettext("If this was not you, choose a new password at once and end all other sessions."))
        if form.after:
            parts.append(str(form.after))
        parts.append(f"Samsvar, {host}")
        return Written(" ".join(f"Samsvar: {str(form.subject) % context}".split()), "\n\n".join(parts) + "\n")


def notice(template: str, context: Mapping[str, Any]) -> str:
    """The notice that allauth calls by this template's name; "" for what needs no words."""
    return str(NOTICES[template]) % context
