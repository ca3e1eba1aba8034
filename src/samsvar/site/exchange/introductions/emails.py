"""Email templates for introductions. They name neither side nor the subject: others may read the mailbox."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from samsvar.site.network.emails.email_templates import EmailTemplate

EMAIL_TEMPLATES: Mapping[str, EmailTemplate] = {
    "exchange/introduction_to_decide": EmailTemplate(
        _("A proposal is waiting for the helpdesk"),
        _("A member has asked for an introduction. Decide on it on this page, in a staff session:"),
        "page_url",
    ),
    "exchange/introduction_waiting": EmailTemplate(
        _("Something is waiting for you"),
        _("Something is waiting for your answer. Sign in to see what it is, and accept it or leave without a reason:"),
        "page_url",
    ),
    "exchange/introduction_reminder": EmailTemplate(
        _("Something is still waiting for you"),
        _(
            "Something is still waiting for your answer. You do not have to do anything: in a week it ends by itself. "
            "This is the only reminder."
        ),
        "page_url",
    ),
    "exchange/introduction_changed": EmailTemplate(
        _("There is news for you"),
        _("There is something new on a page of yours. Sign in to read it:"),
        "page_url",
    ),
    "exchange/introduction_held": EmailTemplate(
        _("A short question for you"),
        _("A short question is waiting for you. You are asked only once, and you do not have to answer:"),
        "page_url",
    ),
}
