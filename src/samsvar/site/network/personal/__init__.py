"""What accounts, people and networks hold of anybody, with the tables of allauth, Django, the queue and the trail.

Tables that come from elsewhere, and those of apps that this one stands on, are spoken for here: they cannot know it.
"""

from __future__ import annotations

from samsvar.site.network.holdings import Holding, HoldsNone, Kind
from samsvar.site.network.personal import accounts, lines, people, questions
from samsvar.site.network.personal.accounts import unused_accounts

__all__ = ["HOLDINGS", "HOLDS_NONE", "HOLDS_NONE_TABLES", "KINDS", "unused_accounts"]

_TOPICS = (accounts, people, questions, lines)

HOLDINGS: tuple[Holding, ...] = tuple(one for topic in _TOPICS for one in topic.HOLDINGS)
HOLDS_NONE: dict[str, HoldsNone] = {label: one for topic in _TOPICS for label, one in topic.HOLDS_NONE.items()}
KINDS: tuple[Kind, ...] = tuple(one for topic in _TOPICS for one in topic.KINDS)

# Tables without a model.
HOLDS_NONE_TABLES: dict[str, str] = {
    "django_migrations": "which changes of the tables have been made",
    "sqlite_sequence": "SQLite's own numbers",
    # `run_retention` takes out what has run out
    "samsvar_cache": "how often something was tried lately, by account or network address, for minutes to an hour",
}
