"""Helpers for the views of the meetings app."""

from __future__ import annotations

from allauth.core import ratelimit
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import can_manage
from samsvar.site.meetings.meeting.queries import meetings as queries
from samsvar.site.network.access.permissions import Account
from samsvar.site.network.view_helpers import object_or_404


def meeting_or_404(request: HttpRequest, slug: str) -> models.Meeting:
    """Return the meeting, or raise Http404 if it does not exist or the user may not see it."""
    return object_or_404(queries.find_meeting(request.user, slug))


def managed_meeting_or_404(request: HttpRequest, slug: str) -> models.Meeting:
    """Return the meeting; raise Http404 if the user may not see it, PermissionDenied if they may not manage it."""
    meeting = queries.find_meeting(request.user, slug)
    if meeting is None:
        raise Http404
    if not can_manage(request.user, meeting):
        raise PermissionDenied
    return meeting


def acting_account(request: HttpRequest) -> Account | None:
    """Return the signed-in account, or None for a visitor with a personal link."""
    return request.user if isinstance(request.user, Account) else None


def unknown_link_response(request: HttpRequest) -> HttpResponse:
    """Return the response to an unknown link; requests are rate-limited, because they may be guesses."""
    limited = ratelimit.consume_or_429(request, action="join", config=settings.SAMSVAR_RATE_LIMITS, limit_get=True)
    return limited or render(request, "meetings/registration/link_expired.html", {"meeting": None}, status=404)
