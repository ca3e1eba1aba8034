"""Email templates about practices. They only say that something is waiting; the page says what."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from samsvar.site.network.emails.email_templates import EmailTemplate

EMAIL_TEMPLATES: Mapping[str, EmailTemplate] = {
    "exchange/practice_sent_back": EmailTemplate(
        _("A practice was sent back to you"),
        _("A practice of your organisation or national desk was sent back, with a comment. Open the page to read it:"),
        "page_url",
    ),
    "exchange/practice_published": EmailTemplate(
        _("A practice of yours was published"),
        _("A practice of your organisation or national desk was published. You can open it here:"),
        "page_url",
    ),
    "exchange/practice_to_confirm": EmailTemplate(
        _("Please confirm a practice"),
        _(
            "It is 18 months since your organisation or national desk last confirmed a practice. Please say whether it "
            "is still done as described, revise it, or retire it. Until then, the page shows that it has not been "
            "confirmed since. We do not remind you again."
        ),
        "page_url",
    ),
}
