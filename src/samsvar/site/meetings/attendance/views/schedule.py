"""Views for personal schedules, personal calendars, and the current and next sessions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from samsvar.interchange.calendars import export_ical
from samsvar.meetings.meeting import AccessLevel
from samsvar.meetings.programme import SessionKind
from samsvar.network.rights import Claim
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.actions import schedule as actions
from samsvar.site.meetings.attendance.queries import schedule as queries
from samsvar.site.meetings.meeting.permissions import LinkHolder
from samsvar.site.meetings.meeting.view_helpers import meeting_or_404
from samsvar.site.meetings.programme.queries.published import published_version, session_url
from samsvar.site.network.view_helpers import object_or_404
from samsvar.site.shell.cache import SHARED_CACHE_CONTROL
from samsvar.site.shell.form_pages import post_action
from samsvar.site.shell.site_url import absolute_url
from samsvar.site.shell.view_permissions import allow_link_access, public, requires

RETRY_MS = 10_000  # milliseconds until the browser reconnects to the event stream


# --- Personal schedules -----------------------------------------------------------------------------------------------


@requires(Claim.OWN_ACCOUNT)
@allow_link_access
@require_safe
def my_schedule(request: HttpRequest, slug: str) -> HttpResponse:
    return _schedule_page(request, slug)


@public
@require_safe
def schedule_by_link(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """Show the schedule of a participant without an account, who uses the link in their email."""
    return _schedule_page(request, slug, token)


@requires(Claim.OWN_ACCOUNT)
@allow_link_access
@require_POST
def change_schedule(request: HttpRequest, slug: str, verb: str) -> HttpResponse:
    return _change_schedule(request, slug, verb)


@public
@require_POST
def change_schedule_by_link(request: HttpRequest, slug: str, token: str, verb: str) -> HttpResponse:
    return _change_schedule(request, slug, verb, token)


SCHEDULE_ACTIONS: dict[str, Callable[..., Any]] = {
    "choose": actions.add_to_schedule,
    "let-go": actions.remove_from_schedule,
    "sign-up": actions.sign_up,
}


def _get_meeting_and_owner(request: HttpRequest, slug: str, token: str) -> tuple[models.Meeting, queries.ScheduleOwner]:
    """Return the meeting and the owner of the schedule: the holder of the personal link, or without one the user.

    A personal link gives access even to a meeting that is not public.
    """
    if token:
        meeting = object_or_404(models.Meeting.objects.filter(public_id=slug).first())
        return meeting, object_or_404(queries.find_owner_by_token(meeting, token))
    meeting = meeting_or_404(request, slug)
    owner = queries.get_schedule_owner(request.user, meeting)
    if owner.account is None and owner.registration is None:
        raise Http404  # the user has a personal link but no confirmed place
    return meeting, owner


def _schedule_page(request: HttpRequest, slug: str, token: str = "") -> HttpResponse:
    meeting, owner = _get_meeting_and_owner(request, slug, token)
    context = {
        "meeting": meeting,
        "owner": owner,
        "page": queries.get_schedule(request.user, owner, meeting, get_language() or "en"),
        "has_calendar": queries.has_calendar(owner, meeting),
    }
    return render(request, "meetings/attendance/schedule.html", context)


def _change_schedule(request: HttpRequest, slug: str, verb: str, token: str = "") -> HttpResponse:
    meeting, owner = _get_meeting_and_owner(request, slug, token)
    action = object_or_404(SCHEDULE_ACTIONS.get(verb))
    session = object_or_404(queries.find_selectable_session(request.user, meeting, request.POST.get("session", "")))
    return post_action(request, lambda: action(owner=owner, session=session), redirect_to=_schedule_url(owner, meeting))


# --- Personal calendars -----------------------------------------------------------------------------------------------


@requires(Claim.OWN_ACCOUNT)
@allow_link_access
@require_POST
def manage_calendar_link(request: HttpRequest, slug: str) -> HttpResponse:
    return _change_calendar_link(request, slug)


@public
@require_POST
def manage_calendar_link_by_link(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    return _change_calendar_link(request, slug, token)


def _change_calendar_link(request: HttpRequest, slug: str, token: str = "") -> HttpResponse:
    """Create or delete a calendar link; its address is shown only in this response and is not saved."""
    meeting, owner = _get_meeting_and_owner(request, slug, token)
    if "end" in request.POST:
        actions.delete_calendar_link(owner=owner, meeting=meeting)
        messages.success(request, _("Your calendar address no longer works."))
        return redirect(_schedule_url(owner, meeting))
    calendar_token = actions.create_calendar_link(owner=owner, meeting=meeting)
    address = absolute_url(reverse("meetings:my-calendar", args=[slug, calendar_token]))
    context = {"meeting": meeting, "address": address, "schedule": _schedule_url(owner, meeting)}
    response = render(request, "meetings/attendance/calendar.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


def _schedule_url(owner: queries.ScheduleOwner, meeting: models.Meeting) -> str:
    """Return the URL of the schedule, using the personal link if the user opened one."""
    if owner.token:
        return reverse("meetings:schedule-by-link", args=[meeting.public_id, owner.token])
    return reverse("meetings:my-schedule", args=[meeting.public_id])


@public
@require_safe
def my_calendar(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    meeting = object_or_404(models.Meeting.objects.filter(public_id=slug).first())
    link = object_or_404(queries.find_calendar_link(meeting, token))
    language = get_language() or "en"
    address = absolute_url(reverse("meetings:meeting", args=[slug]))
    own_calendar = object_or_404(queries.build_personal_calendar(link, address, language))
    sessions = own_calendar.sessions
    keys = [one.key for one in sessions if one.kind != SessionKind.ONE_TO_ONE]
    links = {key: absolute_url(session_url(meeting, key)) for key in keys}
    body = export_ical(own_calendar.programme, sessions, language=language, updated_at=timezone.now(), links=links)
    return HttpResponse(body, content_type="text/calendar; charset=utf-8")


# --- Now and next -----------------------------------------------------------------------------------------------------


@public
@require_safe
def current_sessions(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the current and the next sessions; without JavaScript, users reload the page themselves."""
    meeting = meeting_or_404(request, slug)
    page = queries.now_and_next(request.user, meeting, timezone.now())
    response = render(request, "meetings/attendance/now.html", {"meeting": meeting, "page": page})
    if "Cache-Control" not in response:
        personal = request.user.is_authenticated or isinstance(request.user, LinkHolder)
        # the content depends on the time, which the page cache ignores
        response["Cache-Control"] = "private, no-store" if personal else "no-cache"
    return response


@public
@require_safe
def programme_events(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the number of the published programme version as a server-sent event.

    The response ends immediately, and the browser reconnects to check again (decision 0016).
    """
    meeting = meeting_or_404(request, slug)
    version = published_version(meeting)
    number = version.number if version else 0
    response = HttpResponse(
        f"retry: {RETRY_MS}\nid: {number}\nevent: programme\ndata: {number}\n\n",
        content_type="text/event-stream; charset=utf-8",
    )
    is_public = meeting.access == AccessLevel.PUBLIC and not request.user.is_authenticated
    response["Cache-Control"] = SHARED_CACHE_CONTROL if is_public else "private, no-store"
    return response
