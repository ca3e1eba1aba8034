"""View for the registration settings of a meeting."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from samsvar.network.rights import Claim
from samsvar.site.meetings.meeting.queries import opening as queries_opening
from samsvar.site.meetings.meeting.view_helpers import managed_meeting_or_404
from samsvar.site.meetings.organising.actions.meetings import update_meeting as change_meeting
from samsvar.site.meetings.registration.forms.organising import RegistrationSettingsForm
from samsvar.site.network.view_helpers import current_account
from samsvar.site.shell.form_pages import form_page, page_with_form
from samsvar.site.shell.view_permissions import requires


@requires(Claim.MANAGE_MEETING)
@page_with_form
def edit_registration_settings(request: HttpRequest, slug: str) -> HttpResponse:
    """Set who can request a place and when, whether approval is needed, and until when answers can be changed."""
    meeting = managed_meeting_or_404(request, slug)
    form = RegistrationSettingsForm(request.POST or None, meeting=meeting)
    return form_page(
        request,
        form,
        action=lambda: change_meeting(by=current_account(request), meeting=meeting, data=form.cleaned_data),
        success=_("Saved. Pages and emails now use these settings."),
        redirect_to=request.path,
        template="meetings/organising/open_registration.html",
        context=lambda: {
            "meeting": meeting,
            "opening": queries_opening.get_registration_phase(meeting),
            "counts_places": meeting.quotas.exists(),
        },
    )
