"""What letters to everybody whom a meeting concerns say: it is cancelled, is held after all, or is moved."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from samsvar.site.network.emails.email_templates import Form

LETTERS: Mapping[str, Form] = {
    "meetings/cancelled": Form(
        _("“%(meeting)s” is cancelled"),
        _("“%(meeting)s” (%(when)s) is cancelled, and is not held.%(because)s"),
        "page_url",
        _("Letters of ours that say that you are expected there hold no more."),
    ),
    "meetings/held_after_all": Form(
        _("“%(meeting)s” is held after all"),
        _("“%(meeting)s” was cancelled, and is held after all: %(when)s.%(because)s"),
        "page_url",
        _("Whoever had a place has it still."),
    ),
    "meetings/moved": Form(
        _("“%(meeting)s” is held on other days or at another place"),
        _("“%(meeting)s” is now held: %(when)s. Before, it was to be held: %(before)s.%(because)s"),
        "page_url",
        _("Whoever had a place has it still. If you cannot come now, please say so, so that somebody else can."),
    ),
}
