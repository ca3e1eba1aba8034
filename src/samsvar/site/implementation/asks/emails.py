"""Email template about asks: at most one email a week to the officials asked."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from samsvar.site.network.emails.email_templates import EmailTemplate

EMAIL_TEMPLATES: Mapping[str, EmailTemplate] = {
    "implementation/asks_of_the_week": EmailTemplate(
        _("Requests for information about the Istanbul Convention"),
        _(
            "A national desk asks you for information about what has been done to implement the Istanbul Convention. "
            "You do not need an account: open the link, and answer on the page or in a file that you download there."
            "\n\n%(lines)s\n\nTo end the emails about these requests for information:"
        ),
        "end_url",
        footer=_(
            "Each link is for you only: enter the address at which you received this email. It then works only in "
            "the browser in which you opened it first. You get at most one such email a week. If you are not the "
            "right person, please tell the national desk."
        ),
    ),
}
