"""The meeting itself: what there is, its page, its countries, its documents, and how it is announced and changed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from samsvar.network.rights import Claim
from samsvar.site.meetings.permissions import meetings_for
from samsvar.site.meetings.views import managed_or_404, meeting_or_404
from samsvar.site.shell.doors import door as opens
from samsvar.site.shell.doors import open_to_all


@open_to_all
@require_safe
def meetings(request: HttpRequest) -> HttpResponse:
    return render(request, "meetings/meetings.html", {"meetings": meetings_for(request.user)})


@open_to_all
@require_safe
def meeting(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "meetings/meeting.html", {"meeting": meeting_or_404(request, slug)})


@opens(Claim.MANAGE_MEETING)
@require_safe
def manage(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "meetings/manage_overview.html", {"meeting": managed_or_404(request, slug)})
