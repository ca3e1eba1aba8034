"""The daily task: warn of unused accounts, remove what is past its time, and ask for the same tomorrow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib import import_module

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.tasks import default_task_backend, task
from django.utils import timezone
from django.utils.module_loading import module_has_submodule

from samsvar.site.network.privacy.actions.retention import run_retention, warn_unused

HOUR = 3  # UTC: when few are at work


@task()
def keep_house() -> dict[str, int]:
    """What is done once a day. Tomorrow's is asked for first: a fault today must not be the end of it."""
    ensure_daily(tomorrow=True)
    now = timezone.now()
    host = host_of_letters()
    warned = warn_unused(now=now, host=host)
    done = run_retention(by=None, now=now) | ({"warned": warned} if warned else {})
    for work in _of_other_rooms():
        done |= work(now=now, host=host)
    return done


def _of_other_rooms() -> Iterator[Callable[..., dict[str, int]]]:
    """`each_day(now=…, host=…)` of each app that has such a module; it says how many of what were done."""
    for config in apps.get_app_configs():
        if config.name.startswith("samsvar.") and module_has_submodule(config.module, "each_day"):
            yield import_module(f"{config.name}.each_day").each_day


def ensure_daily(*, tomorrow: bool = False) -> bool:
    """See to it that one daily task waits in the queue; says whether it had to be asked for.

    Called at every start of a worker. Two workers that start at once may ask twice: the second run finds nothing due.
    """
    if not default_task_backend.supports_defer:  # tests run tasks on the spot
        return False
    from django_tasks_db.models import DBTaskResult

    with transaction.atomic():
        waiting = DBTaskResult.objects.filter(task_path=keep_house.module_path, status="READY")
        if waiting.exists():
            return False
        now = timezone.now()
        keep_house.using(run_after=next_run(now) if tomorrow else now).enqueue()
        return True


def next_run(now: datetime) -> datetime:
    """The next night's hour after a moment."""
    tonight = now.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return tonight if tonight > now else tonight + timedelta(days=1)


def host_of_letters() -> str:
    """The name that a letter leads to where no request says it: the first of the site's own."""
    hosts = [host for host in settings.ALLOWED_HOSTS if host and not host.startswith((".", "*"))]
    return hosts[0] if hosts else "localhost"
