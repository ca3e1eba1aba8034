"""Template of the digest of what a person follows."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from samsvar.site.network.emails.email_templates import EmailTemplate

EMAIL_TEMPLATES: Mapping[str, EmailTemplate] = {
    "following/digest": EmailTemplate(
        _("News on what you follow"),
        _(
            "%(lines)s\n\nTo end this email without signing in: %(end_url)s\n\n"
            "To change what you follow, or to pause this email:"
        ),
        "page_url",
    )
}
