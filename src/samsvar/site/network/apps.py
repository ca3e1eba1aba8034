from typing import Any

from django.apps import AppConfig
from django.core.management import call_command
from django.db.models.signals import post_migrate, post_save


class NetworkConfig(AppConfig):
    name = "samsvar.site.network"
    label = "samsvar_network"
    verbose_name = "Network"

    def ready(self) -> None:
        from samsvar.site.network import checks, labels  # noqa: F401 - they register themselves
        from samsvar.site.network.access import labels as access_labels  # noqa: F401
        from samsvar.site.network.accounts import recovery_codes, security_log
        from samsvar.site.network.labels import ERROR_TEXTS
        from samsvar.site.shell import hooks
        from samsvar.site.shell.allauth_internals import set_recovery_codes_class

        security_log.connect_signals()
        hooks.register("error_texts", ERROR_TEXTS)
        set_recovery_codes_class(recovery_codes.RecoveryCodes)

        post_migrate.connect(_create_cache_table, sender=self)
        post_save.connect(_schedule_email, sender="samsvar_network.OutgoingEmail")


def _create_cache_table(*, using: str, **_: Any) -> None:
    """Create the table of the rate-limit cache if it does not exist.

    The table has no model, so that writing to it triggers no increment of the change counter.
    """
    call_command("createcachetable", database=using, verbosity=0)


def _schedule_email(*, instance: Any, created: bool, **_: Any) -> None:
    """Enqueue the sending of an email in the transaction that stores it, so that a crash leaves both or neither.

    This is a signal handler and not part of the action, because tasks are a layer above actions.
    """
    from samsvar.site.network.emails.tasks import schedule_email

    if created:
        schedule_email(instance)
