"""Pages on which organisers edit and publish the programme."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from samsvar.languages import INTERFACE
from samsvar.network.rights import Claim
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.labels import Trouble
from samsvar.site.meetings.meeting.view_helpers import managed_or_404, tried
from samsvar.site.meetings.programme.actions import (
    people as actions_people,
)
from samsvar.site.meetings.programme.actions import (
    places as actions_places,
)
from samsvar.site.meetings.programme.actions import (
    publishing,
)
from samsvar.site.meetings.programme.actions import (
    sessions as actions,
)
from samsvar.site.meetings.programme.actions import speakers as speaking
from samsvar.site.meetings.programme.forms import programme as forms
from samsvar.site.meetings.programme.queries import availability as queries_availability
from samsvar.site.meetings.programme.queries import draft as queries
from samsvar.site.meetings.programme.queries import speakers as speakers_asked
from samsvar.site.network.view_helpers import account_of, or_404, site_of, status_of, tell_trouble
from samsvar.site.shell.view_permissions import door

page_with_form = require_http_methods(["GET", "HEAD", "POST"])


# --- In work ----------------------------------------------------------------------------------------------------------


@door(Claim.MANAGE_MEETING)
@require_safe
def manage_programme(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    return render(
        request, "meetings/programme_manage.html", {"meeting": meeting, "work": queries.work(request.user, meeting)}
    )


@door(Claim.MANAGE_MEETING)
@require_safe
def manage_grid(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    work = queries.work(request.user, meeting)
    context = {"meeting": meeting, "work": work, "grids": queries.grids(work)}
    return render(request, "meetings/programme_grid.html", context)


@door(Claim.MANAGE_MEETING)
@page_with_form
def new_session(request: HttpRequest, slug: str) -> HttpResponse:
    return _session(request, managed_or_404(request, slug), None)


@door(Claim.MANAGE_MEETING)
@page_with_form
def edit_session(request: HttpRequest, slug: str, session: str) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    return _session(request, meeting, or_404(queries.session_in_work(meeting, session)))


def _session(request: HttpRequest, meeting: models.Meeting, row: models.Session | None) -> HttpResponse:
    initial = forms.SessionForm.initial_of(row) if row else {"starts": request.GET.get("starts") or None}
    form = forms.SessionForm(meeting, request.POST or None, initial=initial)
    refusal = None
    if request.method == "POST" and form.is_valid():
        saved, refusal = tried(
            actions.save_session, by=account_of(request), meeting=meeting, session=row, **form.values()
        )
        if saved:
            _say(request, meeting, saved, _("The session is stored."))
            return redirect("meetings:edit-session", meeting.public_id, saved.public_id)
    context: dict[str, Any] = {"meeting": meeting, "session": row, "form": form, "refusal": refusal}
    if row:
        work = queries.work(request.user, meeting)
        context["line"] = next(
            line for _day, lines in work.days for line in lines if line.row.public_id == row.public_id
        )
    return render(request, "meetings/programme_edit.html", context, status=status_of(form, refusal))


@door(Claim.MANAGE_MEETING)
@page_with_form
def move_session(request: HttpRequest, slug: str, session: str) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    row = or_404(queries.session_in_work(meeting, session))
    lasts = (row.ends - row.starts) // timedelta(minutes=1) if row.starts and row.ends else None
    initial = {"starts": row.starts, "room": row.room, "minutes": lasts}
    form = forms.MoveForm(meeting, request.POST or None, initial=initial)
    refusal = None
    if request.method == "POST" and form.is_valid():
        moved, refusal = tried(actions.move_session, by=account_of(request), session=row, **form.cleaned_data)
        if moved:
            _say(request, meeting, moved, _("The session is moved."))
            return redirect("meetings:manage-programme", slug)
    context = {"meeting": meeting, "session": row, "form": form, "refusal": refusal}
    return render(request, "meetings/programme_move.html", context, status=status_of(form, refusal))


@door(Claim.MANAGE_MEETING)
@require_POST
def copy_session(request: HttpRequest, slug: str, session: str) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    row = or_404(queries.session_in_work(meeting, session))
    copied = actions.copy_session(by=account_of(request), session=row)
    messages.success(request, _("This is the copy. It is a draft and has no time yet."))
    return redirect("meetings:edit-session", slug, copied.public_id)


@door(Claim.MANAGE_MEETING)
@require_POST
def cancel_session(request: HttpRequest, slug: str, session: str) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    row = or_404(queries.session_in_work(meeting, session))
    held = "held" in request.POST
    actions.cancel_session(by=account_of(request), session=row, held=held)
    said = (
        _("The session is held.") if held else _("The session is cancelled. Readers learn of it with the next version.")
    )
    messages.success(request, said)
    return redirect("meetings:edit-session", slug, session)


@door(Claim.MANAGE_MEETING)
@require_POST
def remove_session(request: HttpRequest, slug: str, session: str) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    row = or_404(queries.session_in_work(meeting, session))
    _gone, refusal = tried(actions.remove_session, by=account_of(request), session=row)
    if refusal:
        tell_trouble(request, refusal)
        return redirect("meetings:edit-session", slug, session)
    messages.success(request, _("The session is removed."))
    return redirect("meetings:manage-programme", slug)


@door(Claim.MANAGE_MEETING)
@page_with_form
def session_people(request: HttpRequest, slug: str, session: str) -> HttpResponse:
    """Who appears in a session: found by name, asked by letter, named from a source, or without a name; or no more."""
    meeting = managed_or_404(request, slug)
    row = or_404(queries.session_in_work(meeting, session))
    what = request.POST.get("what", "")
    made = {
        "expert": forms.ExpertForm(
            meeting,
            request.POST if what == "expert" else None,
            prefix="expert",
            initial={"letters": next((one for one in meeting.languages if one in INTERFACE), "en")},
        ),
        "person": forms.PartForm(request.POST if what == "person" else None, prefix="person"),
        "office": forms.OfficeHolderForm(request.POST if what == "office" else None, prefix="office"),
        "unnamed": forms.UnnamedForm(request.POST if what == "unnamed" else None, prefix="unnamed"),
    }
    form = made.get(what)
    refusal: Trouble | None = None
    if request.method == "POST" and what in {"remove", "ask"}:
        number = request.POST.get("appearance", "")
        found = or_404(row.appearances.filter(pk=number).first() if number.isdecimal() else None)
        if what == "remove":
            speaking.take_out(by=account_of(request), appearance=found)
            messages.success(request, _("They are taken out of the session."))
            return redirect("meetings:session-people", slug, session)
        link = or_404(speakers_asked.link_of(found))
        asked_again, refusal = tried(speaking.ask_again, by=account_of(request), link=link, site=site_of(request))
        if asked_again:
            messages.success(request, _("They are asked again by a letter."))
            return redirect("meetings:session-people", slug, session)
    if request.method == "POST" and form is not None and form.is_valid():
        values = form.values() if isinstance(form, forms.ExpertForm) else form.cleaned_data
        added, refusal = _added(request, meeting, row, what, values)
        if added:
            _say(request, meeting, row, _("They are in the session."))
            return redirect("meetings:session-people", slug, session)
    asked = request.GET.get("q", "")
    context = {
        "meeting": meeting,
        "session": row,
        "people": list(queries.names_for(request.user, meeting, [row]).values()),
        "asked": asked,
        "found": queries.find_people(request.user, meeting, asked),
        "expert_form": made["expert"],
        "part_form": made["person"],
        "office_form": made["office"],
        "unnamed_form": made["unnamed"],
        "refusal": refusal,
    }
    status = status_of(form, refusal)
    return render(request, "meetings/programme_people.html", context, status=status)


def _added(
    request: HttpRequest, meeting: models.Meeting, row: models.Session, what: str, values: dict[str, Any]
) -> tuple[Any, Trouble | None]:
    by = account_of(request)
    if what == "person":
        person, name = or_404(queries.person_found(request.user, meeting, request.POST.get("person", "")))
        return tried(actions_people.add_person, by=by, session=row, person=person, name=name, **values)
    if what == "expert":
        return tried(speaking.put_in, by=by, session=row, site=site_of(request), **values)
    state = values.pop("state")
    values["state"] = state.pk if state else ""
    action = actions_people.add_office_holder if what == "office" else actions_people.add_unnamed
    return tried(action, by=by, session=row, **values)


@door(Claim.MANAGE_MEETING)
@page_with_form
def manage_places(request: HttpRequest, slug: str) -> HttpResponse:
    """Rooms and tracks: new ones, and those that are there under another name, in another colour or place."""
    meeting = managed_or_404(request, slug)
    what, key = request.POST.get("what", ""), request.POST.get("key", "")
    place: Any = None
    if what in {"room", "track"} and key:
        rows: Any = meeting.rooms if what == "room" else meeting.tracks
        place = or_404(rows.filter(key=key).first())
    if place is not None and "move" in request.POST:
        actions_places.move_place(by=account_of(request), place=place, up=request.POST["move"] == "up")
        return redirect("meetings:manage-places", slug)
    sent, new = (request.POST or None), place is None
    room_form = forms.RoomForm(sent if what == "room" and new else None, prefix="room")
    track_form = forms.TrackForm(meeting, sent if what == "track" and new else None, prefix="track")
    rooms = [(one, _room_form(one, sent if place == one else None)) for one in meeting.rooms.all()]
    tracks = [(one, _track_form(meeting, one, sent if place == one else None)) for one in meeting.tracks.all()]
    own: dict[Any, Any] = dict([*rooms, *tracks])
    form: Any = {"room": room_form, "track": track_form}.get(what) if new else own[place]
    refusal: Trouble | None = None
    if request.method == "POST" and form is not None and form.is_valid():
        by = account_of(request)
        if what == "room":
            done, refusal = tried(actions_places.save_room, by=by, meeting=meeting, room=place, **form.cleaned_data)
        else:
            done, refusal = tried(actions_places.save_track, by=by, meeting=meeting, track=place, **form.values())
        if done:
            messages.success(request, _("That is stored."))
            return redirect("meetings:manage-places", slug)
    context = {
        "meeting": meeting,
        "rooms": rooms,
        "tracks": tracks,
        "held": queries.sessions_in_places(meeting),
        "room_form": room_form,
        "track_form": track_form,
        "refusal": refusal,
    }
    status = status_of(form, refusal)
    return render(request, "meetings/programme_places.html", context, status=status)


def _room_form(room: models.Room, sent: Any) -> forms.RoomForm:
    initial = {"name": room.name, "capacity": room.capacity}
    return forms.RoomForm(sent, prefix="room", auto_id=f"room-{room.key}-%s", initial=initial)


def _track_form(meeting: models.Meeting, track: models.Track, sent: Any) -> forms.TrackForm:
    initial = forms.TrackForm.initial_of(track)
    return forms.TrackForm(meeting, sent, prefix="track", auto_id=f"track-{track.key}-%s", initial=initial)


@door(Claim.MANAGE_MEETING)
@require_POST
def remove_place(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    rows: Any = meeting.rooms if request.POST.get("what") == "room" else meeting.tracks
    place = rows.filter(key=request.POST.get("key", "")).first()
    if place is not None:  # somebody else removed it meanwhile: it is gone either way
        _gone, refusal = tried(
            actions_places.remove_place, by=account_of(request), place=place, sessions_to=_sessions_to(request.POST)
        )
        if refusal:
            tell_trouble(request, refusal)
            return redirect("meetings:manage-places", slug)
    messages.success(request, _("That is removed."))
    return redirect("meetings:manage-places", slug)


@door(Claim.MANAGE_MEETING)
@page_with_form
def manage_availability(request: HttpRequest, slug: str) -> HttpResponse:
    """When people in the programme can appear."""
    meeting = managed_or_404(request, slug)
    page = queries_availability.availability(request.user, meeting)
    form = forms.AvailableForm(meeting, page.people, request.POST or None)
    refusal: Trouble | None = None
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        person = page.rows[values.pop("person")]
        done, refusal = tried(
            actions_people.say_available, by=account_of(request), meeting=meeting, person=person, **values
        )
        if done:
            messages.success(request, _("That is stored."))
            return redirect("meetings:manage-availability", slug)
    context = {"meeting": meeting, "page": page, "form": form, "refusal": refusal}
    return render(request, "meetings/programme_availability.html", context, status=status_of(form, refusal))


@door(Claim.MANAGE_MEETING)
@require_POST
def forget_availability(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    number = request.POST.get("time", "")
    found = meeting.availabilities.filter(pk=number).first() if number.isdecimal() else None
    if found is not None:  # somebody else removed it meanwhile: it is gone either way
        actions_people.forget_available(by=account_of(request), availability=found)
    messages.success(request, _("That is removed."))
    return redirect("meetings:manage-availability", slug)


@door(Claim.MANAGE_MEETING)
@page_with_form
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """What a new version would change, what does not fit, and whom it concerns; then the version."""
    meeting = managed_or_404(request, slug)
    form = forms.PublishForm(request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        version, refusal = tried(
            publishing.publish, by=account_of(request), meeting=meeting, site=site_of(request), **form.cleaned_data
        )
        if version:
            messages.success(request, _("Version %(number)s is published.") % {"number": version.number})
            return redirect("meetings:manage-programme", slug)
    preview = queries.preview(request.user, meeting)
    context = {"meeting": meeting, "preview": preview, "form": form, "refusal": refusal}
    return render(request, "meetings/programme_publish.html", context, status=status_of(form, refusal))


# --- Smaller ----------------------------------------------------------------------------------------------------------


def _sessions_to(sent: Any) -> str | None:
    """Where sessions of a place that is removed go: the key of another, "" for nowhere, None where nothing is said."""
    said = sent.get("sessions_to", "")
    return None if not said else "" if said == "-" else said


def _say(request: HttpRequest, meeting: models.Meeting, row: models.Session, done: str) -> None:
    """That it is done; and beside it, where something does not fit now, that it does not."""
    rows = list(queries.sessions_of(meeting))
    if any(row.public_id in one.sessions for one in queries.conflicts_in(meeting, rows)):
        messages.warning(request, done + " " + _("Something about it does not fit: see below."))
    else:
        messages.success(request, done)
