"""Views of the funding pages: the list, one activity, exports, editing, and table imports."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST, require_safe

from samsvar.errors import SamsvarError
from samsvar.funding import loading
from samsvar.funding.programmes import ActivityKind
from samsvar.funding.tables import DATE_COLUMNS
from samsvar.interchange.iati import NothingToReport, parse_reporting_organisation
from samsvar.network.rights import Claim
from samsvar.site.funding import actions, descendants, forms, import_plan, labels, models, queries
from samsvar.site.funding.import_state import ImportState, restore_import_state
from samsvar.site.funding.permissions import can_edit_funding
from samsvar.site.funding.templatetags.funding import area_name
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.downloads import CONTENT_TYPES, table_response
from samsvar.site.shell.errors import describe_error
from samsvar.site.shell.filters import build_filter_form
from samsvar.site.shell.form_pages import form_page, page_with_form
from samsvar.site.shell.labels import Label, enum_choices
from samsvar.site.shell.limits import rate_limited
from samsvar.site.shell.submitted_sheets import InvalidImportState
from samsvar.site.shell.templatetags.samsvar import state_name
from samsvar.site.shell.view_permissions import public, requires

# --- Public pages -----------------------------------------------------------------------------------------------------


@public
@require_safe
def funding(request: HttpRequest) -> HttpResponse:
    page = queries.funding_page(request.user, request.GET.dict(), request.GET.urlencode())
    filters = build_filter_form(
        {**request.GET.dict(), **page.filters}, "filter",
        state=(_("Beneficiary state"), pgettext("states", "all"), _state_choices(page.choices["state"])),
        donor=(_("Donor state"), pgettext("states", "all"), _state_choices(page.choices["donor"])),
        period=(_("Period"), pgettext("periods", "all"), [(period, period) for period in page.choices["period"]]),
        area=(
            _("Programme area"), pgettext("areas", "all"),
            [(key, Truncator(area_name(key)).chars(50)) for key in page.choices["area"]],
        ),
        kind=(_("Type"), pgettext("kinds", "all"), enum_choices(ActivityKind)),
    )  # fmt: skip
    return render(request, "funding/funding.html", {"page": page, "filters": filters})


def _state_choices(codes: Iterable[str]) -> list[tuple[str, str]]:
    return [(code, state_name(code)) for code in codes]


@public
@require_safe
def activity(request: HttpRequest, slug: str) -> HttpResponse:
    page = object_or_404(queries.activity_page(request.user, slug))
    breakdown = descendants.find_descendants(page.row) if page.children else None
    return render(request, "funding/activity.html", {"page": page, "activity": page.activity, "through": breakdown})


@public
@require_safe
def export_table(request: HttpRequest, form: str) -> HttpResponse:
    """Export the filtered activities as a table that can be imported again."""
    if form not in CONTENT_TYPES:
        raise Http404
    rows = queries.list_table_rows(queries.clean_filters(request.GET.dict()))
    return table_response(
        rows, loading.COLUMNS, form, "funding", cache="no-cache", sheet="Funding",
        numbers=loading.AMOUNT_COLUMNS, dates=DATE_COLUMNS,
    )  # fmt: skip


@public
@require_safe
def export_all_as_iati(request: HttpRequest) -> HttpResponse:
    """Export all real activities that have a source as IATI; `?fictional=yes` adds fictional ones, marked as such."""
    return _iati_response(request, None, fictional=request.GET.get("fictional") == "yes")


@public
@require_safe
def export_activity_as_iati(request: HttpRequest, slug: str) -> HttpResponse:
    return _iati_response(request, slug, fictional=object_or_404(queries.activity_by_slug(slug)).fictional)


def _iati_response(request: HttpRequest, slug: str | None, *, fictional: bool) -> HttpResponse:
    try:
        content = queries.build_iati_document(
            slug,
            reporter=parse_reporting_organisation(settings.SAMSVAR_IATI_ORG),
            vocabulary_url=request.build_absolute_uri(reverse("funding:funding")),
            fictional=fictional,
        )
    except NothingToReport as nothing:
        raise Http404(nothing.message) from nothing
    name = f"{slug or 'activities'}.xml"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-cache"}
    return HttpResponse(content, content_type="application/xml; charset=utf-8", headers=headers)


# --- Editing activities -----------------------------------------------------------------------------------------------


@requires(Claim.MANAGE_FUNDING)
@page_with_form
def add_activity(request: HttpRequest) -> HttpResponse:
    return _render_activity_form(request, None)


@requires(Claim.MANAGE_FUNDING)
@page_with_form
def edit_activity(request: HttpRequest, slug: str) -> HttpResponse:
    return _render_activity_form(request, _get_editable_activity(request, slug))


def _render_activity_form(request: HttpRequest, activity: models.Activity | None) -> HttpResponse:
    form = forms.ActivityForm(request.POST or None, before=queries.to_library_activity(activity) if activity else None)
    return form_page(
        request, form,
        action=lambda: actions.save_activity(by=current_account(request), activity=form.activity, existing=activity),
        redirect_to=lambda saved: redirect("funding:activity", saved.slug),
        template="funding/activity_form.html", context=lambda: {"activity": activity},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ActivityItemType:
    """A type of item that an activity has: its model, its form, and the action that saves it."""

    model: type[models.Transaction | models.Result | models.Link]
    form: type[forms.TransactionForm | forms.ResultForm | forms.FundingLinkForm]
    save: Callable[..., object]
    argument: str  # the name of the item among the arguments of `save`
    title: Label
    to_library: Callable[[Any], Any] | None = None  # None if an item cannot be edited, only removed


ITEM_TYPES = {  # by name in the URL
    "transactions": ActivityItemType(
        models.Transaction, forms.TransactionForm, actions.save_transaction, "money", _lazy("Planned or paid amount"),
        queries.to_library_transaction,
    ),
    "results": ActivityItemType(
        models.Result, forms.ResultForm, actions.save_result, "result", _lazy("Result"), queries.to_library_result,
    ),
    "links": ActivityItemType(
        models.Link, forms.FundingLinkForm, actions.add_link, "link", _lazy("Outcomes of the funding")
    ),
}  # fmt: skip


@requires(Claim.MANAGE_FUNDING)
@page_with_form
def add_activity_item(request: HttpRequest, slug: str, part_type: str) -> HttpResponse:
    return _render_item_form(request, slug, part_type)


@requires(Claim.MANAGE_FUNDING)
@page_with_form
def edit_activity_item(request: HttpRequest, slug: str, part_type: str, pk: int) -> HttpResponse:
    """Edit a transaction or a result of an activity, keeping its ID."""
    part = _get_activity_item(request, slug, part_type, pk)
    to_library = object_or_404(ITEM_TYPES[part_type].to_library)
    return _render_item_form(request, slug, part_type, to_library(part))


def _render_item_form(request: HttpRequest, slug: str, part_type: str, before: Any = None) -> HttpResponse:
    activity, item_type = _get_editable_activity(request, slug), ITEM_TYPES[part_type]
    form = item_type.form(request.POST or None, before=before)

    def build_context() -> dict[str, Any]:
        known_keys = queries.gathering_and_publication_choices() if part_type == "links" else ()
        return {"activity": activity, "title": item_type.title, "known": known_keys}

    return form_page(
        request, form,
        action=lambda: item_type.save(
            by=current_account(request), activity=activity, **{item_type.argument: form.value}
        ),
        redirect_to=reverse("funding:activity", args=[slug]), template="funding/part_form.html", context=build_context,
    )  # fmt: skip


@requires(Claim.MANAGE_FUNDING)
@require_POST
def remove_activity_item(request: HttpRequest, slug: str, part_type: str, pk: int) -> HttpResponse:
    actions.remove_activity_item(by=current_account(request), item=_get_activity_item(request, slug, part_type, pk))
    messages.success(request, _("Removed."))
    return redirect("funding:activity", slug)


def _get_activity_item(request: HttpRequest, slug: str, part_type: str, pk: int) -> Any:
    """Return a transaction, result or link of an activity that the user may edit, or raise Http404."""
    activity, item_type = _get_editable_activity(request, slug), object_or_404(ITEM_TYPES.get(part_type))
    return object_or_404(item_type.model._default_manager.filter(activity=activity, pk=pk).first())


@requires(Claim.MANAGE_FUNDING)
@rate_limited("upload")
@page_with_form
def import_table(request: HttpRequest) -> HttpResponse:
    """Preview the import of a table: how it is read, and the outcome of each row. Nothing is saved until confirmed."""
    if request.method == "POST" and "cells" in request.POST:
        try:
            return _render_import_preview(request, restore_import_state(request.POST))
        except InvalidImportState:
            return _reject_invalid_import(request)
    form = forms.TableUploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and form.import_state:
        return _render_import_preview(request, form.import_state)
    return render(request, "funding/import.html", {"form": form}, status=422 if form.errors else 200)


@requires(Claim.MANAGE_FUNDING)
@rate_limited("upload")
@require_POST
def confirm_import(request: HttpRequest) -> HttpResponse:
    try:
        state = restore_import_state(request.POST)
    except InvalidImportState:
        return _reject_invalid_import(request)
    try:
        result = actions.import_table(
            by=current_account(request), rows=state.rows, options=state.options, decisions=state.decisions,
            fingerprint=request.POST.get("mark", "") or "none",
        )  # fmt: skip
    except SamsvarError as exc:
        return _render_import_preview(request, state, describe_error(exc))
    message = ngettext("%(count)d row saved.", "%(count)d rows saved.", len(result.rows_to_write))
    messages.success(request, message % {"count": len(result.rows_to_write)})
    if result.excluded_rows:
        messages.info(request, labels.excluded_rows_message(result.excluded_rows))
    return redirect("funding:funding")


def _render_import_preview(request: HttpRequest, state: ImportState, error: Any = None) -> HttpResponse:
    """Render the import preview: how the table is read and, if it is readable, the outcome of each row."""
    plan, status = None, 409 if error else 200
    try:
        plan = import_plan.plan_import(current_account(request), state.rows, state.options, state.decisions)
    except SamsvarError as exc:
        error, status = describe_error(exc), 422
    context = {"carried": state, "reading": forms.ImportOptionsForm(state), "plan": plan, "error": error}
    return render(request, "funding/import.html", {"form": forms.TableUploadForm(), **context}, status=status)


def _reject_invalid_import(request: HttpRequest) -> HttpResponse:
    messages.error(request, _("This is not the version of the spreadsheet that you checked. Upload it again."))
    return redirect("funding:import")


def _get_editable_activity(request: HttpRequest, slug: str) -> models.Activity:
    """Return the activity if the user may edit it.

    Raises Http404 if it does not exist, and PermissionDenied if the user may not edit it.
    """
    activity = object_or_404(queries.activity_by_slug(slug))
    if not can_edit_funding(request.user, queries.to_library_activity(activity).beneficiaries):
        raise PermissionDenied
    return activity
