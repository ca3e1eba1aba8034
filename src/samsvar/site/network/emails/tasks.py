"""What the network does in the background: send letters."""

from __future__ import annotations

from django.conf import settings
from django.tasks import default_task_backend, task
from django.utils import timezone

from samsvar.site.network import models
from samsvar.site.network.emails import actions as post


@task()
def send_letter(letter: int) -> str:
    """Send one letter, and come back later where the mail server refused it."""
    waiting = models.Letter.objects.filter(pk=letter).first()
    if waiting is None:  # its account was erased meanwhile
        return "gone"
    sent = post.send(letter=waiting)
    again = post.wait_before_next(sent)
    if again is not None and default_task_backend.supports_defer:
        send_letter.using(run_after=timezone.now() + again).enqueue(letter)
    return "sent" if sent.sent_at else "refused"


def hand_over(letter: models.Letter) -> None:
    """Ask for the sending of a letter that was just written; without a mail server it stays in the table."""
    if settings.SAMSVAR_SMTP:
        send_letter.enqueue(letter.pk)


def send_what_waits(*, forgotten: bool = False) -> int:
    """Ask again for every letter of the last two days that has not left: after a mail server was set, or a restart.

    `forgotten`: only for those of which no line of the queue says when they are tried next. A worker asks so at its
    start; one that is started again and again must not use up the tries of a day in a minute.
    """
    if not settings.SAMSVAR_SMTP and forgotten:
        return 0
    waiting = models.Letter.objects.filter(sent_at__isnull=True, at__gte=timezone.now() - post.WAITS[-1] * 3)
    asked_for = _asked_for() if forgotten else frozenset()
    letters = [letter for letter in waiting if letter.pk not in asked_for]
    for letter in letters:
        hand_over(letter)
    return len(letters)


def _asked_for() -> frozenset[int]:
    """The letters for which a line waits in the queue."""
    if not default_task_backend.supports_defer:  # tests run tasks on the spot
        return frozenset()
    from django_tasks_db.models import DBTaskResult

    lines = DBTaskResult.objects.filter(task_path=send_letter.module_path, status="READY")
    return frozenset(line["args"][0] for line in lines.values_list("args_kwargs", flat=True))
