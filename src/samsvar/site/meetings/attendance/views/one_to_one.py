"""Views for one-to-one meetings: the participant's page, and the organiser's periods and tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from samsvar.network.rights import Claim
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.actions import one_to_one as actions
from samsvar.site.meetings.attendance.forms import NetworkingOptInForm, OneToOnePeriodForm, OneToOneRequestForm
from samsvar.site.meetings.attendance.queries import one_to_one as queries
from samsvar.site.meetings.attendance.queries.check_in import find_own_registration, find_registration
from samsvar.site.meetings.meeting.view_helpers import acting_account, managed_meeting_or_404, meeting_or_404
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.form_pages import form_page, form_page_status, page_with_form, post_action
from samsvar.site.shell.labels import Label
from samsvar.site.shell.limits import rate_limited
from samsvar.site.shell.view_permissions import allow_link_access, requires


def _own_registration_or_404(request: HttpRequest, slug: str) -> models.Registration:
    """Return the user's confirmed registration for this meeting, or raise Http404."""
    return object_or_404(find_own_registration(request.user, meeting_or_404(request, slug)))


@requires(Claim.OWN_ACCOUNT)
@allow_link_access
@rate_limited("directory")
@require_safe
def one_to_one(request: HttpRequest, slug: str) -> HttpResponse:
    registration = _own_registration_or_404(request, slug)
    page = queries.one_to_one_page(request.user, registration)
    context = {
        "meeting": registration.meeting,
        "page": page,
        "open_form": NetworkingOptInForm(initial={"about": page.open_to_talk.about if page.open_to_talk else ""}),
        "at_risk": bool(registration.person and registration.person.at_risk),
    }
    return render(request, "meetings/attendance/one_to_one.html", context)


@requires(Claim.OWN_ACCOUNT)
@allow_link_access
@require_POST
def opt_in_or_out(request: HttpRequest, slug: str) -> HttpResponse:
    registration = _own_registration_or_404(request, slug)
    if "close" in request.POST:
        actions.opt_out(by=acting_account(request), registration=registration)
        messages.success(request, _("You will no longer receive meeting requests."))
    else:
        form = NetworkingOptInForm(request.POST)
        about = form.cleaned_data["about"] if form.is_valid() else ""
        actions.opt_in(by=acting_account(request), registration=registration, about=about)
        messages.success(request, _("Other participants can now send you meeting requests."))
    return redirect("meetings:one-to-one", slug)


@requires(Claim.OWN_ACCOUNT)
@allow_link_access
@rate_limited("ask")
@page_with_form
def request_one_to_one(request: HttpRequest, slug: str, recipient_id: str) -> HttpResponse:
    """Request a meeting with a participant who accepts requests, giving a short reason."""
    registration = _own_registration_or_404(request, slug)
    recipient = object_or_404(find_registration(registration.meeting, recipient_id))
    form = OneToOneRequestForm(request.POST or None)
    if form.is_bound and form.is_valid():
        return post_action(
            request,
            lambda: actions.request_one_to_one(
                by=acting_account(request), requester=registration, recipient=recipient, **form.cleaned_data
            ),
            success=_("Your request has been sent. You are waiting for a reply."),
            redirect_to=reverse("meetings:one-to-one", args=[slug]),
        )
    page = queries.one_to_one_page(request.user, registration)
    participant = next((one for one in page.available if one.guest.key == recipient_id), None)
    context = {"meeting": registration.meeting, "participant": object_or_404(participant), "form": form}
    return render(request, "meetings/attendance/request_meeting.html", context, status=form_page_status(form, None))


ANSWER_ACTIONS: dict[str, tuple[Callable[..., Any], Label]] = {
    "accept": (actions.accept_one_to_one, gettext_lazy("The meeting is agreed. The time and table are shown below.")),
    "decline": (actions.decline_one_to_one, gettext_lazy("You have declined.")),
    "call-off": (actions.cancel_one_to_one, gettext_lazy("The one-to-one meeting has been cancelled.")),
}


@requires(Claim.OWN_ACCOUNT)
@allow_link_access
@require_POST
def answer_one_to_one_request(request: HttpRequest, slug: str, public_id: str, verb: str) -> HttpResponse:
    own = _own_registration_or_404(request, slug)
    encounter = object_or_404(queries.find_one_to_one(own, public_id))
    action, success = object_or_404(ANSWER_ACTIONS.get(verb))
    return post_action(
        request,
        lambda: action(by=acting_account(request), encounter=encounter, own=own),
        success=str(success),
        redirect_to=reverse("meetings:one-to-one", args=[slug]),
    )


@requires(Claim.MANAGE_MEETING)
@page_with_form
def manage_one_to_one_periods(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the periods and tables for one-to-one meetings, and add periods."""
    meeting = managed_meeting_or_404(request, slug)
    form = OneToOnePeriodForm(request.POST or None, meeting=meeting)
    return form_page(
        request,
        form,
        action=lambda: actions.add_one_to_one_period(by=current_account(request), meeting=meeting, **form.get_values()),
        success=_("Times for one-to-one meetings added."),
        redirect_to=request.path,
        template="meetings/attendance/one_to_one_times.html",
        context=lambda: {"meeting": meeting, "tables": queries.one_to_one_overview(meeting)},
    )


@requires(Claim.MANAGE_MEETING)
@require_POST
def remove_one_to_one_period(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = managed_meeting_or_404(request, slug)
    pk = request.POST.get("hours", "")
    period = meeting.encounter_times.filter(pk=pk).first() if pk.isdecimal() else None
    if period is None:
        messages.error(request, _("These times no longer exist. Nothing was changed."))
    else:
        actions.remove_one_to_one_period(by=current_account(request), period=period)
        text = _("These times have been removed. Participants who had meetings at these times have been informed.")
        messages.success(request, text)
    return redirect("meetings:manage-encounter-times", slug)
