"""Views of suggested sessions, for the organisers of a meeting."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from samsvar.network.rights import Claim
from samsvar.site.meetings.agenda.actions import sessions as actions
from samsvar.site.meetings.agenda.queries import sessions as queries
from samsvar.site.meetings.meeting.view_helpers import managed_meeting_or_404
from samsvar.site.network.view_helpers import current_account
from samsvar.site.shell.form_pages import post_action
from samsvar.site.shell.view_permissions import requires


@requires(Claim.MANAGE_MEETING)
@require_safe
def manage_agenda(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the gaps that the countries of a meeting share, each with a session that could be held about it."""
    meeting = managed_meeting_or_404(request, slug)
    page = queries.agenda_page(request.user, meeting, language=request.LANGUAGE_CODE, page=request.GET.get("page"))
    return render(request, "meetings/agenda/suggestions.html", {"meeting": meeting, "page": page})


@requires(Claim.MANAGE_MEETING)
@require_POST
def add_suggested_session(request: HttpRequest, slug: str, article: int) -> HttpResponse:
    """Add a suggested session to the draft programme."""
    meeting = managed_meeting_or_404(request, slug)
    return post_action(
        request,
        lambda: actions.add_suggested_session(by=current_account(request), meeting=meeting, article=article),
        success=_(
            "Session added to the draft programme. Nothing has been published. Set its time, and ask the speakers."
        ),
        redirect_to=lambda session: redirect("meetings:edit-session", slug, session.public_id),
        on_error=reverse("meetings:manage-agenda", args=[slug]),
    )
