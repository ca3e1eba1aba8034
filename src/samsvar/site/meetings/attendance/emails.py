"""What letters about one-to-one meetings say: that something waits, and neither from whom nor about what."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from samsvar.site.network.emails.email_templates import Form

LETTERS: Mapping[str, Form] = {
    "meetings/one_to_one_asked": Form(
        _("Somebody asks for a one-to-one meeting"),
        _("A participant of “%(meeting)s” would like to meet you there. Open this to see who and why, and to answer:"),
        "page_url",
        _("If you want to be asked no more, say so on the same page."),
    ),
    "meetings/one_to_one_agreed": Form(
        _("A one-to-one meeting has a time and a table"),
        _("At “%(meeting)s” somebody has agreed to meet you. Open this to see when and at which table:"),
        "page_url",
    ),
    "meetings/one_to_one_news": Form(
        _("There is news of a one-to-one meeting"),
        _("At “%(meeting)s” a one-to-one meeting of yours was declined or called off. Open this to see which:"),
        "page_url",
    ),
}
