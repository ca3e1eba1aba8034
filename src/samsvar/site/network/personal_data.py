"""What accounts, people and networks hold of anybody, with the tables of allauth, Django, the queue and the trail.

Tables that come from elsewhere, and those of apps that this one stands on, are spoken for here: they cannot know it.
"""

from __future__ import annotations

from samsvar.site.network.accounts import personal_data as accounts
from samsvar.site.network.accounts.personal_data import unused_accounts
from samsvar.site.network.data_inventory import Holding, HoldsNone, Kind
from samsvar.site.network.directory import personal_data as directory
from samsvar.site.network.messages import personal_data as messages
from samsvar.site.network.privacy import personal_data as privacy

__all__ = ["HOLDINGS", "HOLDS_NONE", "HOLDS_NONE_TABLES", "KINDS", "unused_accounts"]

_FEATURES = (accounts, directory, messages, privacy)

HOLDINGS: tuple[Holding, ...] = tuple(one for feature in _FEATURES for one in feature.HOLDINGS)
HOLDS_NONE: dict[str, HoldsNone] = {label: one for feature in _FEATURES for label, one in feature.HOLDS_NONE.items()}
KINDS: tuple[Kind, ...] = tuple(one for feature in _FEATURES for one in feature.KINDS)

# Tables without a model.
HOLDS_NONE_TABLES: dict[str, str] = {
    "django_migrations": "which changes of the tables have been made",
    "sqlite_sequence": "SQLite's own numbers",
    # `run_retention` takes out what has run out
    "samsvar_cache": "how often something was tried lately, by account or network address, for minutes to an hour",
}
