"""Views for editing and publishing the programme."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from samsvar.languages import INTERFACE_LANGUAGES
from samsvar.network.rights import Claim
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.view_helpers import managed_meeting_or_404
from samsvar.site.meetings.programme.actions import people as actions_people
from samsvar.site.meetings.programme.actions import places as actions_places
from samsvar.site.meetings.programme.actions import publishing
from samsvar.site.meetings.programme.actions import sessions as actions
from samsvar.site.meetings.programme.actions import speakers as speaking
from samsvar.site.meetings.programme.forms import programme as forms
from samsvar.site.meetings.programme.queries import availability as queries_availability
from samsvar.site.meetings.programme.queries import draft as queries
from samsvar.site.meetings.programme.queries import speakers as speakers_asked
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.errors import ErrorText
from samsvar.site.shell.form_pages import form_page, form_page_status, page_with_form, post_action, run_action
from samsvar.site.shell.view_permissions import requires

# --- The draft programme ----------------------------------------------------------------------------------------------


@requires(Claim.MANAGE_MEETING)
@require_safe
def manage_programme(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = managed_meeting_or_404(request, slug)
    context = {"meeting": meeting, "draft": queries.draft_programme(request.user, meeting)}
    return render(request, "meetings/programme/draft.html", context)


@requires(Claim.MANAGE_MEETING)
@require_safe
def manage_grid(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = managed_meeting_or_404(request, slug)
    work = queries.draft_programme(request.user, meeting)
    context = {"meeting": meeting, "work": work, "grids": queries.day_grids(work)}
    return render(request, "meetings/programme/grid.html", context)


@requires(Claim.MANAGE_MEETING)
@page_with_form
def new_session(request: HttpRequest, slug: str) -> HttpResponse:
    return _session_form_page(request, managed_meeting_or_404(request, slug), None)


@requires(Claim.MANAGE_MEETING)
@page_with_form
def edit_session(request: HttpRequest, slug: str, session: str) -> HttpResponse:
    return _session_form_page(request, *_draft_session_or_404(request, slug, session))


def _session_form_page(
    request: HttpRequest, meeting: models.Meeting, draft_session: models.Session | None
) -> HttpResponse:
    new_values = {"starts": request.GET.get("starts") or None}
    initial = forms.SessionForm.initial_from_session(draft_session) if draft_session else new_values
    form = forms.SessionForm(meeting, request.POST or None, initial=initial)

    def context() -> dict[str, Any]:
        values: dict[str, Any] = {"meeting": meeting, "session": draft_session}
        if draft_session:
            rows = (row for _day, rows in queries.draft_programme(request.user, meeting).days for row in rows)
            values["line"] = next(row for row in rows if row.session.public_id == draft_session.public_id)
        return values

    def redirect_after_save(saved: models.Session) -> HttpResponse:
        _add_saved_message(request, meeting, saved, _("Session saved."))
        return redirect("meetings:edit-session", meeting.public_id, saved.public_id)

    return form_page(
        request,
        form,
        action=lambda: actions.save_session(
            by=current_account(request), meeting=meeting, session=draft_session, **form.values()
        ),
        redirect_to=redirect_after_save,
        template="meetings/programme/edit_session.html",
        context=context,
    )


@requires(Claim.MANAGE_MEETING)
@page_with_form
def move_session(request: HttpRequest, slug: str, session: str) -> HttpResponse:
    meeting, draft_session = _draft_session_or_404(request, slug, session)
    initial: dict[str, Any] = {"starts": draft_session.starts, "room": draft_session.room}
    if draft_session.starts and draft_session.ends:
        initial["minutes"] = (draft_session.ends - draft_session.starts) // timedelta(minutes=1)
    form = forms.MoveSessionForm(meeting, request.POST or None, initial=initial)

    def redirect_after_move(moved: models.Session) -> HttpResponse:
        _add_saved_message(request, meeting, moved, _("Session moved."))
        return redirect("meetings:manage-programme", slug)

    return form_page(
        request,
        form,
        action=lambda: actions.move_session(by=current_account(request), session=draft_session, **form.cleaned_data),
        redirect_to=redirect_after_move,
        template="meetings/programme/move_session.html",
        context=lambda: {"meeting": meeting, "session": draft_session},
    )


@requires(Claim.MANAGE_MEETING)
@require_POST
def copy_session(request: HttpRequest, slug: str, session: str) -> HttpResponse:
    _meeting, draft_session = _draft_session_or_404(request, slug, session)
    copied = actions.copy_session(by=current_account(request), session=draft_session)
    messages.success(request, _("This is the copy of the session. It is a draft with no time set yet."))
    return redirect("meetings:edit-session", slug, copied.public_id)


@requires(Claim.MANAGE_MEETING)
@require_POST
def cancel_session(request: HttpRequest, slug: str, session: str) -> HttpResponse:
    _meeting, draft_session = _draft_session_or_404(request, slug, session)
    reinstate = "held" in request.POST
    actions.cancel_session(by=current_account(request), session=draft_session, reinstate=reinstate)
    cancelled = _("Session cancelled. Readers will see this in the next version.")
    messages.success(request, _("Session reinstated.") if reinstate else cancelled)
    return redirect("meetings:edit-session", slug, session)


@requires(Claim.MANAGE_MEETING)
@require_POST
def remove_session(request: HttpRequest, slug: str, session: str) -> HttpResponse:
    _meeting, draft_session = _draft_session_or_404(request, slug, session)
    return post_action(
        request,
        lambda: actions.remove_session(by=current_account(request), session=draft_session),
        success=_("Session removed."),
        redirect_to=reverse("meetings:manage-programme", args=[slug]),
        on_error=reverse("meetings:edit-session", args=[slug, session]),
    )


@requires(Claim.MANAGE_MEETING)
@page_with_form
def session_people(request: HttpRequest, slug: str, session: str) -> HttpResponse:
    """Edit the people in a session: add them by name, by email, from a source or unnamed, and remove them."""
    meeting, draft_session = _draft_session_or_404(request, slug, session)
    kind = request.POST.get("what", "")

    def form_options(form_kind: str) -> dict[str, Any]:
        return {"data": request.POST if kind == form_kind else None, "prefix": form_kind}

    email_language = next((one for one in meeting.languages if one in INTERFACE_LANGUAGES), "en")
    forms_by_kind = {
        "expert": forms.SpeakerForm(meeting, initial={"letters": email_language}, **form_options("expert")),
        "person": forms.AppearanceForm(**form_options("person")),
        "office": forms.OfficeHolderForm(**form_options("office")),
        "unnamed": forms.UnnamedPersonForm(**form_options("unnamed")),
    }
    form = forms_by_kind.get(kind)
    error: ErrorText | None = None
    if request.method == "POST" and kind in {"remove", "ask"}:
        number = request.POST.get("appearance", "")
        appearance = object_or_404(draft_session.appearances.filter(pk=number).first() if number.isdecimal() else None)
        if kind == "remove":
            speaking.remove_speaker(by=current_account(request), appearance=appearance)
            messages.success(request, _("Removed from the session."))
            return redirect("meetings:session-people", slug, session)
        link = object_or_404(speakers_asked.find_appearance_link(appearance))
        asked_again, error = run_action(speaking.resend_speaker_request, by=current_account(request), link=link)
        if asked_again:
            messages.success(request, _("We have emailed this person again."))
            return redirect("meetings:session-people", slug, session)
    if request.method == "POST" and form is not None and form.is_valid():
        values = form.values() if isinstance(form, forms.SpeakerForm) else form.cleaned_data
        added, error = _add_person_to_session(request, meeting, draft_session, kind, values)
        if added:
            _add_saved_message(request, meeting, draft_session, _("Added to the session."))
            return redirect("meetings:session-people", slug, session)
    query = request.GET.get("q", "")
    context = {
        "meeting": meeting,
        "session": draft_session,
        "people": list(queries.people_in_sessions(request.user, meeting, [draft_session]).values()),
        "asked": query,
        "found": queries.find_people(request.user, meeting, query),
        "expert_form": forms_by_kind["expert"],
        "part_form": forms_by_kind["person"],
        "office_form": forms_by_kind["office"],
        "unnamed_form": forms_by_kind["unnamed"],
        "error": error,
    }
    status = form_page_status(form, error)
    return render(request, "meetings/programme/session_people.html", context, status=status)


def _add_person_to_session(
    request: HttpRequest, meeting: models.Meeting, draft_session: models.Session, kind: str, values: dict[str, Any]
) -> tuple[Any, ErrorText | None]:
    by = current_account(request)
    if kind == "person":
        person, name = object_or_404(queries.find_person(request.user, meeting, request.POST.get("person", "")))
        return run_action(actions_people.add_person, by=by, session=draft_session, person=person, name=name, **values)
    if kind == "expert":
        return run_action(speaking.invite_speaker, by=by, session=draft_session, **values)
    values["state"] = values["state"].pk if values["state"] else ""
    action = actions_people.add_office_holder if kind == "office" else actions_people.add_unnamed_person
    return run_action(action, by=by, session=draft_session, **values)


@requires(Claim.MANAGE_MEETING)
@page_with_form
def manage_rooms_and_tracks(request: HttpRequest, slug: str) -> HttpResponse:
    """Add rooms and tracks, and rename, recolour or reorder existing ones."""
    meeting = managed_meeting_or_404(request, slug)
    kind, key = request.POST.get("what", ""), request.POST.get("key", "")
    place: Any = None
    if kind in {"room", "track"} and key:
        place = object_or_404(_find_room_or_track(meeting, kind, key))
    if place is not None and "move" in request.POST:
        actions_places.reorder_room_or_track(by=current_account(request), place=place, up=request.POST["move"] == "up")
        return redirect("meetings:manage-places", slug)
    data, new = (request.POST or None), place is None
    room_form = forms.RoomForm(data if kind == "room" and new else None, prefix="room")
    track_form = forms.TrackForm(meeting, data if kind == "track" and new else None, prefix="track")
    rooms = [(one, _room_form(one, data if place == one else None)) for one in meeting.rooms.all()]
    tracks = [(one, _track_form(meeting, one, data if place == one else None)) for one in meeting.tracks.all()]
    forms_by_place: dict[Any, Any] = dict([*rooms, *tracks])
    form: Any = {"room": room_form, "track": track_form}.get(kind) if new else forms_by_place[place]
    error: ErrorText | None = None
    if request.method == "POST" and form is not None and form.is_valid():
        by = current_account(request)
        if kind == "room":
            saved, error = run_action(actions_places.save_room, by=by, meeting=meeting, room=place, **form.cleaned_data)
        else:
            saved, error = run_action(actions_places.save_track, by=by, meeting=meeting, track=place, **form.values())
        if saved:
            messages.success(request, _("Saved."))
            return redirect("meetings:manage-places", slug)
    context = {
        "meeting": meeting,
        "rooms": rooms,
        "tracks": tracks,
        "held": queries.session_counts(meeting),
        "room_form": room_form,
        "track_form": track_form,
        "error": error,
    }
    status = form_page_status(form, error)
    return render(request, "meetings/programme/rooms_and_tracks.html", context, status=status)


def _room_form(room: models.Room, data: Any) -> forms.RoomForm:
    initial = {"name": room.name, "capacity": room.capacity}
    return forms.RoomForm(data, prefix="room", auto_id=f"room-{room.key}-%s", initial=initial)


def _track_form(meeting: models.Meeting, track: models.Track, data: Any) -> forms.TrackForm:
    initial = forms.TrackForm.initial_from_track(track)
    return forms.TrackForm(meeting, data, prefix="track", auto_id=f"track-{track.key}-%s", initial=initial)


@requires(Claim.MANAGE_MEETING)
@require_POST
def remove_room_or_track(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = managed_meeting_or_404(request, slug)
    place = _find_room_or_track(meeting, request.POST.get("what", ""), request.POST.get("key", ""))

    def remove() -> None:
        if place is not None:  # None: already removed by another organiser
            target = _replacement_key(request.POST)
            actions_places.remove_room_or_track(by=current_account(request), place=place, sessions_to=target)

    page = reverse("meetings:manage-places", args=[slug])
    return post_action(request, remove, success=_("Removed."), redirect_to=page)


@requires(Claim.MANAGE_MEETING)
@page_with_form
def manage_availability(request: HttpRequest, slug: str) -> HttpResponse:
    """List the times when people in the programme are available, and add new ones."""
    meeting = managed_meeting_or_404(request, slug)
    page = queries_availability.availability_page(request.user, meeting)
    form = forms.AvailabilityForm(meeting, page.people, request.POST or None)

    def add() -> models.Availability:
        values = form.cleaned_data | {"person": page.persons[form.cleaned_data["person"]]}
        return actions_people.add_availability(by=current_account(request), meeting=meeting, **values)

    return form_page(
        request,
        form,
        action=add,
        success=_("Saved."),
        redirect_to=request.path,
        template="meetings/programme/availability.html",
        context=lambda: {"meeting": meeting, "page": page},
    )


@requires(Claim.MANAGE_MEETING)
@require_POST
def remove_availability(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = managed_meeting_or_404(request, slug)
    number = request.POST.get("time", "")
    availability = meeting.availabilities.filter(pk=number).first() if number.isdecimal() else None
    if availability is not None:  # None: already removed by another organiser
        actions_people.remove_availability(by=current_account(request), availability=availability)
    messages.success(request, _("Removed."))
    return redirect("meetings:manage-availability", slug)


@requires(Claim.MANAGE_MEETING)
@page_with_form
def publish_programme(request: HttpRequest, slug: str) -> HttpResponse:
    """Preview a new version, with its changes, conflicts and the people affected, and publish it."""
    meeting = managed_meeting_or_404(request, slug)
    form = forms.PublishVersionForm(request.POST or None)
    return form_page(
        request,
        form,
        action=lambda: publishing.publish_version(by=current_account(request), meeting=meeting, **form.cleaned_data),
        success=lambda version: _("Version %(number)s published.") % {"number": version.number},
        redirect_to=reverse("meetings:manage-programme", args=[slug]),
        template="meetings/programme/publish.html",
        context=lambda: {"meeting": meeting, "preview": queries.version_preview(request.user, meeting)},
    )


# --- Helpers ----------------------------------------------------------------------------------------------------------


def _draft_session_or_404(request: HttpRequest, slug: str, session: str) -> tuple[models.Meeting, models.Session]:
    meeting = managed_meeting_or_404(request, slug)
    return meeting, object_or_404(queries.find_draft_session(meeting, session))


def _find_room_or_track(meeting: models.Meeting, kind: str, key: str) -> Any:
    places: Any = meeting.rooms if kind == "room" else meeting.tracks
    return places.filter(key=key).first()


def _replacement_key(data: Any) -> str | None:
    """Return the key of the room or track to move the sessions to, "" for none, or None if nothing was chosen."""
    value = data.get("sessions_to", "")
    return None if not value else "" if value == "-" else value


def _add_saved_message(request: HttpRequest, meeting: models.Meeting, session: models.Session, message: str) -> None:
    """Add the success message, or a warning if the session now has conflicts."""
    sessions = list(queries.draft_sessions(meeting))
    if any(session.public_id in one.sessions for one in queries.draft_conflicts(meeting, sessions)):
        messages.warning(request, message + " " + _("There is a conflict: see below."))
    else:
        messages.success(request, message)
