"""What the network does in the background: send letters."""

from __future__ import annotations

from django.conf import settings
from django.tasks import default_task_backend, task
from django.utils import timezone

from samsvar.site.network import models
from samsvar.site.network.actions import post


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


def send_what_waits() -> int:
    """Ask again for every letter of the last two days that has not left: after a mail server was set, or a restart."""
    waiting = models.Letter.objects.filter(sent_at__isnull=True, at__gte=timezone.now() - post.WAITS[-1] * 3)
    for letter in waiting:
        hand_over(letter)
    return len(waiting)
