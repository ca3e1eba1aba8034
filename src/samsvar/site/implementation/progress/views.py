"""Views of what is done about findings."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from samsvar.site.convention.query_params import requested_day
from samsvar.site.implementation.duties.queries import state_duties
from samsvar.site.implementation.progress.story import finding_progress, finding_story
from samsvar.site.network.view_helpers import object_or_404
from samsvar.site.shell.view_permissions import public


@public
@require_safe
def story(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show the story of a finding as dated lines, up to today or the day in `?on=`."""
    requested = requested_day(request)
    progress = object_or_404(finding_progress(public_id, timezone.localdate()))
    duties = state_duties(progress.finding.state_id, requested.day) if progress.finding.state_id else None
    context = {
        "progress": progress,
        "finding": progress.finding,
        "lines": finding_story(progress, requested.day, duties),
        "next_duty": duties.next if duties else None,
        "requested": requested,
        "error": requested.error,
    }
    return render(request, "implementation/progress/story.html", context)
