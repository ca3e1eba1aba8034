"""Views of participants who could help each other."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from samsvar.network.rights import Claim
from samsvar.site.meetings import models
from samsvar.site.meetings.agenda.actions import contacts as actions
from samsvar.site.meetings.agenda.queries import contacts as queries
from samsvar.site.meetings.attendance.queries.check_in import find_own_registration
from samsvar.site.meetings.meeting.view_helpers import meeting_or_404
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.form_pages import post_action
from samsvar.site.shell.limits import rate_limited
from samsvar.site.shell.view_permissions import requires


def _own_registration_or_404(request: HttpRequest, slug: str) -> models.Registration:
    return object_or_404(find_own_registration(request.user, meeting_or_404(request, slug)))


@requires(Claim.OWN_ACCOUNT)
@rate_limited("directory")
@require_safe
def suggested_contacts(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a participant whom they could meet here, and why."""
    registration = _own_registration_or_404(request, slug)
    context = {"meeting": registration.meeting, "page": queries.contacts_page(request.user, registration)}
    return render(request, "meetings/agenda/contacts.html", context)


@requires(Claim.OWN_ACCOUNT)
@require_POST
def agree_to_suggestions(request: HttpRequest, slug: str) -> HttpResponse:
    """Save whether a participant agrees to be suggested to others at the meeting."""
    registration = _own_registration_or_404(request, slug)
    agrees = request.POST.get("agrees") == "1"
    return post_action(
        request,
        lambda: actions.agree_to_suggestions(by=current_account(request), registration=registration, agrees=agrees),
        success=_("You can now be suggested to others here.") if agrees else _("You are no longer suggested here."),
        redirect_to=reverse("meetings:suggested-contacts", args=[slug]),
    )


@requires(Claim.OWN_ACCOUNT)
@rate_limited("ask")
@require_POST
def ask_for_talk(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for an introduction to a suggested participant."""
    registration = _own_registration_or_404(request, slug)
    return post_action(
        request,
        lambda: actions.ask_for_talk(
            by=current_account(request),
            registration=registration,
            request=request.POST.get("request", ""),
            whom=request.POST.get("whom", ""),
        ),
        success=_("The secretariat has been told. It decides whom to ask."),
        redirect_to=lambda introduction: redirect("exchange:introduction", introduction.public_id),
        on_error=reverse("meetings:suggested-contacts", args=[slug]),
    )
