"""One-to-one meetings: one's own, and the organiser's hours and tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from samsvar.errors import SamsvarError
from samsvar.network.rights import Claim
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.actions import one_to_one as actions
from samsvar.site.meetings.attendance.forms import AskForm, HoursForm, OpenForm
from samsvar.site.meetings.attendance.queries import one_to_one as queries
from samsvar.site.meetings.attendance.queries.check_in import own_registration, registration_of
from samsvar.site.meetings.meeting import labels as words
from samsvar.site.meetings.meeting.view_helpers import by_of, managed_or_404, meeting_or_404
from samsvar.site.network.view_helpers import account_of, or_404, site_of, status_of, tell_trouble
from samsvar.site.shell.limits import limited
from samsvar.site.shell.view_permissions import by_link_too, door

page_with_form = require_http_methods(["GET", "HEAD", "POST"])


def _own(request: HttpRequest, slug: str) -> models.Registration:
    """One's own confirmed place: who has none finds no page here."""
    return or_404(own_registration(request.user, meeting_or_404(request, slug)))


@door(Claim.OWN_ACCOUNT)
@by_link_too
@limited("directory")
@require_safe
def one_to_one(request: HttpRequest, slug: str) -> HttpResponse:
    registration = _own(request, slug)
    page = queries.page_for(request.user, registration)
    context = {
        "meeting": registration.meeting,
        "page": page,
        "open_form": OpenForm(initial={"about": page.open_to_talk.about if page.open_to_talk else ""}),
        "at_risk": bool(registration.person and registration.person.at_risk),
    }
    return render(request, "meetings/day_one_to_one.html", context)


@door(Claim.OWN_ACCOUNT)
@by_link_too
@require_POST
def open_to_talk(request: HttpRequest, slug: str) -> HttpResponse:
    registration = _own(request, slug)
    if "close" in request.POST:
        actions.close_to_talk(by=by_of(request), registration=registration)
        messages.success(request, _("You are asked no more."))
    else:
        form = OpenForm(request.POST)
        about = form.cleaned_data["about"] if form.is_valid() else ""
        actions.open_to_talk(by=by_of(request), registration=registration, about=about)
        messages.success(request, _("Other participants can ask you now."))
    return redirect("meetings:one-to-one", slug)


@door(Claim.OWN_ACCOUNT)
@by_link_too
@limited("ask")
@page_with_form
def ask(request: HttpRequest, slug: str, asked: str) -> HttpResponse:
    """Ask one person who agreed to be asked, with a line why."""
    registration = _own(request, slug)
    to = or_404(registration_of(registration.meeting, asked))
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask(
                by=by_of(request),
                asker=registration,
                asked=to,
                about=form.cleaned_data["about"],
                site=site_of(request),
            )
        except SamsvarError as error:
            tell_trouble(request, words.trouble(error))
        else:
            messages.success(request, _("Your question is there for them to answer."))
        return redirect("meetings:one-to-one", slug)
    page = queries.page_for(request.user, registration)
    found = next((one for one in page.can_be_asked if one.guest.key == asked), None)
    context = {"meeting": registration.meeting, "one": or_404(found), "form": form}
    return render(request, "meetings/day_ask.html", context, status=status_of(form, None))


ANSWERS: dict[str, tuple[Callable[..., Any], Any]] = {
    "accept": (actions.accept, lambda: _("It is agreed: the time and the table stand below.")),
    "decline": (actions.decline, lambda: _("You have declined.")),
    "call-off": (actions.call_off, lambda: _("It is called off.")),
}


@door(Claim.OWN_ACCOUNT)
@by_link_too
@require_POST
def answer(request: HttpRequest, slug: str, public_id: str, verb: str) -> HttpResponse:
    own = _own(request, slug)
    encounter = or_404(queries.encounter_of(own, public_id))
    act, said = or_404(ANSWERS.get(verb))
    try:
        act(by=by_of(request), encounter=encounter, site=site_of(request), own=own)
    except SamsvarError as refusal:
        tell_trouble(request, words.trouble(refusal))
    else:
        messages.success(request, said())
    return redirect("meetings:one-to-one", slug)


@door(Claim.MANAGE_MEETING)
@page_with_form
def manage_hours(request: HttpRequest, slug: str) -> HttpResponse:
    """The hours and tables of one-to-one meetings."""
    meeting = managed_or_404(request, slug)
    form = HoursForm(request.POST or None, meeting=meeting)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_hours(by=account_of(request), meeting=meeting, **form.values())
        except SamsvarError as error:
            refusal = words.trouble(error)
        else:
            messages.success(request, _("These hours are for one-to-one meetings."))
            return redirect("meetings:manage-hours", slug)
    context = {"meeting": meeting, "form": form, "refusal": refusal, "tables": queries.tables(meeting)}
    return render(request, "meetings/day_hours.html", context, status=status_of(form, refusal))


@door(Claim.MANAGE_MEETING)
@require_POST
def remove_hours(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    said = request.POST.get("hours", "")
    hours = meeting.encounter_times.filter(pk=said).first() if said.isdecimal() else None
    if hours is None:
        messages.error(request, _("There are no such hours any more. Nothing was changed."))
    else:
        actions.remove_hours(by=account_of(request), hours=hours, site=site_of(request))
        messages.success(request, _("These hours are given up; who had agreed to meet in them was told."))
    return redirect("meetings:manage-hours", slug)
