"""Views of a state's figures: the public list, series and exports, and the desk's entry, import and publication."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from samsvar.errors import SamsvarError
from samsvar.implementation.indicators import Cell
from samsvar.network.rights import Claim
from samsvar.site.convention.models import State
from samsvar.site.implementation.indicators import actions, forms, models, queries, spreadsheet
from samsvar.site.implementation.permissions import can_manage_country
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.downloads import CONTENT_TYPES, table_response
from samsvar.site.shell.errors import describe_error
from samsvar.site.shell.form_pages import form_page, page_with_form
from samsvar.site.shell.limits import rate_limited
from samsvar.site.shell.view_permissions import public, requires

# --- Public pages -----------------------------------------------------------------------------------------------------


@public
@require_safe
def figures(request: HttpRequest, code: str) -> HttpResponse:
    """Show the indicators of a state that have published figures; the desk also sees those to be entered."""
    state = _get_state(code)
    desk = can_manage_country(request.user, state.code)
    context = {"state": state, "is_desk": desk, "indicators": queries.list_indicators(state.code, desk=desk)}
    return render(request, "implementation/indicators/figures.html", context)


@public
@require_safe
def show_indicator(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Show the published values of an indicator as charts and a table; everyone sees the same, the desk too."""
    state, indicator = _get_indicator(code, name)
    page = queries.series_page(indicator, state.code, _get_cell(request, indicator), get_language() or "en")
    desk = can_manage_country(request.user, state.code)
    if not page.cells and not desk:
        raise Http404
    context = {
        "state": state, "indicator": indicator, "page": page, "is_desk": desk,
        "cells": forms.cell_form(indicator, request.GET) if len(page.cells) > 1 else None,
    }  # fmt: skip
    return render(request, "implementation/indicators/indicator.html", context)


@public
@require_safe
def export_figures(request: HttpRequest, code: str, name: str, form: str) -> HttpResponse:
    state, indicator = _get_indicator(code, name)
    return _export(queries.public_values(indicator, state.code), form, f"{state.code}-{indicator.key}")


@public
@require_safe
def export_all_figures(request: HttpRequest, code: str, form: str) -> HttpResponse:
    """Export all published figures of a state in one table."""
    state = _get_state(code)
    values = models.IndicatorValue.objects.filter(queries.PUBLIC, state=state)
    return _export(values.select_related("region", "published_in"), form, f"{state.code}-figures")


def _export(values: Any, form: str, name: str) -> HttpResponse:
    if form not in CONTENT_TYPES:
        raise Http404
    rows = queries.public_rows(values.select_related("indicator", "region", "published_in"))
    return table_response(
        rows, queries.EXPORT_COLUMNS, form, name, cache="no-cache", sheet="Figures",
        numbers=("year", "number", "denominator", "revision"), dates=("published",),
    )  # fmt: skip


# --- Desk -------------------------------------------------------------------------------------------------------------


@requires(Claim.MANAGE_COUNTRY)
@require_safe
def figures_to_fill(request: HttpRequest, code: str) -> HttpResponse:
    state = _get_state(code)
    _check_desk(request, state)
    context = {"state": state, "missing": queries.figures_to_fill(state.code, localdate())}
    return render(request, "implementation/indicators/to_fill.html", context)


@requires(Claim.MANAGE_COUNTRY)
@page_with_form
def add_indicator(request: HttpRequest, code: str) -> HttpResponse:
    state = _get_state(code)
    _check_desk(request, state)
    return _render_indicator_form(request, state, None)


@requires(Claim.MANAGE_COUNTRY)
@page_with_form
def edit_indicator(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Edit an indicator of a state's own; the shared ones come from a data file."""
    state, indicator = _get_editable(request, code, name)
    if indicator.state_id is None:
        raise PermissionDenied
    return _render_indicator_form(request, state, indicator)


def _render_indicator_form(request: HttpRequest, state: State, indicator: models.Indicator | None) -> HttpResponse:
    form = forms.IndicatorForm(request.POST or None, language=get_language() or "en", existing=indicator)
    return form_page(
        request, form,
        action=lambda: actions.save_indicator(
            by=current_account(request), state=state.code, values=form.values, existing=indicator
        ),
        success=_("Indicator saved."),
        redirect_to=lambda saved: redirect("implementation:enter-figures", state.code, saved.key),
        template="implementation/indicators/indicator_form.html",
        context=lambda: {"state": state, "indicator": indicator},
    )  # fmt: skip


@requires(Claim.MANAGE_COUNTRY)
@page_with_form
def enter_figures(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Enter the figures of one cell: a grid of regions and years."""
    state, indicator = _get_editable(request, code, name)
    cell = _get_cell(request, indicator)
    values = list(queries.current_values(indicator, state.code))
    form = forms.FiguresForm(
        request.POST or None, indicator=indicator, state=state.code, cell=cell, values=values,
        years=queries.years_to_enter(indicator, state.code, localdate()),
        regions=[None, *queries.regions_of(state.code)],
    )  # fmt: skip
    return form_page(
        request, form,
        action=lambda: actions.enter_values(
            by=current_account(request), state=state.code, indicator=indicator, entries=form.entries
        ),
        success=_saved_message,
        redirect_to=request.get_full_path(),
        template="implementation/indicators/enter.html",
        context=lambda: {
            "state": state, "indicator": indicator, "cell": cell, "cells": forms.cell_form(indicator, request.GET),
            "pending": sum(value.published_in_id is None for value in values),
        },
    )  # fmt: skip


def _saved_message(changed: int) -> str:
    if not changed:
        return _("Nothing has changed.")
    text = ngettext("%(count)d figure saved.", "%(count)d figures saved.", changed) % {"count": changed}
    return f"{text} {_('Readers see it once you publish the figures.')}"


@requires(Claim.MANAGE_COUNTRY)
@require_safe
def download_template(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Download a workbook with a indicator for each value to enter, with the numbers that only the desk may see."""
    state, indicator = _get_editable(request, code, name)
    response = HttpResponse(
        spreadsheet.template(indicator, state.code, localdate()), content_type=CONTENT_TYPES["xlsx"],
        headers={"Cache-Control": "private, no-store"},
    )  # fmt: skip
    response["Content-Disposition"] = f'attachment; filename="{state.code}-{indicator.key}.xlsx"'
    return response


@requires(Claim.MANAGE_COUNTRY)
@rate_limited("upload")
@page_with_form
def import_figures(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Upload a filled-in template, check every change, and import all of it or nothing."""
    state, indicator = _get_editable(request, code, name)
    if "cells" in request.POST:
        return _confirm_import(request, state, indicator)
    form = forms.FiguresUploadForm(request.POST or None, request.FILES or None, indicator=indicator, state=state.code)
    preview = form.preview if form.is_bound and form.is_valid() else None
    return _render_import(request, state, indicator, form, preview, status=422 if form.errors else 200)


def _confirm_import(request: HttpRequest, state: State, indicator: models.Indicator) -> HttpResponse:
    form = forms.FiguresUploadForm(indicator=indicator, state=state.code)
    cells = spreadsheet.restore_cells(request.POST["cells"])
    here = reverse("implementation:import-figures", args=[state.code, indicator.key])
    try:
        preview = spreadsheet.plan_import(indicator, state.code, cells) if cells else None
    except SamsvarError:
        preview = None
    if preview is None or preview.fingerprint != request.POST.get("fingerprint"):
        messages.error(request, _("The figures have changed since you checked this file. Upload it again."))
        return redirect(here)
    if preview.wrong:
        return _render_import(request, state, indicator, form, preview, status=422)
    try:
        changed = actions.enter_values(
            by=current_account(request), state=state.code, indicator=indicator, entries=preview.entries
        )
    except SamsvarError as error:
        return _render_import(request, state, indicator, form, preview, status=409, error=describe_error(error))
    messages.success(request, _saved_message(changed))
    return redirect("implementation:publish-figures", state.code, indicator.key)


def _render_import(
    request: HttpRequest, state: State, indicator: models.Indicator, form: Any, preview: Any, *, status: int,
    error: Any = None,
) -> HttpResponse:  # fmt: skip
    context = {"state": state, "indicator": indicator, "form": form, "preview": preview, "error": error}
    return render(request, "implementation/indicators/import.html", context, status=status)


@requires(Claim.MANAGE_COUNTRY)
@page_with_form
def publish_figures(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Show what readers would see, and publish it."""
    state, indicator = _get_editable(request, code, name)
    error, status = None, 200
    if request.method == "POST":
        try:
            actions.publish_values(by=current_account(request), state=state.code, indicator=indicator)
        except SamsvarError as exc:
            error, status = describe_error(exc), 409
        else:
            messages.success(request, _("Figures published."))
            return redirect("implementation:indicator", state.code, indicator.key)
    plan = queries.plan_release(indicator, state.code)
    context = {"state": state, "indicator": indicator, "plan": plan, "error": error}
    return render(request, "implementation/indicators/publish.html", context, status=status)


# --- What a page is about ---------------------------------------------------------------------------------------------


def _get_state(code: str) -> State:
    return object_or_404(queries.find_state(code))


def _get_indicator(code: str, name: str) -> tuple[State, models.Indicator]:
    state = _get_state(code)
    return state, object_or_404(queries.find_indicator(state.code, name))


def _get_editable(request: HttpRequest, code: str, name: str) -> tuple[State, models.Indicator]:
    state, indicator = _get_indicator(code, name)
    _check_desk(request, state)
    return state, indicator


def _check_desk(request: HttpRequest, state: State) -> None:
    if not can_manage_country(request.user, state.code):
        raise PermissionDenied


def _get_cell(request: HttpRequest, indicator: models.Indicator) -> Cell:
    cell = forms.chosen_cell(indicator, request.GET)
    if cell is None:
        raise Http404
    return cell
