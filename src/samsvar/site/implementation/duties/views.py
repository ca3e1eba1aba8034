"""Views of the duties of a state: the page, the calendar feed, and the desk's forms."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from samsvar.implementation.duties import DutyKind
from samsvar.network.rights import Claim
from samsvar.site.convention.models import State
from samsvar.site.convention.query_params import requested_day
from samsvar.site.implementation.duties import actions, queries
from samsvar.site.implementation.duties.calendar import build_calendar
from samsvar.site.implementation.duties.forms import ProcedureStepForm
from samsvar.site.implementation.duties.models import Duty
from samsvar.site.implementation.duties.timeline import draw_time_line
from samsvar.site.implementation.permissions import can_manage_country
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.cache import SHARED_CACHE_CONTROL
from samsvar.site.shell.downloads import cacheable_response
from samsvar.site.shell.form_pages import form_page, page_with_form, post_action
from samsvar.site.shell.site_url import absolute_url
from samsvar.site.shell.view_permissions import public, requires


@public
@require_safe
def duties(request: HttpRequest, code: str) -> HttpResponse:
    """Show the steps of a state's procedures, today or as on the day in `?on=`."""
    state = _state_or_404(code)
    if code != state:
        return redirect("implementation:duties", state, permanent=True)
    requested = requested_day(request)
    can_record = can_manage_country(request.user, state) and not requested.on_param
    page = queries.state_duties(state, requested.day, with_drafts=can_record)
    context = {
        "page": page,
        "time_line": draw_time_line(page),
        "requested": requested,
        "error": requested.error,
        "recordable": queries.recordable_steps(page) if can_record else (),
        "can_record": can_record,
        "calendar": absolute_url(reverse("implementation:duties-calendar", args=[state])),
    }
    return render(request, "implementation/duties/duties.html", context)


@public
@require_safe
def calendar(request: HttpRequest, code: str) -> HttpResponse:
    """Return the calendar of a state's duties and of its public measures, the same for everyone."""
    content = build_calendar(_state_or_404(code), timezone.localdate())
    response = cacheable_response(request, content, "text/calendar; charset=utf-8")
    response["Cache-Control"] = SHARED_CACHE_CONTROL
    return response


@requires(Claim.MANAGE_COUNTRY)
@page_with_form
def record_duty(request: HttpRequest, code: str, procedure: str, kind: str) -> HttpResponse:
    state, step = _managed_state(request, code), _step_or_404(procedure, kind)
    duty = Duty.objects.filter(state_id=state, procedure=procedure, kind=step).first()
    form = ProcedureStepForm(request.POST if request.method == "POST" else None, duty=duty)
    was_report = duty is not None and duty.done_draft_id is not None

    def describe(saved: Duty) -> str:
        if was_report and saved.done_draft_id is None:
            return _("Saved. The report that completed this step stays submitted, but the step no longer refers to it.")
        return _("Saved.")

    return form_page(
        request, form,
        action=lambda: actions.record_duty(
            by=current_account(request), state=state, procedure=procedure, kind=step, values=form.cleaned_data
        ),
        success=describe,
        redirect_to=reverse("implementation:duties", args=[state]),
        template="implementation/duties/record.html",
        context=lambda: {
            "state": state, "procedure": procedure, "kind": step, "duty": duty,
            "line": queries.find_line(state, procedure, step, timezone.localdate()),
        },
    )  # fmt: skip


@requires(Claim.MANAGE_COUNTRY)
@require_POST
def remove_duty(request: HttpRequest, code: str, procedure: str, kind: str) -> HttpResponse:
    state, step = _managed_state(request, code), _step_or_404(procedure, kind)
    duty = object_or_404(Duty.objects.filter(state_id=state, procedure=procedure, kind=step).first())
    message = _("Removed. The page shows what the documents say.")
    if duty.done_draft_id is not None:
        message = f"{message} {_('The report that completed this step stays submitted.')}"
    return post_action(
        request, lambda: actions.remove_duty(by=current_account(request), duty=duty),
        success=message,
        redirect_to=reverse("implementation:duties", args=[state]),
    )  # fmt: skip


def _state_or_404(code: str) -> str:
    object_or_404(State.objects.filter(code=code.upper()).first())
    return code.upper()


def _managed_state(request: HttpRequest, code: str) -> str:
    state = _state_or_404(code)
    if not can_manage_country(request.user, state):
        raise PermissionDenied
    return state


def _step_or_404(procedure: str, kind: str) -> DutyKind:
    if procedure not in queries.PROCEDURES or kind not in set(DutyKind):
        raise Http404
    return DutyKind(kind)
