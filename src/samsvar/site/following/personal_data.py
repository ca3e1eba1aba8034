"""Personal data of following: what a person follows and why, their digest, and what it has told them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from samsvar.site.following import models
from samsvar.site.network.data_inventory import CONTRACT, data_category

DATA_CATEGORIES = (
    data_category(
        models.Follow, "follows", _("Searches, countries, articles, findings, practices and measures that you follow"),
        exported="kind key query note paused_until since",
        retention=_("until the person stops following, and as long as the account"),
        legal_bases=CONTRACT,
    ),
    data_category(
        models.FollowDigest, "follow_digest", _("Settings of the digest of what you follow"),
        exported="frequency paused_until last_sent_on",
        retention=_("as long as the account"),
        legal_bases=CONTRACT,
    ),
    data_category(
        models.DeliveredEvent, "delivered_events", _("Which events a digest has told you, so that none is told twice"),
        exported="event at",
        retention=_("as long as the person follows something that is older than the event"),
        legal_bases=CONTRACT,
    ),
)  # fmt: skip
