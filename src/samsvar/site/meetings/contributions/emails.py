"""Email templates for the call for contributions."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from samsvar.site.network.emails.email_templates import EmailTemplate

_FOR_YOU = _("This link is for you only: anyone who has it can reply on your behalf.")

EMAIL_TEMPLATES: Mapping[str, EmailTemplate] = {
    "meetings/contribution_link": EmailTemplate(
        _("Submit a proposal for “%(meeting)s”"),
        _("Someone, probably you, wants to submit a proposal for “%(meeting)s”. Open this link to continue:"),
        "page_url",
        _("If this was not you, you do not need to do anything."),
    ),
    "meetings/contribution_received": EmailTemplate(
        _("We have received your proposal for “%(meeting)s”"),
        _("We have received your proposal for “%(meeting)s”. Open this link to change or withdraw it:"),
        "page_url",
        _FOR_YOU,
    ),
    "meetings/contribution_accepted": EmailTemplate(
        _("Your proposal for “%(meeting)s” has been accepted"),
        _("Your proposal “%(title)s” for “%(meeting)s” has been accepted. %(reason)s"),
        "page_url",
    ),
    "meetings/asked_to_review": EmailTemplate(
        _("Please review proposals for “%(meeting)s”"),
        _(
            "The organisers of “%(meeting)s” have asked you to review proposals for its programme. Sign in to "
            "read them, without the authors’ names:"
        ),
        "page_url",
        _("We will email you when new proposals arrive, at most once a day."),
    ),
    "meetings/contributions_to_review": EmailTemplate(
        _("New proposals for “%(meeting)s” to review"),
        _("Proposals received since our last email to you: %(count)s. Sign in to read and review them:"),
        "page_url",
    ),
    "meetings/contribution_declined": EmailTemplate(
        _("Your proposal for “%(meeting)s” was not selected"),
        _("Your proposal “%(title)s” for “%(meeting)s” was not selected for the programme. Reason: %(reason)s"),
        "page_url",
    ),
}
