"""Views of a state's plans and measures: for everyone what is public, and for the state's desk everything."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST, require_safe

from samsvar.implementation.measures import AnswerScope, MeasureKind, Stage
from samsvar.network.rights import Claim
from samsvar.site.implementation.labels import FIELDS
from samsvar.site.implementation.measures import actions, forms, models, queries
from samsvar.site.implementation.measures.matrix import (
    MAX_COLUMNS,
    PART,
    STOPPED,
    WHOLE,
    MatrixFilters,
    MatrixPage,
    matrix_page,
)
from samsvar.site.implementation.measures.view_helpers import managed_measure, managed_state
from samsvar.site.monitoring.models import Finding
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.filters import build_filter_form
from samsvar.site.shell.form_pages import (
    form_page,
    form_page_status,
    page_with_form,
    post_action,
    run_action,
    show_success_with_undo,
)
from samsvar.site.shell.labels import STRENGTHS, enum_choices, find_label
from samsvar.site.shell.view_permissions import public, requires

# --- Pages for everyone -----------------------------------------------------------------------------------------------


@public
@require_safe
def measures(request: HttpRequest, code: str) -> HttpResponse:
    """List a state's measures: as a table by chapter, or with `?view=board` as a board by stage."""
    return _render_measures(request, object_or_404(queries.find_state(code)).code)


def _render_measures(
    request: HttpRequest,
    code: str,
    *,
    form: Form | None = None,
    selected: Mapping[str, int] = MappingProxyType({}),
    error: object = None,
) -> HttpResponse:
    board = request.GET.get("view") == "board"
    filters = queries.MeasureFilters.from_params(request.GET.dict())
    page = queries.measure_list(
        request.user, code, filters, day=timezone.localdate(), board=board,
        on_one_page=request.GET.get("pages") == "one", page=request.GET.get("page", ""),
    )  # fmt: skip
    context = {
        "page": page,
        "filters": _build_filters(page, request.GET.dict(), board=board),
        "view": "board" if board else "",
        "form": form or (forms.BulkForm(state=code) if page.can_manage else None),
        "is_open": form is not None,
        "selected": selected,
        "error": error,
    }
    return render(request, "implementation/measures/measures.html", context, status=form_page_status(form, error))


@requires(Claim.MANAGE_COUNTRY)
@require_POST
def edit_measures(request: HttpRequest, code: str) -> HttpResponse:
    """Change the selected measures, all or none. Each is selected as the version that the user saw: `id:version`."""
    code = managed_state(request, code)
    chosen = (value.partition(":") for value in request.POST.getlist("measure")[: queries.MEASURES_ON_ONE_PAGE])
    selected = {public_id: int(version) for public_id, _colon, version in chosen if version.isdecimal()}
    form = forms.BulkForm(request.POST, state=code)
    if not selected:
        form.add_error(None, _("Select at least one measure."))
    error, batch = None, uuid4()
    if form.is_valid():
        stage = form.cleaned_data["stage"]
        changed, error = run_action(
            actions.change_measures,
            by=current_account(request),
            state=code,
            measures=models.Measure.objects.filter(state_id=code, public_id__in=selected).order_by("pk"),
            values=form.values,
            stage=Stage(stage) if stage else None,
            reason=form.cleaned_data["reason"],
            seen=selected,
            batch=batch,
        )
        if error is None:
            text = ngettext("%(number)d measure changed.", "%(number)d measures changed.", changed) % {
                "number": changed
            }
            if changed:
                undo = reverse("implementation:undo-bulk-edit", args=[code, batch])
                show_success_with_undo(request, text, undo + _query_of(request))
            else:
                messages.success(request, text)
            return redirect(reverse("implementation:measures", args=[code]) + _query_of(request))
    return _render_measures(request, code, form=form, selected=selected, error=error)


def _query_of(request: HttpRequest) -> str:
    """Return the filters of the list that a form was on, as the end of a URL."""
    query = request.GET.urlencode()
    return f"?{query}" if query else ""


@requires(Claim.MANAGE_COUNTRY)
@require_POST
def undo_bulk_edit(request: HttpRequest, code: str, batch: UUID) -> HttpResponse:
    """Undo a bulk edit, all or nothing, from the list of measures or from the history of one of them."""
    code = managed_state(request, code)
    if not queries.is_bulk_edit(code, batch):
        raise Http404
    shown = queries.find_measure(request.user, request.POST.get("measure", ""))
    back = (
        reverse("implementation:measure", args=[shown.public_id]) + "#history"
        if shown
        else reverse("implementation:measures", args=[code]) + _query_of(request)
    )
    return post_action(
        request,
        lambda: actions.undo_bulk_edit(by=current_account(request), state=code, batch=batch),
        success=lambda undone: ngettext(
            "Undone. %(number)d measure is as it was before.",
            "Undone. %(number)d measures are as they were before.",
            undone.restored,
        ) % {"number": undone.restored},
        redirect_to=lambda _undone: redirect(back),
        on_error=back,
    )  # fmt: skip


def _build_filters(page: queries.MeasureList, params: Mapping[str, str], *, board: bool) -> Form:
    choices = page.choices
    only = [("overdue", _("overdue")), ("unanswered", _("answers no finding"))]
    if page.can_manage:
        only.append(("unpublished", _("not published")))
    form = build_filter_form(
        {**params, **page.filters.to_dict()}, "filter",
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
def measures_by_finding(request: HttpRequest, code: str) -> HttpResponse:
    """List the findings on a state with the measures that answer each, or show both as a matrix (`?view=matrix`)."""
    state = object_or_404(queries.find_state(code)).code
    as_matrix = request.GET.get("view") == "matrix"
    page = matrix_page(
        request.user,
        state,
        MatrixFilters.from_params(request.GET.dict()),
        as_matrix=as_matrix,
        page=request.GET.get("page", ""),
    )
    context = {
        "page": page,
        "filters": _build_matrix_filters(page, as_matrix=as_matrix),
        "view": "matrix" if as_matrix else "",
        "signs": {"whole": WHOLE, "part": PART, "stopped": STOPPED},
        "max_columns": MAX_COLUMNS,
    }
    return render(request, "implementation/measures/by_finding.html", context)


def _build_matrix_filters(page: MatrixPage, *, as_matrix: bool) -> Form:
    form = build_filter_form(
        page.filters.to_dict(), "filter",
        plan=(FIELDS["plan"], pgettext("plans", "all"), [(plan.public_id, plan.title) for plan in page.plans]),
        lead=(
            FIELDS["lead"], pgettext("bodies", "all"),
            [*((name, name) for name in page.leads), (queries.NO_VALUE, pgettext("lead body", "none"))],
        ),
        stage=(FIELDS["stage"], pgettext("stages", "all"), enum_choices(Stage)),
        strength=(
            _("Strength"), pgettext("strengths", "all"),
            [(strength or queries.NO_VALUE, find_label(STRENGTHS, strength)) for strength in page.strengths],
        ),
        only=(
            _("Findings"), pgettext("findings", "all"),
            [("unanswered", _("not answered by a measure shown")), ("answered", _("answered by a measure shown"))],
        ),
        view=(_("Show as"), None, [("", _("list by article")), ("matrix", _("matrix of measures and findings"))]),
    )  # fmt: skip
    form.initial["view"] = "matrix" if as_matrix else ""
    if not page.plans:
        del form.fields["plan"]
    return form


@public
@require_safe
def measure(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a measure: what it is, the findings that it answers, and its history."""
    return _render_measure(request, public_id)


def _render_measure(
    request: HttpRequest, public_id: str, *, shown: Mapping[str, Form] = MappingProxyType({}), error: object = None
) -> HttpResponse:
    """Render a measure's page. `shown` are submitted forms with errors: "stage", "visibility", "end" and "answer"."""
    page = object_or_404(queries.measure_page(request.user, public_id, timezone.localdate()))
    context: dict[str, Any] = {"page": page, "measure": page.measure, "error": error, "open_forms": [*shown]}
    if page.can_manage:
        context["forms"] = {
            "stage": forms.StageForm(measure=page.measure, auto_id="stage-%s"),
            "visibility": forms.VisibilityForm(
                initial={"visibility": page.measure.visibility}, auto_id="visibility-%s"
            ),
            **shown,
        }
        context["form"] = next(iter(shown.values()), None)
    status = form_page_status(next(iter(shown.values()), None), error)
    return render(request, "implementation/measures/measure.html", context, status=status)


# --- Editing measures -------------------------------------------------------------------------------------------------


@requires(Claim.MANAGE_COUNTRY)
@page_with_form
def add_measure(request: HttpRequest, code: str) -> HttpResponse:
    return _render_measure_form(request, managed_state(request, code), None)


@requires(Claim.MANAGE_COUNTRY)
@page_with_form
def edit_measure(request: HttpRequest, public_id: str) -> HttpResponse:
    measure = managed_measure(request, public_id)
    return _render_measure_form(request, measure.state_id, measure)


def _render_measure_form(request: HttpRequest, state: str, existing: models.Measure | None) -> HttpResponse:
    version = existing.version if existing else 0  # before the form writes what was submitted into its instance
    form = forms.MeasureForm(request.POST or None, instance=existing, state=state)

    def save() -> models.Measure:
        stage = form.cleaned_data.get("stage")
        return actions.save_measure(
            by=current_account(request), state=state, values=form.values, existing=existing,
            bodies=form.bodies_of(state), stage=Stage(stage) if stage else None,
            reason=form.cleaned_data.get("reason", ""), seen=_version_seen(request) if existing else None,
        )  # fmt: skip

    return form_page(
        request, form, action=save,
        success=(
            _("Changes saved.") if existing else _("Measure added. Only the desk can see it until it is published.")
        ),
        redirect_to=lambda saved: redirect("implementation:measure", saved.public_id),
        template="implementation/measures/measure_form.html",
        context=lambda: {
            "state": state, "measure": existing, "seen": request.POST.get("seen", version),
            "title": existing and queries.find_measure(request.user, existing.public_id),
        },
    )  # fmt: skip


def _version_seen(request: HttpRequest) -> int:
    """Return the version of the measure that the user saw; 0, which is never current, if the form does not say."""
    seen = request.POST.get("seen", "")
    return int(seen) if seen.isdecimal() and len(seen) < 10 else 0


@requires(Claim.MANAGE_COUNTRY)
@require_POST
def change_stage(request: HttpRequest, public_id: str) -> HttpResponse:
    measure = managed_measure(request, public_id)
    form = forms.StageForm(request.POST, measure=measure, auto_id="stage-%s")
    return _change_on_page(
        request, measure, "stage", form, _("Stage changed."),
        lambda data: {"values": {}, "stage": Stage(data["stage"]), "reason": data["reason"]},
    )  # fmt: skip


@requires(Claim.MANAGE_COUNTRY)
@require_POST
def change_visibility(request: HttpRequest, public_id: str) -> HttpResponse:
    """Publish a measure, or limit again who can see it."""
    measure = managed_measure(request, public_id)
    form = forms.VisibilityForm(request.POST, auto_id="visibility-%s")
    return _change_on_page(request, measure, "visibility", form, _("Changes saved."), lambda data: {"values": data})


def _change_on_page(
    request: HttpRequest, measure: models.Measure, name: str, form: Form, success: str, change: Any
) -> HttpResponse:
    """Carry out a change that a form on the measure's page asks for, or show the page again with its errors."""
    error = None
    if form.is_valid():
        _saved, error = run_action(
            actions.save_measure, by=current_account(request), state=measure.state_id, existing=measure,
            seen=_version_seen(request), **change(form.cleaned_data),
        )  # fmt: skip
        if error is None:
            messages.success(request, success)
            return redirect("implementation:measure", measure.public_id)
    return _render_measure(request, measure.public_id, shown={name: form}, error=error)


# --- Findings that a measure answers ----------------------------------------------------------------------------------


@requires(Claim.MANAGE_COUNTRY)
@page_with_form
def link_findings(request: HttpRequest, public_id: str) -> HttpResponse:
    """Choose findings of the state that a measure answers; those without an answer come first."""
    measure = managed_measure(request, public_id)
    findings = queries.findings_to_link(measure)
    form = forms.LinkFindingsForm(request.POST or None, findings=[one.public_id for one in findings])

    def link() -> int:
        data = form.cleaned_data
        chosen = Finding.objects.filter(public_id__in=data["findings"], state_id=measure.state_id)
        with transaction.atomic():
            for finding in chosen.order_by("pk"):
                actions.link_answer(
                    by=current_account(request), measure=measure, finding=finding, scope=AnswerScope(data["scope"]),
                    part=data["part"], part_text=data["part_text"], reason=data["reason"],
                )  # fmt: skip
        return len(data["findings"])

    return form_page(
        request, form, action=link,
        success=lambda number: ngettext(
            "%(number)d finding linked.", "%(number)d findings linked.", number
        ) % {"number": number},
        redirect_to=reverse("implementation:measure", args=[public_id]) + "#answers",
        template="implementation/measures/link_findings.html",
        context=lambda: _findings_to_choose(request, measure, findings),
    )  # fmt: skip


def _findings_to_choose(request: HttpRequest, measure: models.Measure, findings: list[Any]) -> dict[str, Any]:
    """Return the findings to show: those without an answer and those chosen, or all with `?all=1`."""
    chosen = request.POST.getlist("findings")
    shown = [one for one in findings if not one.answered or one.public_id in chosen]
    if "all" in request.GET or not shown:
        shown = findings
    return {"measure": measure, "findings": shown, "hidden": len(findings) - len(shown), "chosen": chosen}


@requires(Claim.MANAGE_COUNTRY)
@page_with_form
def change_answer(request: HttpRequest, public_id: str, pk: int) -> HttpResponse:
    """Change how a measure answers a finding, or record that it no longer does."""
    measure = managed_measure(request, public_id)
    answer = object_or_404(queries.find_answer(measure, pk))
    form = forms.AnswerForm(request.POST) if request.method == "POST" else forms.AnswerForm.for_answer(answer)
    return form_page(
        request, form,
        action=lambda: actions.change_answer(by=current_account(request), answer=answer, **form.cleaned_data),
        success=_("Changes saved."),
        redirect_to=reverse("implementation:measure", args=[public_id]) + "#answers",
        template="implementation/measures/change_answer.html",
        context=lambda: {
            "measure": measure, "answer": answer, "end_form": forms.EndAnswerForm(auto_id="end-%s"),
        },
    )  # fmt: skip


@requires(Claim.MANAGE_COUNTRY)
@require_POST
def end_answer(request: HttpRequest, public_id: str, pk: int) -> HttpResponse:
    measure = managed_measure(request, public_id)
    answer = object_or_404(queries.find_answer(measure, pk))
    form = forms.EndAnswerForm(request.POST, auto_id="end-%s")
    return form_page(
        request, form,
        action=lambda: actions.end_answer(by=current_account(request), answer=answer, **form.cleaned_data),
        success=_("Link ended. The history keeps it."),
        redirect_to=reverse("implementation:measure", args=[public_id]) + "#answers",
        template="implementation/measures/change_answer.html",
        context=lambda: {
            "measure": measure, "answer": answer, "end_form": form, "answer_form": forms.AnswerForm.for_answer(answer),
        },
    )  # fmt: skip


# --- Plans and regions ------------------------------------------------------------------------------------------------


@requires(Claim.MANAGE_COUNTRY)
@page_with_form
def plans(request: HttpRequest, code: str) -> HttpResponse:
    """List a state's plans and regions, and add a region."""
    state = managed_state(request, code)
    form = forms.RegionForm(request.POST or None, state=state)
    return form_page(
        request, form,
        action=lambda: actions.save_region(by=current_account(request), state=state, values=form.cleaned_data),
        success=lambda region: _("%(name)s added.") % {"name": region.name},
        redirect_to=reverse("implementation:plans", args=[state]) + "#regions",
        template="implementation/measures/plans.html",
        context=lambda: {
            "state": state,
            "plans": queries.plans_with_counts(state),
            "regions": models.Region.objects.filter(state_id=state).select_related("part_of"),
        },
    )  # fmt: skip


@requires(Claim.MANAGE_COUNTRY)
@page_with_form
def add_plan(request: HttpRequest, code: str) -> HttpResponse:
    return _render_plan_form(request, managed_state(request, code), None)


@requires(Claim.MANAGE_COUNTRY)
@page_with_form
def edit_plan(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    state = managed_state(request, code)
    return _render_plan_form(request, state, object_or_404(queries.find_plan(state, public_id)))


def _render_plan_form(request: HttpRequest, state: str, existing: models.Plan | None) -> HttpResponse:
    form = forms.PlanForm(request.POST or None, instance=existing)
    return form_page(
        request, form,
        action=lambda: actions.save_plan(
            by=current_account(request), state=state, values=form.values, chapters=form.cleaned_data["chapters"],
            existing=existing and queries.find_plan(state, existing.public_id),
        ),
        success=_("Plan saved."),
        redirect_to=reverse("implementation:plans", args=[state]),
        template="implementation/measures/plan_form.html", context=lambda: {"state": state, "plan": existing},
    )  # fmt: skip
