"""The steps that pages of meetings share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.core import ratelimit
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.labels import Trouble, trouble
from samsvar.site.meetings.meeting.permissions import can_manage
from samsvar.site.meetings.meeting.queries import meetings as queries
from samsvar.site.network.access.permissions import Account
from samsvar.site.network.view_helpers import or_404, tried_saying


def meeting_or_404(request: HttpRequest, slug: str) -> models.Meeting:
    """The meeting of an address; 404 for whoever may not know of it."""
    return or_404(queries.find(request.user, slug))


def managed_or_404(request: HttpRequest, slug: str) -> models.Meeting:
    """The meeting of an organiser's address: 404 for whoever may not know of it, 403 for whoever does not run it."""
    meeting = queries.find(request.user, slug)
    if meeting is None:
        raise Http404
    if not can_manage(request.user, meeting):
        raise PermissionDenied
    return meeting


def by_of(request: HttpRequest) -> Account | None:
    """Who acts: an account, or None for whoever came by a link of their own."""
    return request.user if isinstance(request.user, Account) else None


def tried(action: Callable[..., Any], **how: Any) -> tuple[Any, Trouble | None]:
    """What an action returned, or why it would not, in the reader's language."""
    return tried_saying(trouble, action, how)


def no_such_link(request: HttpRequest) -> HttpResponse:
    """The answer to a link that nobody was sent; counted, as whoever guesses is."""
    limited = ratelimit.consume_or_429(request, action="join", config=settings.SAMSVAR_RATE_LIMITS, limit_get=True)
    return limited or render(request, "meetings/registration_gone.html", {"meeting": None}, status=404)
