"""Views of a meeting."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from samsvar.site.meetings.meeting.actions.documents import content_of
from samsvar.site.meetings.meeting.queries import (
    countries as queries_countries,
)
from samsvar.site.meetings.meeting.queries import (
    documents as queries_documents,
)
from samsvar.site.meetings.meeting.queries import (
    meetings as queries,
)
from samsvar.site.meetings.meeting.view_helpers import meeting_or_404
from samsvar.site.network.view_helpers import or_404
from samsvar.site.shell.uploads import safe_response
from samsvar.site.shell.view_permissions import open_to_all


@open_to_all
@require_safe
def meetings(request: HttpRequest) -> HttpResponse:
    """What is to come and what was held, as this reader may know of it."""
    asked = queries.Asked(**{name: request.GET.get(name, "")[:40].strip() for name in queries.Asked.__slots__})
    page = queries.meetings_page(
        request.user, asked, today=timezone.now().date(), page=request.GET.get("page"), language=_language()
    )
    return render(request, "meetings/meetings.html", {"page": page})


@open_to_all
@require_safe
def meeting(request: HttpRequest, slug: str) -> HttpResponse:
    """All about one meeting, and what was true on its first day."""
    found, now = meeting_or_404(request, slug), timezone.now()
    page = queries.meeting_page(request.user, found, today=now.date(), now=now, language=_language())
    return render(request, "meetings/meeting.html", {"meeting": found, "page": page})


@open_to_all
@require_safe
def countries(request: HttpRequest, slug: str) -> HttpResponse:
    """The countries of a meeting one by one, on its first day and today."""
    found = meeting_or_404(request, slug)
    page = queries_countries.countries_page(found, today=timezone.now().date(), language=_language())
    return render(request, "meetings/countries.html", {"meeting": found, "page": page})


@open_to_all
@require_safe
def documents(request: HttpRequest, slug: str) -> HttpResponse:
    """The documents that this reader may know of."""
    found = meeting_or_404(request, slug)
    lines = queries_documents.documents(request.user, found, now=timezone.now())
    return render(request, "meetings/documents.html", {"meeting": found, "documents": lines})


@open_to_all
@require_safe
def document(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """One document as a file that no browser runs; 404 for whoever may not read it now, as for nobody's."""
    found = or_404(
        queries_documents.document(request.user, meeting_or_404(request, slug), public_id, now=timezone.now())
    )
    return safe_response(or_404(content_of(found)), found.format, found.filename)


def _language() -> str:
    return get_language() or "en"
