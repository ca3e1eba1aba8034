"""Views of the audit log: its entries, their export, and the tracing of accesses after a data breach."""

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
from samsvar.site.audit.models import AuditEntry
from samsvar.site.network.access.forms import AuditLogFilterForm, BreachTraceForm
from samsvar.site.network.view_helpers import current_account
from samsvar.site.shell.limits import rate_limited
from samsvar.site.shell.view_permissions import requires

ENTRIES_PER_PAGE = 100


# --- Audit log --------------------------------------------------------------------------------------------------------


@requires(Claim.READ_AUDIT_LOG)
@require_safe
def audit_log(request: HttpRequest) -> HttpResponse:
    form = AuditLogFilterForm(request.GET)
    entries = audit_queries.filtered_entries(form.get_filters()) if form.is_valid() else AuditEntry.objects.none()
    context = {
        "form": form,
        "lines": Paginator(entries, ENTRIES_PER_PAGE).get_page(request.GET.get("page")),
        "query": request.GET.urlencode(),
    }
    return render(request, "network/privacy/audit_log.html", context, status=422 if form.errors else 200)


@requires(Claim.READ_AUDIT_LOG)
@rate_limited("export")
@require_safe
def export_audit_log(request: HttpRequest, form: str) -> HttpResponseBase:
    """Export the entries that match the page's filters as a file. The export is itself recorded in the audit log."""
    filter_form = AuditLogFilterForm(request.GET)
    if form not in files.CONTENT_TYPES or not filter_form.is_valid():
        raise Http404
    filters = filter_form.get_filters()
    entries = audit_queries.limit_to_existing_entries(audit_queries.filtered_entries(filters))
    if request.method == "GET":
        record_export(by=current_account(request), filters=filters, count=entries.count(), file_format=form)
    chunks = files.stream_export(audit_queries.iter_export_rows(entries), audit_queries.EXPORT_COLUMNS, form)
    return _file_response(chunks, f"audit-log.{form}", form)


@requires(Claim.TRACE_BREACH)
@require_safe
def trace_accesses(request: HttpRequest) -> HttpResponse:
    """Show who accessed a person's data in a period, for use after a data breach.

    The query is itself recorded in the audit log.
    """
    form = BreachTraceForm(request.GET or None)
    accesses = None
    if form.is_valid():
        entries = _trace_and_record_query(request, form, "page")
        accesses = Paginator(entries, ENTRIES_PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "sights": accesses, "query": request.GET.urlencode()}
    return render(request, "network/privacy/access_log.html", context, status=422 if form.errors else 200)


@requires(Claim.TRACE_BREACH)
@rate_limited("export")
@require_safe
def export_accesses(request: HttpRequest) -> HttpResponseBase:
    form = BreachTraceForm(request.GET)
    if not form.is_valid():
        raise Http404
    rows = audit_queries.iter_access_rows(_trace_and_record_query(request, form, "csv"))
    return _file_response(files.stream_export(rows, audit_queries.ACCESS_COLUMNS, "csv"), "who-saw.csv", "csv")


def _trace_and_record_query(request: HttpRequest, form: BreachTraceForm, file_format: str) -> Any:
    data = form.cleaned_data
    filters = audit_queries.AuditFilters(**{**data, "person": data["person"].strip()}, saw=True)
    accesses = audit_queries.accesses_to_person(filters.person, data["since"], data["until"])
    if request.method == "GET":
        by, count = current_account(request), accesses.count()
        record_export(by=by, filters=filters, count=count, file_format=file_format, verb="traced access")
    return accesses


def _file_response(chunks: Any, filename: str, file_format: str) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="samsvar-{filename}"', "X-Content-Type-Options": "nosniff"}
    return StreamingHttpResponse(chunks, content_type=files.CONTENT_TYPES[file_format], headers=headers)
