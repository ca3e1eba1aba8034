from typing import Any

from django.apps import AppConfig
from django.core.management import call_command
from django.db.models.signals import post_migrate


class NetworkConfig(AppConfig):
    name = "samsvar.site.network"
    label = "samsvar_network"
    verbose_name = "Network"

    def ready(self) -> None:
        post_migrate.connect(_make_cache_table, sender=self)


def _make_cache_table(*, using: str, **_: Any) -> None:
    """The table of limits is no model's, so that no trigger raises the change number for it; made once, found again."""
    call_command("createcachetable", database=using, verbosity=0)
