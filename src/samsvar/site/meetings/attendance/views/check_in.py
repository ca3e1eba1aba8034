"""The door: names to search, QR codes to read, devices that were away; for the organiser and helpers at the door."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from importlib import resources
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from samsvar.errors import SamsvarError
from samsvar.meetings.registration import Standing
from samsvar.network.rights import Claim
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.actions import check_in as actions
from samsvar.site.meetings.attendance.actions import walk_ins
from samsvar.site.meetings.attendance.forms import WalkInForm
from samsvar.site.meetings.attendance.queries import check_in as queries
from samsvar.site.meetings.meeting import labels as words
from samsvar.site.meetings.meeting.permissions import can_help, can_manage
from samsvar.site.meetings.meeting.queries.meetings import find
from samsvar.site.meetings.meeting.view_helpers import managed_or_404, tried
from samsvar.site.network.view_helpers import account_of, site_of, status_of, tell_trouble
from samsvar.site.shell.headers import POWERS
from samsvar.site.shell.limits import limited
from samsvar.site.shell.view_permissions import door

MOST_AT_ONCE = 2_000  # sightings in one merge; a door of 120 people has fewer in three days
CAMERA = ", ".join(f"{power}=({'self' if power == 'camera' else who})" for power, who in POWERS.items())


def _door_of(request: HttpRequest, slug: str) -> models.Meeting:
    """The meeting at whose door this user stands; a helper needs to know of no more of it than its door."""
    meeting = models.Meeting.objects.select_related("inside", "network").filter(public_id=slug).first()
    if meeting is None or not can_help(request.user, meeting, models.Duty.Kind.DOOR):
        if find(request.user, slug) is None:
            raise Http404
        raise PermissionDenied
    return meeting


@door(Claim.MANAGE_MEETING)
@require_safe
def manage_day(request: HttpRequest, slug: str) -> HttpResponse:
    """The organiser's page of the days: who has come, and the ways to the door, to badges and to letters."""
    meeting = managed_or_404(request, slug)
    return render(request, "meetings/day_manage.html", {"meeting": meeting, "arrivals": queries.arrivals(meeting)})


@door(Claim.OWN_ACCOUNT)
@require_safe
def check_in(request: HttpRequest, slug: str) -> HttpResponse:
    """The door's page: works without script and, with it, without a connection."""
    meeting = _door_of(request, slug)
    asked = request.GET.get("q", "").strip()
    kept = "kept" in request.GET  # the page that a device keeps: no name stands on it
    context = {
        "meeting": meeting,
        "arrivals": queries.arrivals(meeting),
        "asked": asked,
        "found": queries.search_guests(request.user, meeting, asked) if asked else [],
        "to_look_at": [] if kept else queries.to_look_at(request.user, meeting),
        "twice": [] if kept else queries.entered_twice(request.user, meeting),
        "nameless": [] if kept else queries.nameless(meeting),
        "stranger": WalkInForm(meeting=meeting, on_a_device=True, auto_id="door-%s"),
        "latest": [] if kept else queries.latest(meeting, request.user),
        "manages": can_manage(request.user, meeting),
    }
    response = render(request, "meetings/day_check_in.html", context)
    response["Permissions-Policy"] = CAMERA  # the one page of ours that looks through a camera
    return response


@door(Claim.OWN_ACCOUNT)
@require_POST
def check_somebody_in(request: HttpRequest, slug: str) -> HttpResponse:
    """By the number of a registration, from the list, or by what stands in the QR code of a badge."""
    meeting = _door_of(request, slug)
    if "ticket" in request.POST:
        found = queries.guest_with_ticket(meeting, request.POST["ticket"])
        unknown = _("This ticket is none of this meeting’s. Nobody was checked in.")
    else:
        found = queries.registration_of(meeting, request.POST.get("registration", ""))
        unknown = _("This person is not on the list any more. Nobody was checked in.")
    if found is None:
        messages.error(request, unknown)
        return redirect("meetings:check-in", slug)
    try:
        actions.check_in(by=account_of(request), registration=found)
    except SamsvarError as refusal:
        tell_trouble(request, words.trouble(refusal))
    else:
        guest = queries.guests(request.user, [found], subject=f"check-in {meeting.public_id}")
        name = guest[0].name if guest else ""
        messages.success(request, _("%(name)s is checked in.") % {"name": name or _("Somebody without a name")})
    return redirect("meetings:check-in", slug)


@door(Claim.OWN_ACCOUNT)
@require_http_methods(["GET", "HEAD", "POST"])
def walk_in(request: HttpRequest, slug: str) -> HttpResponse:
    """Somebody without a registration gets a place on the spot, where one is free."""
    meeting = _door_of(request, slug)
    form = WalkInForm(request.POST or None, meeting=meeting)
    refusal = None
    if request.method == "POST" and form.is_valid():
        said = form.stranger()
        assert said is not None  # a form without a name is not valid
        try:
            found = walk_ins.walk_in(by=account_of(request), meeting=meeting, site=site_of(request), said=said)
        except SamsvarError as error:
            refusal = words.trouble(error)
        else:
            match found.standing:
                case Standing.CONFIRMED:
                    messages.success(request, _("This person has a place and is checked in."))
                case Standing.ASKED:
                    messages.error(
                        request, _("A place is held until the organiser has decided; this person is not checked in.")
                    )
                case Standing.WAITING:
                    messages.error(
                        request, _("No place is free: this person is on the waiting list, and not checked in.")
                    )
                case _:
                    messages.error(request, _("This person is registered otherwise, and not checked in."))
            return redirect("meetings:check-in", slug)
    context = {"meeting": meeting, "form": form, "refusal": refusal, "manages": can_manage(request.user, meeting)}
    return render(request, "meetings/day_walk_in.html", context, status=status_of(form, refusal))


@door(Claim.MANAGE_MEETING)
@require_POST
def look(request: HttpRequest, slug: str) -> HttpResponse:
    """A walk-in is somebody who is registered, named in `registration`; or stays as they are, where none is named."""
    meeting = managed_or_404(request, slug)
    by, found = account_of(request), meeting.check_ins.filter(pk=_uuid(request.POST.get("check_in"))).first()
    other = queries.registration_of(meeting, request.POST.get("registration", ""))
    if found is None or (other is None and request.POST.get("registration")):
        messages.error(request, _("This stands otherwise by now. Nothing was changed."))
    elif other is None:
        walk_ins.leave_as_it_is(by=by, check_in=found)
        messages.success(request, _("Left as it is."))
    else:
        _done, refusal = tried(
            walk_ins.same_person, by=by, check_in=found, registration=other, site=site_of(request)
        )  # fmt: skip
        if refusal is None:
            messages.success(request, _("Counted as one person."))
        else:
            tell_trouble(request, refusal)
    return redirect("meetings:check-in", slug)


@door(Claim.OWN_ACCOUNT)
@require_POST
def undo(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = _door_of(request, slug)
    found = meeting.check_ins.filter(pk=_uuid(request.POST.get("check_in"))).first()
    if found is None:
        messages.error(request, _("There is no such check-in. Nothing was changed."))
    else:
        actions.undo_check_in(by=account_of(request), check_in=found)
        messages.success(request, _("The check-in is taken back."))
    return redirect("meetings:check-in", slug)


@door(Claim.OWN_ACCOUNT)
@limited("directory")
@require_safe
def people_for_a_device(request: HttpRequest, slug: str) -> HttpResponse:
    return JsonResponse(queries.for_a_device(request.user, _door_of(request, slug)))


@door(Claim.OWN_ACCOUNT)
@require_POST
def merge(request: HttpRequest, slug: str) -> HttpResponse:
    """What a device saw: `{"device", "sent", "seen": [{"id", "registration", "at"}]}`. Each is answered for.

    A walk-in has `walk_in` in place of `registration`: what `WalkInForm` asks, or null where its time was over.
    """
    meeting = _door_of(request, slug)
    try:
        device, sent, seen, strangers = _read(request.body, meeting)
    except (ValueError, TypeError, KeyError, AttributeError):
        return JsonResponse({"error": _("This is no list of check-ins. Nothing was stored.")}, status=400)
    answers = actions.merge_sightings(
        by=account_of(request), meeting=meeting, device=device, sent=sent, sightings=seen, strangers=strangers,
        site=site_of(request),
    )  # fmt: skip
    now = queries.arrivals(meeting)
    return JsonResponse(
        {
            "answers": {str(key): met.value for key, met in answers.items()},
            "came": now.came,
            "expected": now.expected,
        }
    )


@door(Claim.OWN_ACCOUNT)
@require_safe
def worker(request: HttpRequest, slug: str) -> HttpResponse:
    """The service worker, served from below the door's page so that it reaches nothing else."""
    _door_of(request, slug)
    text = resources.files("samsvar.site.shell").joinpath("static/samsvar/check-in-worker.js").read_text("utf-8")
    return HttpResponse(text, content_type="text/javascript; charset=utf-8")


def _read(body: bytes, meeting: models.Meeting) -> tuple[str, datetime, list[actions.Sighting], list[walk_ins.WalkIn]]:
    said = json.loads(body)
    seen = said["seen"]
    if not isinstance(seen, list) or len(seen) > MOST_AT_ONCE:
        raise ValueError("too many at once")
    return (
        str(said.get("device", ""))[:40],
        _moment(said["sent"]),
        [
            actions.Sighting(uuid.UUID(one["id"]), str(one["registration"])[:16], _moment(one["at"]))
            for one in seen
            if "walk_in" not in one
        ],
        [
            walk_ins.WalkIn(uuid.UUID(one["id"]), _moment(one["at"]), _stranger(one["walk_in"], meeting))
            for one in seen
            if "walk_in" in one
        ],
    )


def _stranger(told: Any, meeting: models.Meeting) -> walk_ins.Stranger | None:
    if not isinstance(told, dict):
        return None
    return WalkInForm(told, meeting=meeting, on_a_device=True).stranger()


def _moment(said: Any) -> datetime:
    found = parse_datetime(said)
    if found is None or timezone.is_naive(found):
        raise ValueError("not a moment")
    return found


def _uuid(said: str | None) -> uuid.UUID:
    """A number as it was sent; one that nothing has where none was."""
    try:
        return uuid.UUID(said or "")
    except ValueError:
        return uuid.UUID(int=0)
