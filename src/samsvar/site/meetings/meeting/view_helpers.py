"""Helpers for the views of the meetings app."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header

from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import can_manage
from samsvar.site.meetings.meeting.queries import meetings as queries
from samsvar.site.network.access.permissions import Account
from samsvar.site.network.view_helpers import object_or_404
from samsvar.site.shell import limits as ratelimit

# Emails to addresses that a visitor enters, of all public forms together. The windows are short: neither a target nor a
# shared network is shut out for long, and no one can fill a limit for others. Invalid links have a limit of their own.
EMAIL_RATE_LIMIT = {"meeting-address": "10/m/ip,30/10m/ip,3/10m/key"}


def limit_emails_to(request: HttpRequest, address: str) -> HttpResponse | None:
    """Count an email to an address that the visitor entered; return the 429 response if there were too many."""
    limited: HttpResponse | None = ratelimit.consume_or_429(
        request, action="meeting-address", config=EMAIL_RATE_LIMIT, key=address.strip().lower()
    )
    return limited


def meeting_or_404(request: HttpRequest, slug: str) -> models.Meeting:
    """Return the meeting, or raise Http404 if it does not exist or the user may not see it."""
    return object_or_404(queries.find_meeting(request.user, slug))


def managed_meeting_or_404(request: HttpRequest, slug: str) -> models.Meeting:
    """Return the meeting; raise Http404 if the user may not see it, PermissionDenied if they may not manage it."""
    meeting = meeting_or_404(request, slug)
    if not can_manage(request.user, meeting):
        raise PermissionDenied
    return meeting


def acting_account(request: HttpRequest) -> Account | None:
    """Return the signed-in account, or None for a visitor with a personal link."""
    return request.user if isinstance(request.user, Account) else None


def download_response(content: bytes, filename: str, content_type: str = "application/pdf") -> HttpResponse:
    """Return a file that is downloaded and never cached."""
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=filename) or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response


def unknown_link_response(request: HttpRequest) -> HttpResponse:
    """Return the response to an unknown link; requests are rate-limited, because they may be guesses."""
    limited = ratelimit.consume_or_429(request, action="join", config=settings.SAMSVAR_RATE_LIMITS, limit_get=True)
    return limited or render(request, "meetings/registration/link_expired.html", {"meeting": None}, status=404)
