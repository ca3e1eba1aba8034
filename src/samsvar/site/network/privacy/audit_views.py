"""Pages of the audit log."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from samsvar.network.rights import Claim
from samsvar.site.audit import files
from samsvar.site.audit import queries as audit_queries
from samsvar.site.audit.actions import record_export
from samsvar.site.network.access.forms import AuditLogForm, WhoSawForm
from samsvar.site.network.view_helpers import account_of
from samsvar.site.shell.limits import limited
from samsvar.site.shell.view_permissions import door

LINES_A_PAGE = 100


# --- The trail --------------------------------------------------------------------------------------------------------


@door(Claim.READ_AUDIT_LOG)
@require_safe
def audit_log(request: HttpRequest) -> HttpResponse:
    form = AuditLogForm(request.GET)
    lines = audit_queries.lines(form.asked()) if form.is_valid() else audit_queries.no_lines()
    context = {
        "form": form,
        "lines": Paginator(lines, LINES_A_PAGE).get_page(request.GET.get("page")),
        "query": request.GET.urlencode(),
    }
    return render(request, "network/rights_trail.html", context, status=422 if form.errors else 200)


@door(Claim.READ_AUDIT_LOG)
@limited("export")
@require_safe
def export_audit_log(request: HttpRequest, form: str) -> HttpResponseBase:
    """The lines that the page shows, all of them, as a file; its going out is a line too."""
    question = AuditLogForm(request.GET)
    if form not in files.FORMS or not question.is_valid():
        raise Http404
    asked = question.asked()
    found = audit_queries.upto_now(audit_queries.lines(asked))
    if request.method == "GET":
        record_export(by=account_of(request), asked=asked, lines=found.count(), form=form)
    return _file(files.written(audit_queries.rows(found), audit_queries.COLUMNS, form), f"audit-log.{form}", form)


@door(Claim.TRACE_BREACH)
@require_safe
def who_saw(request: HttpRequest) -> HttpResponse:
    """After a breach: who saw this person between two times. The question becomes a line of the trail."""
    form = WhoSawForm(request.GET or None)
    sights = None
    if form.is_valid():
        sights = Paginator(_traced(request, form, "page"), LINES_A_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "sights": sights, "query": request.GET.urlencode()}
    return render(request, "network/rights_who_saw.html", context, status=422 if form.errors else 200)


@door(Claim.TRACE_BREACH)
@limited("export")
@require_safe
def who_saw_file(request: HttpRequest) -> HttpResponseBase:
    form = WhoSawForm(request.GET)
    if not form.is_valid():
        raise Http404
    rows = audit_queries.sight_rows(_traced(request, form, "csv"))
    return _file(files.written(rows, audit_queries.SIGHT_COLUMNS, "csv"), "who-saw.csv", "csv")


def _traced(request: HttpRequest, form: WhoSawForm, taken: str) -> Any:
    said = form.cleaned_data
    asked = audit_queries.Asked(person=said["person"].strip(), saw=True, since=said["since"], until=said["until"])
    found = audit_queries.sights(asked.person, said["since"], said["until"])
    if request.method == "GET":
        record_export(by=account_of(request), asked=asked, lines=found.count(), form=taken, verb="traced who saw")
    return found


def _file(pieces: Any, name: str, form: str) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="samsvar-{name}"', "X-Content-Type-Options": "nosniff"}
    return StreamingHttpResponse(pieces, content_type=files.FORMS[form], headers=headers)
