"""Personal data of accounts, people and networks, and in the tables of allauth, Django, tasks and the audit log.

Tables of third-party apps, and of the apps that this app depends on, are listed here, because those apps do not use the
data inventory.
"""

from __future__ import annotations

from samsvar.site.network.accounts import personal_data as accounts
from samsvar.site.network.directory import personal_data as directory
from samsvar.site.network.drafts import personal_data as drafts
from samsvar.site.network.messages import personal_data as messages
from samsvar.site.network.privacy import personal_data as privacy

FEATURES = (accounts, directory, drafts, messages, privacy)

# Tables without a model.
TABLES_WITHOUT_MODEL = {
    "django_migrations": "which migrations have been applied",
    "sqlite_sequence": "SQLite's own numbers",
    # `run_retention` deletes expired entries
    "samsvar_cache": "counts of recent attempts by account or network address, kept for minutes to an hour",
}
