"""Email templates about requests for help. None says who asks or what about."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from samsvar.site.network.emails.email_templates import EmailTemplate

_FOOTER = _("To protect everyone’s privacy, this email does not say what it is about. Sign in to read it.")

EMAIL_TEMPLATES: Mapping[str, EmailTemplate] = {
    "exchange/new_reply": EmailTemplate(
        _("There is a reply for you"), _("Someone has replied to you on this site:"), "page_url", _FOOTER
    ),
    "exchange/asker_wrote": EmailTemplate(
        _("There is a message for you"),
        _("Someone to whom you replied has written back on this site:"),
        "page_url",
        _FOOTER,
    ),
    "exchange/did_it_help": EmailTemplate(
        _("Did the replies help?"),
        _(
            "A month ago you received a first reply on this site. Please say in one sentence whether it helped. "
            "This is the only time that we ask:"
        ),
        "page_url",
        _FOOTER,
    ),
    "exchange/request_ended": EmailTemplate(
        _("No one has been able to reply yet"),
        _(
            "We are sorry: no one has been able to reply to what you wrote on this site, so it is now closed. You can "
            "open it again at any time, or ask in another way:"
        ),
        "page_url",
        _FOOTER,
    ),
    "exchange/request_entered": EmailTemplate(
        _("The secretariat has written something for you"),
        _("The secretariat of your network has entered something on this site for you. You can read or withdraw it:"),
        "page_url",
        _FOOTER,
    ),
    "exchange/new_request": EmailTemplate(
        _("Something new at the helpdesk"), _("There is something new at the helpdesk of your network:"), "page_url"
    ),
    "exchange/requests_overdue": EmailTemplate(
        _("Without a reply for 30 days"),
        _("Something at the helpdesk of your network has had no reply for 30 days or more:"),
        "page_url",
    ),
}
