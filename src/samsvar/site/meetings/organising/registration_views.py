"""The page on which organisers open registration."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from samsvar.network.rights import Claim
from samsvar.site.meetings.meeting.queries import opening as queries_opening
from samsvar.site.meetings.meeting.view_helpers import managed_or_404, tried
from samsvar.site.meetings.organising.actions.meetings import change as change_meeting
from samsvar.site.meetings.registration.forms.organising import OpeningForm
from samsvar.site.meetings.registration.views.registrations import page_with_form
from samsvar.site.network.view_helpers import account_of, status_of
from samsvar.site.shell.view_permissions import door as opens


@opens(Claim.MANAGE_MEETING)
@page_with_form
def open_registration(request: HttpRequest, slug: str) -> HttpResponse:
    """Who may ask for a place and from when until when, whether each is decided on, until when answers change."""
    meeting = managed_or_404(request, slug)
    form = OpeningForm(request.POST or None, meeting=meeting)
    refusal = None
    if request.method == "POST" and form.is_valid():
        _done, refusal = tried(change_meeting, by=account_of(request), meeting=meeting, said=form.cleaned_data)
        if refusal is None:
            messages.success(request, _("Stored. Pages and letters say it from now on."))
            return redirect("meetings:open-registration", slug)
    context = {
        "meeting": meeting, "form": form, "refusal": refusal, "opening": queries_opening.opening_of(meeting),
        "counts_places": meeting.quotas.exists(),
    }  # fmt: skip
    return render(request, "meetings/registration_opening.html", context, status=status_of(form, refusal))
