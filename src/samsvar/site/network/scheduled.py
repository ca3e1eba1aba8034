"""The daily task: warn about unused accounts, delete data past its retention period, schedule the next run."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.tasks import default_task_backend, task
from django.utils import timezone
from django.utils.translation import override

from samsvar.site.network.privacy.actions.retention import (
    ClockJumped,
    check_clock,
    run_retention,
    warn_owners_of_unused_accounts,
)
from samsvar.site.shell import hooks

RUN_HOUR = 3  # UTC: few people are at work

log = logging.getLogger(__name__)


@task()
def run_daily_tasks() -> dict[str, int]:
    """Run everything that is due once a day.

    The next run is scheduled first, so that an error today does not prevent later runs. If the clock has jumped, only
    an error is logged: emails about expired data would be as wrong as its deletion.
    """
    ensure_daily_run(tomorrow=True)
    now = timezone.now()
    try:
        with override("en"):
            check_clock(now)
    except ClockJumped as error:
        log.error("the daily tasks were not run: %s (samsvar-site retention)", error.message)
        return {"clock_jumped": 1}
    warnings = warn_owners_of_unused_accounts(now=now)
    counts = run_retention(by=None, now=now) | ({"warned": warnings} if warnings else {})
    for run_app_task in hooks.providers("daily_task"):
        counts |= run_app_task(now=now)
    return counts


def ensure_daily_run(*, tomorrow: bool = False) -> bool:
    """Ensure that a daily run is queued. Return whether it had to be added.

    Called whenever a worker starts. If two workers start at the same time, two runs may be queued; the second one then
    finds nothing to do. A run that is due in more than two days was queued while the clock was ahead, and is removed.
    """
    if not default_task_backend.supports_defer:  # tests run tasks immediately
        return False
    from django_tasks_db.models import DBTaskResult

    with transaction.atomic():
        now = timezone.now()
        pending = DBTaskResult.objects.filter(task_path=run_daily_tasks.module_path, status="READY")
        pending.filter(run_after__gt=now + timedelta(days=2)).delete()
        if pending.exists():
            return False
        run_daily_tasks.using(run_after=next_run_time(now) if tomorrow else now).enqueue()
        return True


def next_run_time(now: datetime) -> datetime:
    """Return the next time the daily task is due."""
    tonight = now.replace(hour=RUN_HOUR, minute=0, second=0, microsecond=0)
    return tonight if tonight > now else tonight + timedelta(days=1)
