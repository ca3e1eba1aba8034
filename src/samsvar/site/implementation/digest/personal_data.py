"""Personal data of the weekly email: a person's settings, and what they have already been sent."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from samsvar.site.implementation import models
from samsvar.site.network.data_inventory import data_category

DATA_CATEGORIES = (
    data_category(
        models.DigestSubscription, "weekly_email", _("Settings of the weekly email, and which lines it has contained"),
        exported="is_on snoozed_until last_sent_on sent_lines",
        retention=_("as long as the account"),
    ),
)  # fmt: skip
