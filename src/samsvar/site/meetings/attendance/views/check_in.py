"""Check-in views for organisers and helpers: name search, QR codes, walk-ins and offline devices."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from importlib import resources
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from samsvar.meetings.registration import RegistrationStatus
from samsvar.network.rights import Claim
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.actions import check_in as actions
from samsvar.site.meetings.attendance.actions import walk_ins
from samsvar.site.meetings.attendance.forms import WalkInForm
from samsvar.site.meetings.attendance.queries import check_in as queries
from samsvar.site.meetings.meeting.permissions import can_manage, can_perform_duty
from samsvar.site.meetings.meeting.queries.meetings import find_meeting
from samsvar.site.meetings.meeting.view_helpers import managed_meeting_or_404
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.form_pages import form_page, page_with_form, post_action
from samsvar.site.shell.headers import BROWSER_FEATURES
from samsvar.site.shell.limits import rate_limited
from samsvar.site.shell.view_permissions import requires
from samsvar.text import remove_invalid_xml_characters

MAX_ENTRIES_PER_MERGE = 2_000  # a check-in desk for 120 people records fewer entries in three days
CAMERA_POLICY = ", ".join(f"{name}=({value})" for name, value in (BROWSER_FEATURES | {"camera": "self"}).items())


def _meeting_for_check_in(request: HttpRequest, slug: str) -> models.Meeting:
    """Return the meeting at which the user may check people in, or raise Http404 or PermissionDenied.

    Helpers may have no access to anything else in the meeting.
    """
    meeting = models.Meeting.objects.select_related("inside", "network").filter(public_id=slug).first()
    if meeting is None or not can_perform_duty(request.user, meeting, models.Duty.Kind.DOOR):
        if find_meeting(request.user, slug) is None:
            raise Http404
        raise PermissionDenied
    return meeting


@requires(Claim.MANAGE_MEETING)
@require_safe
def attendance_overview(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the organiser's overview of attendance, with links to check-in, badges and letters."""
    meeting = managed_meeting_or_404(request, slug)
    context = {"meeting": meeting, "arrivals": queries.count_arrivals(meeting)}
    return render(request, "meetings/attendance/on_site.html", context)


@requires(Claim.OWN_ACCOUNT)
@require_safe
def check_in(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the check-in page, which works without JavaScript and, with JavaScript, also offline."""
    meeting = _meeting_for_check_in(request, slug)
    query = request.GET.get("q", "").strip()
    is_cached_page = "kept" in request.GET  # the version of the page that a device caches, without names
    context = {
        "meeting": meeting,
        "arrivals": queries.count_arrivals(meeting),
        "asked": query,
        "found": queries.search_guests(request.user, meeting, query) if query else [],
        "to_look_at": [] if is_cached_page else queries.unconfirmed_arrivals(request.user, meeting),
        "twice": [] if is_cached_page else queries.possible_duplicates(request.user, meeting),
        "nameless": [] if is_cached_page else queries.nameless_walk_ins(meeting),
        "stranger": WalkInForm(meeting=meeting, on_a_device=True, auto_id="door-%s"),
        "latest": [] if is_cached_page else queries.recent_check_ins(meeting, request.user),
        "manages": can_manage(request.user, meeting),
    }
    response = render(request, "meetings/attendance/check_in.html", context)
    response["Permissions-Policy"] = CAMERA_POLICY  # the only page of the site that may use the camera
    return response


@requires(Claim.OWN_ACCOUNT)
@require_POST
def check_in_participant(request: HttpRequest, slug: str) -> HttpResponse:
    """Check in a participant, identified by the registration's public ID or by the content of a badge's QR code."""
    meeting = _meeting_for_check_in(request, slug)
    if "ticket" in request.POST:
        registration = queries.find_registration_by_ticket(meeting, request.POST["ticket"])
        not_found = _("This ticket is not for this meeting. No one was checked in.")
    else:
        registration = queries.find_registration(meeting, request.POST.get("registration", ""))
        not_found = _("This person is no longer on the list. No one was checked in.")
    if registration is None:
        messages.error(request, not_found)
        return redirect("meetings:check-in", slug)

    def success_message(_check_in: models.CheckIn) -> str:
        guest = queries.list_guests(request.user, [registration], subject=f"check-in {meeting.public_id}")
        name = guest[0].name if guest else ""
        return _("%(name)s has been checked in.") % {"name": name or _("Unnamed person")}

    return post_action(
        request,
        lambda: actions.check_in(by=current_account(request), registration=registration),
        success=success_message,
        redirect_to=reverse("meetings:check-in", args=[slug]),
    )


@requires(Claim.OWN_ACCOUNT)
@page_with_form
def register_walk_in(request: HttpRequest, slug: str) -> HttpResponse:
    """Register a walk-in and check them in if a place is free."""
    meeting = _meeting_for_check_in(request, slug)
    form = WalkInForm(request.POST or None, meeting=meeting)

    def show_result(registration: models.Registration) -> HttpResponse:
        status = RegistrationStatus(registration.status)
        default = _("The status of this person’s registration does not allow check-in. They have not been checked in.")
        texts = {
            RegistrationStatus.CONFIRMED: _("This person has a place and has been checked in."),
            RegistrationStatus.ASKED: _(
                "A place is being held until the organiser decides. This person has not been checked in."
            ),
            RegistrationStatus.WAITING: _(
                "There are no places left. This person is on the waiting list and has not been checked in."
            ),
        }
        level = messages.SUCCESS if status is RegistrationStatus.CONFIRMED else messages.ERROR
        messages.add_message(request, level, texts.get(status, default))
        return redirect("meetings:check-in", slug)

    return form_page(
        request,
        form,
        action=lambda: walk_ins.register_walk_in(
            by=current_account(request),
            meeting=meeting,
            data=object_or_404(form.get_walk_in_data()),  # a valid form always has a name
        ),
        redirect_to=show_result,
        template="meetings/attendance/walk_in.html",
        context=lambda: {"meeting": meeting, "manages": can_manage(request.user, meeting)},
    )


@requires(Claim.MANAGE_MEETING)
@require_POST
def resolve_walk_in(request: HttpRequest, slug: str) -> HttpResponse:
    """Merge a walk-in into the registration in the request; if there is none, mark the walk-in as checked."""
    meeting = managed_meeting_or_404(request, slug)
    by, check_in = current_account(request), _find_posted_check_in(request, meeting)
    registration = queries.find_registration(meeting, request.POST.get("registration", ""))
    if check_in is None or (registration is None and request.POST.get("registration")):
        messages.error(request, _("The situation has changed since you opened the page. Nothing was saved."))
    elif registration is None:
        walk_ins.mark_walk_in_as_checked(by=by, check_in=check_in)
        messages.success(request, _("Marked as checked."))
    else:
        return post_action(
            request,
            lambda: walk_ins.merge_walk_in(by=by, check_in=check_in, registration=registration),
            success=_("Recorded as the same person."),
            redirect_to=reverse("meetings:check-in", args=[slug]),
        )
    return redirect("meetings:check-in", slug)


@requires(Claim.OWN_ACCOUNT)
@require_POST
def undo_check_in(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = _meeting_for_check_in(request, slug)
    check_in = _find_posted_check_in(request, meeting)
    if check_in is None:
        messages.error(request, _("This check-in does not exist. Nothing was changed."))
    else:
        actions.undo_check_in(by=current_account(request), check_in=check_in)
        messages.success(request, _("Check-in undone."))
    return redirect("meetings:check-in", slug)


@requires(Claim.OWN_ACCOUNT)
@rate_limited("directory")
@require_safe
def offline_guest_list(request: HttpRequest, slug: str) -> HttpResponse:
    return JsonResponse(queries.offline_guest_list(request.user, _meeting_for_check_in(request, slug)))


@requires(Claim.OWN_ACCOUNT)
@require_POST
def merge_check_ins(request: HttpRequest, slug: str) -> HttpResponse:
    """Save the entries of an offline device and return the result for each of them.

    The body is `{"device", "sent", "seen": [{"id", "registration", "at"}]}`. A walk-in has `walk_in` instead of
    `registration`: the fields of `WalkInForm`, or null if the device was no longer allowed to keep the name.
    """
    meeting = _meeting_for_check_in(request, slug)
    try:
        entries = _parse_entries(request.body, meeting)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return JsonResponse({"error": _("This is not a list of check-ins. Nothing was saved.")}, status=400)
    results = actions.merge_offline_check_ins(by=current_account(request), meeting=meeting, **entries)
    arrivals = queries.count_arrivals(meeting)
    answers = {str(key): result.value for key, result in results.items()}
    return JsonResponse({"answers": answers, "came": arrivals.came, "expected": arrivals.expected})


@requires(Claim.OWN_ACCOUNT)
@require_safe
def service_worker(request: HttpRequest, slug: str) -> HttpResponse:
    """Serve the service worker from a path below the check-in page, which limits its scope to that page."""
    _meeting_for_check_in(request, slug)
    text = resources.files("samsvar.site.shell").joinpath("static/samsvar/check-in-worker.js").read_text("utf-8")
    return HttpResponse(text, content_type="text/javascript; charset=utf-8")


def _parse_entries(body: bytes, meeting: models.Meeting) -> dict[str, Any]:
    """Return the keyword arguments for `merge_offline_check_ins`."""
    data = json.loads(body)
    entries = data["seen"]
    if not isinstance(entries, list) or len(entries) > MAX_ENTRIES_PER_MERGE:
        raise ValueError("too many entries at once")
    return {
        "device": remove_invalid_xml_characters(str(data.get("device", "")))[:40],
        "sent": _parse_moment(data["sent"]),
        "check_ins": [
            actions.OfflineCheckIn(uuid.UUID(one["id"]), _to_public_id(one["registration"]), _parse_moment(one["at"]))
            for one in entries
            if "walk_in" not in one
        ],
        "walk_ins": [
            walk_ins.OfflineWalkIn(
                uuid.UUID(one["id"]), _parse_moment(one["at"]), _parse_walk_in(one["walk_in"], meeting)
            )
            for one in entries
            if "walk_in" in one
        ],
    }


def _parse_walk_in(data: Any, meeting: models.Meeting) -> walk_ins.WalkInData | None:
    if not isinstance(data, dict):
        return None
    texts = {key: remove_invalid_xml_characters(text) for key, text in data.items() if isinstance(text, str)}
    return WalkInForm({**data, **texts}, meeting=meeting, on_a_device=True).get_walk_in_data()


def _to_public_id(value: Any) -> str:
    """Return the text, or "" if it cannot be a public ID, so that the entry is reported as unknown."""
    return value[:16] if isinstance(value, str) and value.isascii() and value.isalnum() else ""


def _parse_moment(value: Any) -> datetime:
    """Return the moment in UTC; a device whose clock is in year 1 or 9999 must be able to send what it holds."""
    moment = parse_datetime(value)
    if moment is None or timezone.is_naive(moment):
        raise ValueError("not a date and time with a time zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC) if moment.year == 1 else datetime.max.replace(tzinfo=UTC)


def _find_posted_check_in(request: HttpRequest, meeting: models.Meeting) -> models.CheckIn | None:
    """Return the meeting's check-in whose ID is in the request; None if there is none or the ID is not a UUID."""
    try:
        pk = uuid.UUID(request.POST.get("check_in", ""))
    except ValueError:
        return None
    return meeting.check_ins.filter(pk=pk).first()
