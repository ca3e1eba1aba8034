from typing import Any

from django.apps import AppConfig
from django.core.management import call_command
from django.db.models.signals import post_migrate, post_save


class NetworkConfig(AppConfig):
    name = "samsvar.site.network"
    label = "samsvar_network"
    verbose_name = "Network"

    def ready(self) -> None:
        from samsvar.site.network import checks  # noqa: F401 - checks register themselves
        from samsvar.site.network.accounts import recovery_codes, security_log

        security_log.listen()
        recovery_codes.install()

        post_migrate.connect(_make_cache_table, sender=self)
        post_save.connect(_hand_over_letter, sender="samsvar_network.Letter")


def _make_cache_table(*, using: str, **_: Any) -> None:
    """The table of limits is no model's, so that no trigger raises the change number for it; made once, found again."""
    call_command("createcachetable", database=using, verbosity=0)


def _hand_over_letter(*, instance: Any, created: bool, **_: Any) -> None:
    """A letter and the line of the queue that sends it are written in one transaction: a kill leaves both or neither.

    Here and not in the action, because tasks stand above actions.
    """
    from samsvar.site.network.emails.tasks import hand_over

    if created:
        hand_over(instance)
