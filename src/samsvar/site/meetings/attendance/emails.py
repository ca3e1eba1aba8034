"""Email templates for one-to-one meetings; they mention neither the other person nor the subject."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from samsvar.site.network.emails.email_templates import EmailTemplate

EMAIL_TEMPLATES: Mapping[str, EmailTemplate] = {
    "meetings/one_to_one_asked": EmailTemplate(
        _("Request for a one-to-one meeting"),
        _(
            "A participant in “%(meeting)s” would like to meet you there. Open this link to see who it is and "
            "why they would like to meet, and to reply:"
        ),
        "page_url",
        _("If you no longer want to receive requests, you can turn them off on the same page."),
    ),
    "meetings/one_to_one_agreed": EmailTemplate(
        _("Your one-to-one meeting is confirmed"),
        _("Someone has agreed to meet you at “%(meeting)s”. Open this link to see when and at which table:"),
        "page_url",
    ),
    "meetings/one_to_one_news": EmailTemplate(
        _("Update on a one-to-one meeting"),
        _(
            "One of your one-to-one meetings at “%(meeting)s” has been declined or cancelled. Open this link to "
            "see which one:"
        ),
        "page_url",
    ),
}
