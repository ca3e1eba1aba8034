"""Views of the public pages about meetings."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from samsvar.site.meetings.meeting.actions.documents import read_document_content
from samsvar.site.meetings.meeting.queries import countries as queries_countries
from samsvar.site.meetings.meeting.queries import documents as queries_documents
from samsvar.site.meetings.meeting.queries import meetings as queries
from samsvar.site.meetings.meeting.view_helpers import meeting_or_404
from samsvar.site.network.view_helpers import object_or_404
from samsvar.site.shell.filters import build_filter_form
from samsvar.site.shell.labels import enum_choices
from samsvar.site.shell.uploads import file_response
from samsvar.site.shell.view_permissions import public


@public
@require_safe
def meetings(request: HttpRequest) -> HttpResponse:
    """List the upcoming and past meetings that the user may see."""
    filters = queries.MeetingFilters(
        **{name: request.GET.get(name, "")[:40].strip() for name in queries.MeetingFilters.__slots__}
    )
    page = queries.meetings_page(
        request.user, filters, today=timezone.now().date(), page=request.GET.get("page"), language=_current_language()
    )
    form = build_filter_form(
        request.GET.dict(), "meetings",
        kind=(_("Type"), _("all types"), enum_choices(page.kinds)),
        network=(_("Network"), _("all networks"), page.networks),
        state=(_("Held in"), _("all countries"), page.states),
    )  # fmt: skip
    show_all = reverse("meetings:meetings") if filters.is_active else ""
    return render(request, "meetings/meeting/list.html", {"page": page, "filters": form, "show_all": show_all})


@public
@require_safe
def meeting(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the page of a meeting, with the status of its countries on its first day."""
    meeting, now = meeting_or_404(request, slug), timezone.now()
    page = queries.meeting_page(request.user, meeting, today=now.date(), now=now, language=_current_language())
    return render(request, "meetings/meeting/page.html", {"meeting": meeting, "page": page})


@public
@require_safe
def countries(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the countries of a meeting, with their status on its first day and today."""
    meeting = meeting_or_404(request, slug)
    page = queries_countries.countries_page(meeting, today=timezone.now().date(), language=_current_language())
    return render(request, "meetings/meeting/countries.html", {"meeting": meeting, "page": page})


@public
@require_safe
def documents(request: HttpRequest, slug: str) -> HttpResponse:
    """List the documents that the user may see."""
    meeting = meeting_or_404(request, slug)
    rows = queries_documents.visible_documents(request.user, meeting, now=timezone.now())
    return render(request, "meetings/meeting/documents.html", {"meeting": meeting, "documents": rows})


@public
@require_safe
def document(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """Return a document as a file that browsers do not execute; raise Http404 unless the user may read it now."""
    document = object_or_404(
        queries_documents.find_document(request.user, meeting_or_404(request, slug), public_id, now=timezone.now())
    )
    return file_response(object_or_404(read_document_content(document)), document.format, document.filename)


def _current_language() -> str:
    return get_language() or "en"
