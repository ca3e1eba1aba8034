"""Views of a state's plans and measures: for everyone what is public, and for the state's desk everything."""

from __future__ import annotations

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from samsvar.implementation.measures import MeasureKind, Stage
from samsvar.site.implementation.labels import FIELDS
from samsvar.site.implementation.measures import queries
from samsvar.site.network.view_helpers import object_or_404
from samsvar.site.shell.filters import build_filter_form
from samsvar.site.shell.labels import enum_choices
from samsvar.site.shell.view_permissions import public

# --- Pages for everyone -----------------------------------------------------------------------------------------------


@public
@require_safe
def measures(request: HttpRequest, code: str) -> HttpResponse:
    """List a state's measures: as a table by chapter, or with `?view=board` as a board by stage."""
    return _render_measures(request, object_or_404(queries.find_state(code)).code)


def _render_measures(request: HttpRequest, code: str) -> HttpResponse:
    board = request.GET.get("view") == "board"
    filters = queries.MeasureFilters.from_params(request.GET.dict())
    page = queries.measure_list(
        request.user, code, filters, day=timezone.localdate(), board=board, page=request.GET.get("page", "")
    )
    context = {"page": page, "filters": _build_filters(page, board=board), "view": "board" if board else ""}
    return render(request, "implementation/measures/measures.html", context)


def _build_filters(page: queries.MeasureList, *, board: bool) -> Form:
    choices = page.choices
    only = [("overdue", _("overdue")), ("unanswered", _("answers no finding"))]
    if page.can_manage:
        only.append(("unpublished", _("not published")))
    form = build_filter_form(
        page.filters.to_dict(), "filter",
        plan=(FIELDS["plan"], pgettext("plans", "all"), [(plan.public_id, plan.title) for plan in choices.plans]),
        chapter=(
            FIELDS["chapter"], pgettext("chapters", "all"),
            [(chapter.pk, chapter.title) for chapter in choices.chapters],
        ),
        kind=(FIELDS["kind"], pgettext("kinds", "all"), enum_choices(MeasureKind)),
        stage=(FIELDS["stage"], pgettext("stages", "all"), enum_choices(Stage)),
        lead=(
            FIELDS["lead"], pgettext("bodies", "all"),
            [*((name, name) for name in choices.leads), (queries.NO_VALUE, pgettext("lead body", "none"))],
        ),
        region=(FIELDS["region"], pgettext("regions", "all"), choices.regions),
        article=(_("Article"), pgettext("articles", "all"), [(number, number) for number in choices.articles]),
        only=(pgettext("filter of measures", "Only"), pgettext("measures", "all"), only),
        view=(_("Show as"), None, [("", _("table by chapter")), ("board", _("board by stage"))]),
    )  # fmt: skip
    form.initial["view"] = "board" if board else ""
    for name, offered in (("plan", choices.plans), ("chapter", choices.chapters), ("region", choices.regions)):
        if not offered:
            del form.fields[name]
    return form


@public
@require_safe
def measure(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a measure: what it is, the findings that it answers, and its history."""
    page = object_or_404(queries.measure_page(request.user, public_id, timezone.localdate()))
    return render(request, "implementation/measures/measure.html", {"page": page, "measure": page.measure})
