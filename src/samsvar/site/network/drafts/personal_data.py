"""Personal data in drafts of forms."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from samsvar.site.network import models
from samsvar.site.network.data_inventory import CONTRACT, RetentionRule, data_category, deleted

DATA_CATEGORIES = (
    data_category(
        models.FormDraft, "form_drafts", _("What the person entered in forms and has not sent"),
        exported="page form fields at",
        legal_bases=CONTRACT,
        erasure=deleted(_("deleted")),
    ),
)  # fmt: skip

RETENTION_RULES = (
    RetentionRule(
        models.FormDraft, "at", "form_drafts", _("Drafts of forms"),
        days=14, after=_("after the last change"),
        why=_("long enough to return to a form that was left in a hurry"),
    ),
)  # fmt: skip
