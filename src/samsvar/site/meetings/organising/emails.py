"""Email templates for announcements that a meeting is cancelled, reinstated or moved."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from samsvar.site.network.emails.email_templates import EmailTemplate

EMAIL_TEMPLATES: Mapping[str, EmailTemplate] = {
    "meetings/cancelled": EmailTemplate(
        _("“%(meeting)s” has been cancelled"),
        _("“%(meeting)s” (%(when)s) has been cancelled and will not take place.%(because)s"),
        "page_url",
        _("Any letter or email from us saying that you are expected to attend is no longer valid."),
    ),
    "meetings/held_after_all": EmailTemplate(
        _("“%(meeting)s” will go ahead after all"),
        _("“%(meeting)s” was cancelled but will now go ahead after all: %(when)s.%(because)s"),
        "page_url",
        _("If you had a place, you still have it."),
    ),
    "meetings/moved": EmailTemplate(
        _("New dates or location for “%(meeting)s”"),
        _(
            "“%(meeting)s” has new dates or a new location: %(when)s. It was previously planned for: "
            "%(before)s.%(because)s"
        ),
        "page_url",
        _(
            "If you had a place, you still have it. If you can no longer come, please let us know so that "
            "someone else can."
        ),
    ),
}
