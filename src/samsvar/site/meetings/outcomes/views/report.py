"""The report of a meeting as DOCX and PDF, and the list of those participants who agreed to be listed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from samsvar.interchange.written import docx_bytes
from samsvar.languages import INTERFACE
from samsvar.meetings.meeting import Access
from samsvar.network.rights import Claim
from samsvar.site.meetings.meeting.permissions import sees
from samsvar.site.meetings.meeting.view_helpers import managed_or_404, meeting_or_404
from samsvar.site.meetings.outcomes import labels as words
from samsvar.site.meetings.outcomes.queries import report as queries
from samsvar.site.meetings.pdf import typeset
from samsvar.site.network.labels import language_name
from samsvar.site.shell.limits import limited
from samsvar.site.shell.view_permissions import door, open_to_all

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@door(Claim.MANAGE_MEETING)
@require_safe
def report(request: HttpRequest, slug: str) -> HttpResponse:
    """What the report will say, and the ways to take it away."""
    meeting = managed_or_404(request, slug)
    edition = _edition(request)
    made = queries.report_of(meeting, request.LANGUAGE_CODE, timezone.now(), edition)
    context = {
        "meeting": meeting,
        "edition": edition,
        "editions": [(one.value, words.EDITIONS[one]) for one in queries.Edition],
        "notice": made.notice,
        "parts": queries.as_data(made)["parts"],
        "figures": queries.figures_of(meeting),
        "languages": [(code, language_name(code)) for code in INTERFACE],
    }
    return render(request, "meetings/report.html", context)


@door(Claim.MANAGE_MEETING)
@require_safe
def report_file(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """The report as a file, in the language of the page, for those whom `for` names."""
    meeting = managed_or_404(request, slug)
    edition = _edition(request)
    made = queries.report_of(meeting, request.LANGUAGE_CODE, timezone.now(), edition)
    if form == "docx":
        response = HttpResponse(docx_bytes(made), content_type=DOCX)
    else:
        response = HttpResponse(typeset("report", queries.as_data(made)), content_type="application/pdf")
    name = f"{meeting.public_id}-report-for-{edition}-{request.LANGUAGE_CODE}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _edition(request: HttpRequest) -> queries.Edition:
    """Whom the report is asked for; what is not a kind of reader is everybody, who read least."""
    asked = request.GET.get("for", "")
    return queries.Edition(asked) if asked in set(queries.Edition) else queries.Edition.EVERYBODY


@open_to_all
@limited("directory")
@require_safe
def participants(request: HttpRequest, slug: str) -> HttpResponse:
    """Those who agreed that this reader may see their name; kept by nobody, so that who takes it back is gone."""
    meeting = meeting_or_404(request, slug)
    levels = sees(request.user, meeting) & {Access.PUBLIC, Access.PARTICIPANTS}
    context = {"meeting": meeting, "people": queries.listed(meeting, frozenset(levels))}
    response = render(request, "meetings/participants.html", context)
    response["Cache-Control"] = "private, no-store"
    return response
