"""Views for the report of a meeting, as DOCX and PDF, and for the participants who agreed to be listed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from samsvar.interchange.report_docx import render_docx
from samsvar.languages import INTERFACE_LANGUAGES
from samsvar.meetings.meeting import AccessLevel
from samsvar.network.rights import Claim
from samsvar.site.meetings.meeting.permissions import access_levels
from samsvar.site.meetings.meeting.view_helpers import download_response, managed_meeting_or_404, meeting_or_404
from samsvar.site.meetings.outcomes import labels as words
from samsvar.site.meetings.outcomes.queries import report as queries
from samsvar.site.meetings.pdf import typeset_pdf
from samsvar.site.network.labels import language_name
from samsvar.site.shell.limits import rate_limited
from samsvar.site.shell.view_permissions import public, requires

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@requires(Claim.MANAGE_MEETING)
@require_safe
def report(request: HttpRequest, slug: str) -> HttpResponse:
    """Preview the report, with links to download it."""
    meeting = managed_meeting_or_404(request, slug)
    edition = _requested_edition(request)
    meeting_report = queries.build_report(meeting, request.LANGUAGE_CODE, timezone.now(), edition)
    context = {
        "meeting": meeting,
        "edition": edition,
        "editions": [(one.value, words.EDITIONS[one]) for one in queries.ReportEdition],
        "notice": meeting_report.notice,
        "parts": queries.report_to_dict(meeting_report)["parts"],
        "languages": [(code, language_name(code)) for code in INTERFACE_LANGUAGES],
    }
    return render(request, "meetings/outcomes/report.html", context)


@requires(Claim.MANAGE_MEETING)
@require_safe
def report_file(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """Return the report as a file in the language of the page, in the edition given by `?for=`."""
    meeting = managed_meeting_or_404(request, slug)
    edition = _requested_edition(request)
    meeting_report = queries.build_report(meeting, request.LANGUAGE_CODE, timezone.now(), edition)
    name = f"{meeting.public_id}-report-for-{edition}-{request.LANGUAGE_CODE}.{form}"
    if form == "docx":
        return download_response(render_docx(meeting_report), name, DOCX)
    return download_response(typeset_pdf("report", queries.report_to_dict(meeting_report)), name)


def _requested_edition(request: HttpRequest) -> queries.ReportEdition:
    """Return the requested edition, or the public one, which contains the least, if the value is unknown."""
    requested, editions = request.GET.get("for", ""), queries.ReportEdition
    return editions(requested) if requested in set(editions) else editions.EVERYONE


@public
@rate_limited("directory")
@require_safe
def participants(request: HttpRequest, slug: str) -> HttpResponse:
    """List the participants who agreed that this reader may see their names.

    The page is never cached, so that a withdrawal of consent takes effect at once.
    """
    meeting = meeting_or_404(request, slug)
    levels = access_levels(request.user, meeting) & {AccessLevel.PUBLIC, AccessLevel.PARTICIPANTS}
    context = {"meeting": meeting, "people": queries.listed_participants(meeting, frozenset(levels))}
    response = render(request, "meetings/attendance/participants.html", context)
    response["Cache-Control"] = "private, no-store"
    return response
