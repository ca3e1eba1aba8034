"""Views of imports of measures: upload, columns, preview, confirmation, past imports, undo, and export."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from samsvar.errors import SamsvarError
from samsvar.implementation.measures import RegionKind
from samsvar.interchange.measure_tables import DATE_COLUMNS, NUMBER_COLUMNS, export_headings, format_measure
from samsvar.network.rights import Claim
from samsvar.site.implementation.imports import actions, forms, queries
from samsvar.site.implementation.imports.import_state import MeasureImportState, restore_import_state
from samsvar.site.implementation.measures.queries import MeasureFilters, find_state
from samsvar.site.implementation.measures.view_helpers import managed_state
from samsvar.site.implementation.permissions import can_manage_country
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.downloads import CONTENT_TYPES, table_response
from samsvar.site.shell.errors import describe_error
from samsvar.site.shell.form_pages import page_with_form, post_action
from samsvar.site.shell.labels import enum_choices
from samsvar.site.shell.limits import rate_limited
from samsvar.site.shell.submitted_sheets import InvalidImportState
from samsvar.site.shell.view_permissions import public, requires


@requires(Claim.MANAGE_COUNTRY)
@rate_limited("upload")
@page_with_form
def imports(request: HttpRequest, code: str) -> HttpResponse:
    """List the imports of a state's measures, and upload a spreadsheet for another."""
    code = managed_state(request, code)
    form = forms.MeasureTableForm(request.POST or None, request.FILES or None, state=code)
    if request.method == "POST" and form.is_valid() and form.import_state:
        return _render_import(request, code, form.import_state)
    context = {"code": code, "form": form, "imports": queries.imports_of(code)[:50]}
    status = 422 if form.errors else 200
    return render(request, "implementation/imports/imports.html", context, status=status)


@requires(Claim.MANAGE_COUNTRY)
@rate_limited("upload")
@require_POST
def check_import(request: HttpRequest, code: str) -> HttpResponse:
    """Preview the import of a table with the chosen columns. Nothing is saved."""
    code = managed_state(request, code)
    try:
        return _render_import(request, code, restore_import_state(request.POST, code))
    except InvalidImportState:
        return _reject_invalid_import(request, code)


@requires(Claim.MANAGE_COUNTRY)
@rate_limited("upload")
@require_POST
def confirm_import(request: HttpRequest, code: str) -> HttpResponse:
    """Import the table as the preview showed it, all rows or none."""
    code = managed_state(request, code)
    try:
        state = restore_import_state(request.POST, code)
    except InvalidImportState:
        return _reject_invalid_import(request, code)
    try:
        imported = actions.import_measures(
            by=current_account(request), state=code, target=state.target, rows=state.rows, options=state.options,
            decisions=state.decisions, fingerprint=request.POST.get("mark", ""),
        )  # fmt: skip
    except SamsvarError as error:
        return _render_import(request, code, state, describe_error(error))
    count = imported.added + imported.changed
    messages.success(request, ngettext("%(count)d row imported.", "%(count)d rows imported.", count) % {"count": count})
    return redirect("implementation:import", code, imported.public_id)


def _render_import(request: HttpRequest, code: str, state: MeasureImportState, error: Any = None) -> HttpResponse:
    """Render the page of an import: its columns, and the outcome of each row once the columns are confirmed."""
    plan, status = None, 409 if error else 200
    if state.is_checked:
        try:
            plan = queries.plan_import(
                state=code, plan=state.target.plan, has_plan=state.target.has_plan, rows=state.rows,
                options=state.options, decisions=state.decisions,
            )  # fmt: skip
        except SamsvarError as exc:
            error, status = describe_error(exc), 422
    previews = queries.preview_rows(plan) if plan else []
    context = {
        "code": code, "carried": state, "layout": forms.TableLayoutForm(state), "plan": plan, "error": error,
        "rows": [preview for preview in previews if not preview.is_plain],
        "new_rows": [preview.planned for preview in previews if preview.is_plain],
        "rows_with_several_bodies": sum(preview.planned.split_bodies for preview in previews),
        "region_kinds": enum_choices(RegionKind),
    }  # fmt: skip
    return render(request, "implementation/imports/check.html", context, status=status)


def _reject_invalid_import(request: HttpRequest, code: str) -> HttpResponse:
    messages.error(request, _("This is not the version of the spreadsheet that you checked. Upload it again."))
    return redirect("implementation:imports", code)


@requires(Claim.MANAGE_COUNTRY)
@require_safe
def show_import(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    """Show what an import changed."""
    code = managed_state(request, code)
    shown = object_or_404(queries.find_import(code, public_id))
    changes = queries.changes_of_import(shown)
    context = {"code": code, "imported": shown, "changes": changes, "regions": queries.regions_of_import(shown)}
    return render(request, "implementation/imports/import.html", context)


@requires(Claim.MANAGE_COUNTRY)
@require_POST
def undo_import(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    """Undo an import, all or nothing."""
    code = managed_state(request, code)
    undone = object_or_404(queries.find_import(code, public_id))
    return post_action(
        request,
        lambda: actions.undo_import(by=current_account(request), imported=undone),
        success=_("Undone. The measures are as they were before."),
        redirect_to=reverse("implementation:import", args=[code, public_id]),
    )


@public
@require_safe
def export_measures(request: HttpRequest, code: str, form: str) -> HttpResponse:
    """Export the filtered measures of a state that the user can see, in columns that can be imported again."""
    state = object_or_404(find_state(code))
    if form not in CONTENT_TYPES:
        raise Http404
    language = get_language() or "en"
    headings = export_headings(language)
    filters = MeasureFilters.from_params(request.GET.dict())
    rows = [
        {headings[column]: cell for column, cell in format_measure(values, language).items()}
        for values in queries.exported_rows(request.user, state.code, filters, timezone.localdate())
    ]
    response = table_response(
        rows, [*headings.values()], form, f"measures-{code.lower()}",
        numbers=[headings[column] for column in NUMBER_COLUMNS], dates=[headings[column] for column in DATE_COLUMNS],
    )  # fmt: skip
    if can_manage_country(request.user, code):
        response["Cache-Control"] = "private, no-store"
    return response
