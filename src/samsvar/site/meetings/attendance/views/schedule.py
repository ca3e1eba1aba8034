"""One's own schedule, what is on now, and a calendar of one's own."""

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

from samsvar.errors import SamsvarError
from samsvar.interchange.calendars import calendar
from samsvar.meetings.meeting import Access
from samsvar.meetings.programme import SessionKind
from samsvar.network.rights import Claim
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.actions import schedule as actions
from samsvar.site.meetings.attendance.queries import schedule as queries
from samsvar.site.meetings.meeting import labels as words
from samsvar.site.meetings.meeting.permissions import LinkHolder
from samsvar.site.meetings.meeting.view_helpers import meeting_or_404
from samsvar.site.meetings.programme.queries.published import published, session_address
from samsvar.site.network.view_helpers import or_404, tell_trouble
from samsvar.site.shell.cache import MARK
from samsvar.site.shell.view_permissions import by_link_too, door, open_to_all

RETRY = 10_000  # milliseconds until a browser asks for news again


# --- One's own schedule -----------------------------------------------------------------------------------------------


@door(Claim.OWN_ACCOUNT)
@by_link_too
@require_safe
def my_schedule(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = meeting_or_404(request, slug)
    return _page(request, meeting, queries.owner_of(request.user, meeting))


@open_to_all
@require_safe
def schedule_by_link(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """The schedule of somebody without an account, by the link that their letter has."""
    meeting, owner = _by_link(slug, token)
    return _page(request, meeting, owner)


@door(Claim.OWN_ACCOUNT)
@by_link_too
@require_POST
def choose(request: HttpRequest, slug: str, verb: str) -> HttpResponse:
    meeting = meeting_or_404(request, slug)
    return _chosen(request, meeting, queries.owner_of(request.user, meeting), verb)


@open_to_all
@require_POST
def choose_by_link(request: HttpRequest, slug: str, token: str, verb: str) -> HttpResponse:
    meeting, owner = _by_link(slug, token)
    return _chosen(request, meeting, owner, verb)


VERBS: dict[str, Callable[..., Any]] = {
    "choose": actions.choose,
    "let-go": actions.let_go,
    "sign-up": actions.sign_up,
}


def _by_link(slug: str, token: str) -> tuple[models.Meeting, queries.Owner]:
    """A link of one's own opens the meeting too, whoever else may know of it."""
    meeting = or_404(models.Meeting.objects.filter(public_id=slug).first())
    return meeting, or_404(queries.owner_with(meeting, token))


def _page(request: HttpRequest, meeting: models.Meeting, owner: queries.Owner) -> HttpResponse:
    if owner.account is None and owner.registration is None:
        raise Http404  # by a link whose place is not confirmed
    context = {
        "meeting": meeting,
        "owner": owner,
        "page": queries.schedule(request.user, owner, meeting, get_language() or "en"),
        "has_calendar": queries.has_calendar(owner, meeting),
    }
    return render(request, "meetings/day_schedule.html", context)


def _chosen(request: HttpRequest, meeting: models.Meeting, owner: queries.Owner, verb: str) -> HttpResponse:
    act = or_404(VERBS.get(verb))
    if owner.account is None and owner.registration is None:
        raise Http404
    session = or_404(queries.session_to_choose(request.user, meeting, request.POST.get("session", "")))
    try:
        act(owner=owner, session=session)
    except SamsvarError as refusal:
        tell_trouble(request, words.trouble(refusal))
    return redirect(_schedule_of(owner, meeting))


# --- A calendar of one's own ------------------------------------------------------------------------------------------


@door(Claim.OWN_ACCOUNT)
@by_link_too
@require_POST
def make_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = meeting_or_404(request, slug)
    return _calendar(request, meeting, queries.owner_of(request.user, meeting))


@open_to_all
@require_POST
def make_calendar_by_link(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    meeting, owner = _by_link(slug, token)
    return _calendar(request, meeting, owner)


def _calendar(request: HttpRequest, meeting: models.Meeting, owner: queries.Owner) -> HttpResponse:
    """The address is shown once, on the page that answers: nothing keeps it but the calendar it is put into."""
    if owner.account is None and owner.registration is None:
        raise Http404
    if "end" in request.POST:
        actions.end_calendar(owner=owner, meeting=meeting)
        messages.success(request, _("The address of your calendar opens nothing any more."))
        return redirect(_schedule_of(owner, meeting))
    token = actions.make_calendar(owner=owner, meeting=meeting)
    address = request.build_absolute_uri(reverse("meetings:my-calendar", args=[meeting.public_id, token]))
    context = {"meeting": meeting, "address": address, "schedule": _schedule_of(owner, meeting)}
    response = render(request, "meetings/day_calendar.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


def _schedule_of(owner: queries.Owner, meeting: models.Meeting) -> str:
    """Where somebody's schedule is: by the link that they came by, if they did."""
    if owner.token:
        return reverse("meetings:schedule-by-link", args=[meeting.public_id, owner.token])
    return reverse("meetings:my-schedule", args=[meeting.public_id])


@open_to_all
@require_safe
def my_calendar(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    meeting = or_404(models.Meeting.objects.filter(public_id=slug).first())
    link = or_404(queries.calendar_with(meeting, token))
    language = get_language() or "en"
    address = request.build_absolute_uri(reverse("meetings:meeting", args=[slug]))
    own = or_404(queries.own_calendar(link, address, language))
    links = {
        one.key: request.build_absolute_uri(session_address(meeting, one.key))
        for one in own.sessions
        if one.kind != SessionKind.ONE_TO_ONE
    }
    body = calendar(own.programme, own.sessions, language=language, at=timezone.now(), links=links)
    return HttpResponse(body, content_type="text/calendar; charset=utf-8")


# --- Now and next -----------------------------------------------------------------------------------------------------


@open_to_all
@require_safe
def now(request: HttpRequest, slug: str) -> HttpResponse:
    """What is on and what comes next; without script one loads it anew."""
    meeting = meeting_or_404(request, slug)
    page = queries.now_and_next(request.user, meeting, timezone.now())
    response = render(request, "meetings/day_now.html", {"meeting": meeting, "page": page})
    if "Cache-Control" not in response:
        personal = request.user.is_authenticated or isinstance(request.user, LinkHolder)
        response["Cache-Control"] = (
            "private, no-store" if personal else "no-cache"
        )  # it changes with the clock, which the kept pages do not know
    return response


@open_to_all
@require_safe
def events(request: HttpRequest, slug: str) -> HttpResponse:
    """The number of the programme that holds, as an event. It ends at once; the browser asks again (decision 0016)."""
    meeting = meeting_or_404(request, slug)
    version = published(meeting)
    number = version.number if version else 0
    response = HttpResponse(
        f"retry: {RETRY}\nid: {number}\nevent: programme\ndata: {number}\n\n",
        content_type="text/event-stream; charset=utf-8",
    )
    everybodys = meeting.access == Access.PUBLIC and not request.user.is_authenticated
    response["Cache-Control"] = MARK if everybodys else "private, no-store"
    return response
