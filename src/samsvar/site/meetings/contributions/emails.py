"""The texts of emails about the call for contributions."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from samsvar.site.network.emails.email_templates import Form

_FOR_YOU = _("The link is for you alone: whoever has it can answer in your place.")

LETTERS: Mapping[str, Form] = {
    "meetings/contribution_link": Form(
        _("Offer a contribution to “%(meeting)s”"),
        _("Somebody, probably you, wants to offer a contribution to “%(meeting)s”. Open this to go on:"),
        "page_url",
        _("If this was not you, you need do nothing."),
    ),
    "meetings/contribution_received": Form(
        _("Your contribution to “%(meeting)s” has arrived"),
        _("Your contribution to “%(meeting)s” has arrived. Open this to change or withdraw it:"),
        "page_url",
        _FOR_YOU,
    ),
    "meetings/contribution_accepted": Form(
        _("Your contribution to “%(meeting)s” is accepted"),
        _("Your contribution “%(title)s” to “%(meeting)s” is accepted. %(reason)s"),
        "page_url",
    ),
    "meetings/asked_to_review": Form(
        _("You are asked to review contributions to “%(meeting)s”"),
        _(
            "Those who run “%(meeting)s” ask you to judge what is offered for its programme. Sign in to read it, "
            "without the names of those who offer it:"
        ),
        "page_url",
        _("When something new has come in, you get a letter, one a day at most."),
    ),
    "meetings/contributions_to_review": Form(
        _("New contributions to “%(meeting)s” wait for your judgement"),
        _("What has come in since the last letter to you: %(count)s. Sign in to read and judge it:"),
        "page_url",
    ),
    "meetings/contribution_declined": Form(
        _("Your contribution to “%(meeting)s” is not in the programme"),
        _("Your contribution “%(title)s” to “%(meeting)s” was not chosen for the programme. The reason: %(reason)s"),
        "page_url",
    ),
}
