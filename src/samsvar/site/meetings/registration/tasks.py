"""Background task that answers people who ask for a link by entering an email address."""

from __future__ import annotations

from django.db import transaction
from django.tasks import task

from samsvar.site.meetings import models
from samsvar.site.meetings.registration.actions import invitations


@task()
def answer_link_request(request_id: int) -> str:
    """Send the links that someone asked for. Running the task twice does no harm."""
    link_request = models.LinkRequest.objects.select_related("meeting").filter(pk=request_id).first()
    if link_request is None:
        return "gone"
    invitations.answer_link_request(link_request=link_request)
    return "answered"


def request_link(*, address: str, language: str, meeting: models.Meeting | None = None) -> None:
    """Save a request for a registration link, or for lost links if `meeting` is None, and enqueue its answer.

    The address is looked up by the task only. The request itself takes the same time for every address, and so does not
    reveal who is registered. Raises `RegistrationNotOpen`.
    """
    with transaction.atomic():
        link_request = invitations.save_link_request(address=address, language=language, meeting=meeting)
        answer_link_request.enqueue(link_request.pk)
