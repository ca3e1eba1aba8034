from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class MonitoringConfig(AppConfig):
    name = "samsvar.site.monitoring"
    label = "samsvar_monitoring"
    verbose_name = "Monitoring"

    def ready(self) -> None:
        post_migrate.connect(make_groups, sender=self)


def make_groups(*, using: str, **_: Any) -> None:
    """The group whose members may bring reports in; who belongs to it is each site's own decision."""
    from django.contrib.auth.models import Group

    from samsvar.site.monitoring.permissions import EDITORS

    Group.objects.using(using).get_or_create(name=EDITORS)
