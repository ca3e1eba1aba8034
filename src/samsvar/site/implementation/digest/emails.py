"""Template of the weekly email."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from samsvar.site.network.emails.email_templates import EmailTemplate

EMAIL_TEMPLATES: Mapping[str, EmailTemplate] = {
    "implementation/weekly_digest": EmailTemplate(
        _("Due and overdue for your desk"),
        _(
            "%(lines)s\n\nYou get this email at most once a week. To end it without signing in: %(end_url)s\n\n"
            "To see everything, or to snooze this email:"
        ),
        "page_url",
    )
}
