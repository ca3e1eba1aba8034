from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    name = "samsvar.site.audit"
    label = "samsvar_audit"
    verbose_name = "Audit log"

    def ready(self) -> None:
        post_migrate.connect(install_triggers, sender=self)


def install_triggers(*, using: str, **_: Any) -> None:
    """Install the triggers in a database; called after every `migrate` and `flush`."""
    from samsvar.site.audit import triggers

    triggers.install(connections[using])
