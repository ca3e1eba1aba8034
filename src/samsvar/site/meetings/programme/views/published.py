"""Pages and feeds of the published programme."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from samsvar.interchange.calendars import calendar
from samsvar.interchange.schedules import NoDayIsKnown, as_json, as_xml
from samsvar.meetings.programme import Programme
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.view_helpers import meeting_or_404
from samsvar.site.meetings.programme.queries import published as queries
from samsvar.site.meetings.programme.queries.feed import atom_feed
from samsvar.site.network.view_helpers import or_404
from samsvar.site.shell.view_permissions import open_to_all

# --- For readers ------------------------------------------------------------------------------------------------------


@open_to_all
@require_safe
def programme(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = meeting_or_404(request, slug)
    page = queries.programme_page(request.user, meeting, request.GET.dict())
    return render(request, "meetings/programme.html", {"meeting": meeting, "page": page})


@open_to_all
@require_safe
def session(request: HttpRequest, slug: str, session: str) -> HttpResponse:
    meeting = meeting_or_404(request, slug)
    page = or_404(queries.session_page(request.user, meeting, session))
    return render(request, "meetings/programme_session.html", {"meeting": meeting, "page": page, "one": page.shown})


@open_to_all
@require_safe
def speakers(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = meeting_or_404(request, slug)
    page = queries.speakers_page(request.user, meeting)
    return render(request, "meetings/programme_speakers.html", {"meeting": meeting, "page": page})


@open_to_all
@require_safe
def versions(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = meeting_or_404(request, slug)
    shown = queries.versions_page(request.user, meeting)
    return render(request, "meetings/programme_versions.html", {"meeting": meeting, "versions": shown})


@open_to_all
@require_safe
def versions_feed(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = meeting_or_404(request, slug)
    shown = queries.versions_page(request.user, meeting)
    page = request.build_absolute_uri(reverse("meetings:versions", args=[slug]))
    feed = atom_feed(meeting, shown, page=page, here=request.build_absolute_uri(), language=get_language() or "en")
    return _file(request, feed.encode(), "application/atom+xml; charset=utf-8")


@open_to_all
@require_safe
def schedule_ics(request: HttpRequest, slug: str) -> HttpResponse:
    def made(value: Programme, version: models.Version, links: dict[str, str]) -> bytes:
        at = max(version.released_at, cancelled or version.released_at)
        return calendar(value, language=get_language() or "", at=at, links=links)

    cancelled = meeting_or_404(request, slug).cancelled_at
    return _feed(request, slug, made, "text/calendar; charset=utf-8")


@open_to_all
@require_safe
def schedule_json(request: HttpRequest, slug: str) -> HttpResponse:
    def made(value: Programme, _version: models.Version, links: dict[str, str]) -> bytes:
        return as_json(value, language=get_language() or "", links=links)

    return _feed(request, slug, made, "application/json")


@open_to_all
@require_safe
def schedule_xml(request: HttpRequest, slug: str) -> HttpResponse:
    def made(value: Programme, _version: models.Version, links: dict[str, str]) -> bytes:
        return as_xml(value, language=get_language() or "", links=links)

    return _feed(request, slug, made, "application/xml; charset=utf-8")


def _feed(
    request: HttpRequest,
    slug: str,
    made: Callable[[Programme, models.Version, dict[str, str]], bytes],
    content_type: str,
) -> HttpResponse:
    """What everybody may read of the published programme; 404 while there is none, or no day that a feed could say."""
    meeting = meeting_or_404(request, slug)
    address = request.build_absolute_uri(reverse("meetings:meeting", args=[slug]))
    found = queries.public_programme(meeting, address=address)
    if found is None:
        raise Http404
    value, version = found
    links = {one.key: request.build_absolute_uri(queries.session_address(meeting, one.key)) for one in value.sessions}
    try:
        content = made(value, version, links)
    except NoDayIsKnown:
        raise Http404 from None
    return _file(request, content, content_type)


def _file(request: HttpRequest, content: bytes, content_type: str) -> HttpResponse:
    """A file that programs ask for again and again: named by its content, so that they get it once."""
    etag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'
    if etag in request.headers.get("If-None-Match", ""):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(content, content_type=content_type)
    response["ETag"] = etag
    return response
