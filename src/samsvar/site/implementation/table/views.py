"""Views of the table of a state's measures: list, bulk edit and export."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from samsvar.implementation.measures import MeasureKind, Stage
from samsvar.interchange.measure_tables import DATE_COLUMNS, NUMBER_COLUMNS, export_headings, format_measure
from samsvar.network.rights import Claim
from samsvar.site.implementation.imports import actions
from samsvar.site.implementation.imports.queries import exported_values
from samsvar.site.implementation.measures.queries import visible_plans
from samsvar.site.implementation.permissions import can_manage_country
from samsvar.site.implementation.table import queries
from samsvar.site.implementation.table.forms import BulkEditForm
from samsvar.site.network.view_helpers import current_account
from samsvar.site.shell.downloads import CONTENT_TYPES, table_response
from samsvar.site.shell.filters import build_filter_form
from samsvar.site.shell.form_pages import form_page
from samsvar.site.shell.labels import enum_choices
from samsvar.site.shell.view_permissions import public, requires
from samsvar.territories import territory

PAGE_SIZE = 200  # more than the largest action plan that we know of, 120 measures


@public
@require_safe
def measures(request: HttpRequest, code: str) -> HttpResponse:
    """List the measures of a state that the user can see; its desk can select several and change them."""
    return render(
        request, "implementation/table/measures.html", _table_context(request, code) | {"form": BulkEditForm()}
    )


@requires(Claim.MANAGE_COUNTRY)
@require_POST
def edit_measures(request: HttpRequest, code: str) -> HttpResponse:
    """Change the selected measures in the same way, all or none."""
    if not can_manage_country(request.user, code):
        raise PermissionDenied
    selected, changed_since = queries.selected_measures(code, request.POST.getlist("measure"))
    form = BulkEditForm(request.POST)
    if not selected:
        form.add_error(None, _("Select at least one measure in the table."))

    def edit() -> actions.MeasureBatch:
        if changed_since:
            raise actions.MeasuresChangedSince(changed_since)
        return actions.edit_measures(
            by=current_account(request), state=code, measures=selected, values=form.values,
            stage=Stage(form.cleaned_data["stage"]) if form.cleaned_data["stage"] else None,
            reason=form.cleaned_data["reason"],
        )  # fmt: skip

    return form_page(
        request, form, action=edit,
        success=lambda batch: ngettext(
            "%(count)d measure changed.", "%(count)d measures changed.", batch.changed
        ) % {"count": batch.changed},
        redirect_to=lambda batch: redirect("implementation:batch", code, batch.public_id),
        template="implementation/table/measures.html",
        context=lambda: _table_context(request, code, {measure.public_id for measure in selected}),
    )  # fmt: skip


def _table_context(request: HttpRequest, code: str, selected: Iterable[str] = ()) -> dict[str, object]:
    if territory(code) is None:
        raise Http404
    filters = queries.clean_filters(request.GET.dict())
    lines = queries.measure_lines(request.user, code, filters, timezone.localdate())
    plans = [(plan.public_id, plan.title) for plan in visible_plans(request.user, code)]
    return {
        "code": code,
        "filters": build_filter_form(
            {name: getattr(filters, name) for name in filters.__dataclass_fields__}, "filter",
            plan=(_("Plan"), _("all plans"), [*plans, ("none", _("without a plan"))]),
            stage=(_("Stage"), _("all stages"), enum_choices(Stage)),
            kind=(_("Kind"), _("all kinds"), enum_choices(MeasureKind)),
            due=(_("Due"), _("any time"), [(queries.OVERDUE, _("overdue"))]),
            findings=(_("Findings"), _("with or without"), [(queries.UNLINKED, _("answers no finding"))]),
        ),
        "page": Paginator(lines, PAGE_SIZE).get_page(request.GET.get("page")),
        "count": len(lines),
        "can_edit": can_manage_country(request.user, code),
        "selected": set(selected),
    }  # fmt: skip


@public
@require_safe
def export_measures(request: HttpRequest, code: str, file_format: str) -> HttpResponse:
    """Export the filtered measures of a state that the user can see, in columns that can be imported again."""
    if territory(code) is None or file_format not in CONTENT_TYPES:
        raise Http404
    language = get_language() or "en"
    headings = export_headings(language)
    lines = queries.measure_lines(request.user, code, queries.clean_filters(request.GET.dict()), timezone.localdate())
    rows = [
        {headings[column]: cell for column, cell in format_measure(exported_values(line.measure), language).items()}
        for line in lines
    ]
    response = table_response(
        rows, [*headings.values()], file_format, f"measures-{code.lower()}",
        numbers=[headings[column] for column in NUMBER_COLUMNS], dates=[headings[column] for column in DATE_COLUMNS],
    )  # fmt: skip
    if can_manage_country(request.user, code):
        response["Cache-Control"] = "private, no-store"
    return response
