from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class TrailConfig(AppConfig):
    name = "samsvar.site.trail"
    label = "samsvar_trail"
    verbose_name = "Trail"

    def ready(self) -> None:
        post_migrate.connect(install_triggers, sender=self)


def install_triggers(*, using: str, **_: Any) -> None:
    """After every `migrate` and every `flush`, on the database that was migrated."""
    from samsvar.site.trail import triggers

    triggers.install(connections[using])
