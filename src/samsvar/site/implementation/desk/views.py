"""Views for the desk of a state: what to do now, and decisions about findings, with single keys or as forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST, require_safe

from samsvar.implementation.measures import AnswerScope, TriageDecision
from samsvar.network.rights import Claim
from samsvar.site.implementation.desk import forms, queries
from samsvar.site.implementation.measures import actions
from samsvar.site.implementation.measures.view_helpers import managed_state
from samsvar.site.implementation.permissions import managed_states
from samsvar.site.monitoring.view_helpers import SHORTCUTS_OFF
from samsvar.site.network.access.permissions import Account, Organisation
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.filters import build_filter_form
from samsvar.site.shell.form_pages import form_page_status, page_with_form, run_action, run_with_message
from samsvar.site.shell.labels import STRENGTHS, enum_choices, find_label
from samsvar.site.shell.view_permissions import requires

LAST_BODY = "desk_last_body"  # in the session: the body that the user assigned last


@requires(Claim.MANAGE_COUNTRY)
@require_safe
def own_desk(request: HttpRequest) -> HttpResponse:
    """Go to the desk of the user's state, or list the desks of someone who has several."""
    states = managed_states(request.user)
    if len(states) == 1:
        return redirect("implementation:desk", states[0])
    return render(request, "implementation/desk/desks.html", {"states": states})


@requires(Claim.MANAGE_COUNTRY)
@require_safe
def desk(request: HttpRequest, code: str) -> HttpResponse:
    state = managed_state(request, code)
    return render(request, "implementation/desk/desk.html", {"page": queries.desk_page(state, timezone.localdate())})


@requires(Claim.MANAGE_COUNTRY)
@require_safe
def triage(request: HttpRequest, code: str) -> HttpResponse:
    """Show the findings to decide about, the strongest and oldest first."""
    return _render_triage(request, managed_state(request, code))


def _render_triage(
    request: HttpRequest, state: str, *, shown: Mapping[str, Form] = MappingProxyType({}), error: object = None
) -> HttpResponse:
    page = queries.triage_page(request.user, state, queries.TriageFilters.from_params(request.GET.dict()))
    bodies = Organisation.objects.filter(state_id=state).values_list("name", flat=True)
    context = {
        "page": page,
        "filters": _build_filters(page),
        "forms": {**forms.build_decision_forms(state, body=request.session.get(LAST_BODY, "")), **shown},
        "open_forms": [*shown],
        "form": next(iter(shown.values()), None),
        "selected": request.POST.getlist("finding"),
        "bodies": bodies,
        "shortcuts": not request.session.get(SHORTCUTS_OFF, False),
        "error": error,
    }
    status = form_page_status(next(iter(shown.values()), None), error)
    return render(request, "implementation/desk/triage.html", context, status=status)


def _build_filters(page: queries.TriagePage) -> Form:
    show = [(value, f"{label} ({page.counts[value]})") for value, label in enum_choices(TriageDecision)]
    answered = pgettext("findings", "answered by a measure")
    return build_filter_form(
        page.filters.to_dict(), "filter",
        show=(
            pgettext("filter", "Show"), None,
            [
                *show, (queries.SHOW_ANSWERED, f"{answered} ({page.counts['answered']})"),
                (queries.SHOW_ALL, pgettext("findings", "all")),
            ],
        ),
        article=(_("Article"), pgettext("articles", "all"), [(number, number) for number in page.articles]),
        strength=(
            _("Strength"), pgettext("strengths", "all"),
            [(strength or "none", find_label(STRENGTHS, strength)) for strength in page.strengths],
        ),
    )  # fmt: skip


@requires(Claim.MANAGE_COUNTRY)
@require_POST
def decide(request: HttpRequest, code: str) -> HttpResponse:
    """Carry out a decision about the selected findings, and about those in a cluster with one of them."""
    verb = request.POST.get("decision", "")
    form_class = object_or_404(forms.DECISION_FORMS.get(verb))
    state = managed_state(request, code)
    form = form_class(request.POST, state=state, auto_id=f"{verb}-%s", prefix=verb)
    chosen = list(queries.chosen_findings(state, request.POST.getlist("finding")))
    if not chosen:
        form.add_error(None, _("Select at least one finding."))
    if verb == "cluster" and len(chosen) == 1:
        form.add_error(None, _("A cluster needs at least two findings."))
    if form.is_valid():
        changed, error = run_action(
            _DECISIONS[verb], form=form, chosen=chosen, by=current_account(request), state=state
        )
        if error is None:
            if isinstance(form, forms.AssignForm):
                request.session[LAST_BODY] = form.cleaned_data["body"]
            text = ngettext("%(number)d finding handled.", "%(number)d findings handled.", changed)
            messages.success(request, text % {"number": changed})
            return redirect(_return_address(request, state))
        return _render_triage(request, state, shown={verb: form}, error=error)
    return _render_triage(request, state, shown={verb: form})


def _return_address(request: HttpRequest, state: str) -> str:
    """Return the page that a decision was made on: that of one finding, or the list with its filters."""
    if request.POST.get("page") == "finding":
        return reverse("implementation:desk-finding", args=[state, request.POST.get("finding", "")])
    query = request.GET.urlencode()
    return reverse("implementation:triage", args=[state]) + (f"?{query}" if query else "")


def _assign(*, form: Any, chosen: list[Any], by: Account, state: str) -> int:
    return actions.triage_findings(by=by, state=state, findings=chosen, body=form.chosen_body)


def _link(*, form: Any, chosen: list[Any], by: Account, state: str) -> int:
    data = form.cleaned_data
    return actions.link_answers(
        by=by, measure=data["measure"], findings=chosen, scope=AnswerScope(data["scope"]), part_text=data["part_text"],
        reason=data["reason"],
    )  # fmt: skip


def _set_aside(decision: TriageDecision) -> Callable[..., int]:
    def act(*, form: Any, chosen: list[Any], by: Account, state: str) -> int:
        reason = form.cleaned_data.get("reason", "")
        return actions.triage_findings(by=by, state=state, findings=chosen, decision=decision, reason=reason)

    return act


def _cluster(*, form: Any, chosen: list[Any], by: Account, state: str) -> int:
    actions.make_cluster(by=by, state=state, title=form.cleaned_data["title"], findings=chosen)
    return len(chosen)


_DECISIONS: dict[str, Callable[..., int]] = {
    "assign": _assign,
    "link": _link,
    "not_for_us": _set_aside(TriageDecision.NOT_FOR_US),
    "no_measure": _set_aside(TriageDecision.NO_MEASURE),
    "cluster": _cluster,
    "reopen": _set_aside(TriageDecision.OPEN),
}


@requires(Claim.MANAGE_COUNTRY)
@require_POST
def undo(request: HttpRequest, code: str) -> HttpResponse:
    state = managed_state(request, code)
    run_with_message(request, actions.undo_triage, _("Decision undone."), by=current_account(request), state=state)
    return redirect(_return_address(request, state))


@requires(Claim.MANAGE_COUNTRY)
@require_POST
def break_up(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    state = managed_state(request, code)
    cluster = object_or_404(queries.find_cluster(state, pk))
    run_with_message(
        request, actions.break_up_cluster, _("Cluster broken up. Its findings keep what was decided about them."),
        by=current_account(request), cluster=cluster,
    )  # fmt: skip
    return redirect(_return_address(request, state))


@requires(Claim.MANAGE_COUNTRY)
@require_POST
def toggle_shortcuts(request: HttpRequest, code: str) -> HttpResponse:
    """Turn the keyboard shortcuts on or off, for this session."""
    state = managed_state(request, code)
    request.session[SHORTCUTS_OFF] = not request.session.get(SHORTCUTS_OFF, False)
    return redirect("implementation:triage", state)


@requires(Claim.MANAGE_COUNTRY)
@page_with_form
def finding(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    """Show a finding at the desk, with every decision about it, and save the desk's note."""
    state = managed_state(request, code)
    page = object_or_404(queries.desk_finding(state, public_id))
    parts = page.triage.parts if page.triage else max(len(page.finding.actions), 1)
    initial = {"parts": parts, "note": page.triage.note if page.triage else ""}
    form = forms.NoteForm(request.POST or None, state=state, initial=initial)
    error = None
    if form.is_valid():
        _changed, error = run_action(
            actions.triage_findings, by=current_account(request), state=state, findings=[page.finding],
            **form.cleaned_data,
        )  # fmt: skip
        if error is None:
            messages.success(request, _("Changes saved."))
            return redirect("implementation:desk-finding", state, public_id)
    context = {
        "state": state,
        "page": page,
        "finding": page.finding,
        "forms": forms.build_decision_forms(state, body=request.session.get(LAST_BODY, "")),
        "open_forms": [],
        "bodies": Organisation.objects.filter(state_id=state).values_list("name", flat=True),
        "form": form,
        "error": error,
    }
    return render(request, "implementation/desk/finding.html", context, status=form_page_status(form, error))
