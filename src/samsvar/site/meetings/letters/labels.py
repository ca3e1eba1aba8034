"""Labels for the kinds of letter."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from samsvar.site.shell.labels import Label

LETTERS: dict[str, Label] = {
    "invitation": _("letter of invitation"),
    "visa": _("letter in support of a visa"),
    "confirmation": _("confirmation of a place"),
    "attendance": _("certificate of attendance"),
}
