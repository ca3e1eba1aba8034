"""Views for the pages and feeds of the published programme."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from samsvar.interchange.calendars import export_ical
from samsvar.interchange.schedules import NoKnownDay, export_json, export_xml
from samsvar.site.meetings.meeting.view_helpers import meeting_or_404
from samsvar.site.meetings.programme.queries import published as queries
from samsvar.site.meetings.programme.queries.feed import render_atom_feed
from samsvar.site.network.view_helpers import object_or_404
from samsvar.site.shell import atom
from samsvar.site.shell.downloads import cacheable_response
from samsvar.site.shell.site_url import absolute_url
from samsvar.site.shell.view_permissions import public


@public
@require_safe
def programme(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = meeting_or_404(request, slug)
    page = queries.programme_page(request.user, meeting, request.GET.dict())
    return render(request, "meetings/programme/page.html", {"meeting": meeting, "page": page})


@public
@require_safe
def session(request: HttpRequest, slug: str, session: str) -> HttpResponse:
    meeting = meeting_or_404(request, slug)
    page = object_or_404(queries.session_page(request.user, meeting, session))
    return render(
        request, "meetings/programme/session.html", {"meeting": meeting, "page": page, "visible_session": page.session}
    )


@public
@require_safe
def speakers(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = meeting_or_404(request, slug)
    page = queries.speakers_page(request.user, meeting)
    return render(request, "meetings/programme/speakers.html", {"meeting": meeting, "page": page})


@public
@require_safe
def versions(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = meeting_or_404(request, slug)
    visible_versions = queries.list_visible_versions(request.user, meeting)
    return render(request, "meetings/programme/versions.html", {"meeting": meeting, "versions": visible_versions})


@public
@require_safe
def versions_feed(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = meeting_or_404(request, slug)
    visible_versions = queries.list_visible_versions(request.user, meeting)
    page, own = absolute_url(reverse("meetings:versions", args=[slug])), absolute_url(request.get_full_path())
    language = get_language() or "en"
    feed = render_atom_feed(meeting, visible_versions, page_url=page, self_url=own, language=language)
    return cacheable_response(request, feed, atom.CONTENT_TYPE)


@public
@require_safe
def schedule_ics(request: HttpRequest, slug: str) -> HttpResponse:
    return _feed_response(request, slug, export_ical, "text/calendar; charset=utf-8")


@public
@require_safe
def schedule_json(request: HttpRequest, slug: str) -> HttpResponse:
    return _feed_response(request, slug, export_json, "application/json")


@public
@require_safe
def schedule_xml(request: HttpRequest, slug: str) -> HttpResponse:
    return _feed_response(request, slug, export_xml, "application/xml; charset=utf-8")


def _feed_response(request: HttpRequest, slug: str, export: Callable[..., bytes], content_type: str) -> HttpResponse:
    """Return a feed of the public programme. Raise `Http404` if nothing is published or no day is known."""
    meeting = meeting_or_404(request, slug)
    address = absolute_url(reverse("meetings:meeting", args=[slug]))
    published = queries.public_programme(meeting, address=address)
    if published is None:
        raise Http404
    value, version = published
    links = {one.key: absolute_url(queries.session_url(meeting, one.key)) for one in value.sessions}
    updated_at = max(version.released_at, meeting.cancelled_at or version.released_at)
    more = {"updated_at": updated_at} if export is export_ical else {}
    try:
        content = export(value, language=get_language() or "", links=links, **more)
    except NoKnownDay:
        raise Http404 from None
    return cacheable_response(request, content, content_type)
