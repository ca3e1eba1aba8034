"""Background tasks that send emails."""

from __future__ import annotations

from django.conf import settings
from django.tasks import default_task_backend, task
from django.utils import timezone

from samsvar.site.network import models
from samsvar.site.network.emails import actions as email_actions


@task(priority=50)  # someone waits for a password link; a reading of two minutes can wait
def send_queued_email(email_id: int) -> str:
    """Send an email, and schedule another attempt if the mail server rejected it."""
    email = models.OutgoingEmail.objects.filter(pk=email_id).first()
    if email is None:  # its account was deleted in the meantime
        return "gone"
    sent = email_actions.send_email(email=email)
    delay = email_actions.next_retry_delay(sent)
    if delay is not None and default_task_backend.supports_defer:
        send_queued_email.using(run_after=timezone.now() + delay).enqueue(email_id)
    return "sent" if sent.sent_at else "refused"


def schedule_email(email: models.OutgoingEmail) -> None:
    """Enqueue the task that sends a new email. Without a mail server, the email only stays in the table."""
    if settings.SAMSVAR_SMTP:
        send_queued_email.enqueue(email.pk)


def enqueue_unsent_emails(*, only_unscheduled: bool = False) -> int:
    """Enqueue all unsent emails of the last two days, for example after a restart, and return their number.

    With `only_unscheduled`, emails that already have a task in the queue are skipped. Workers do this at startup, so
    that a worker that keeps restarting does not use up a day's attempts in a minute.
    """
    if not settings.SAMSVAR_SMTP and only_unscheduled:
        return 0
    waiting = models.OutgoingEmail.objects.filter(
        sent_at__isnull=True, at__gte=timezone.now() - email_actions.RETRY_DELAYS[-1] * 3
    )
    scheduled_ids = _scheduled_email_ids() if only_unscheduled else frozenset()
    emails = [email for email in waiting if email.pk not in scheduled_ids]
    for email in emails:
        schedule_email(email)
    return len(emails)


def _scheduled_email_ids() -> frozenset[int]:
    """Return the ids of emails that have a task in the queue."""
    if not default_task_backend.supports_defer:  # tests run tasks immediately
        return frozenset()
    from django_tasks_db.models import DBTaskResult

    pending_tasks = DBTaskResult.objects.filter(task_path=send_queued_email.module_path, status="READY")
    return frozenset(line["args"][0] for line in pending_tasks.values_list("args_kwargs", flat=True))
