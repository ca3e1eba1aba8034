"""Views of leads for a national desk: praise in reports that could become a practice."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from samsvar.network.rights import Claim
from samsvar.site.exchange.practices.actions import leads as actions
from samsvar.site.exchange.practices.forms import LeadDecisionForm
from samsvar.site.exchange.practices.models import LeadDecision
from samsvar.site.exchange.practices.queries.leads import find_praise, leads_page
from samsvar.site.implementation.measures.view_helpers import managed_state
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.form_pages import form_page, page_with_form, post_action
from samsvar.site.shell.view_permissions import requires


@requires(Claim.MANAGE_COUNTRY)
@require_safe
def leads(request: HttpRequest, code: str) -> HttpResponse:
    """List what reports on a state welcome, for its desk."""
    return render(request, "exchange/practices/leads.html", {"page": leads_page(managed_state(request, code))})


@requires(Claim.MANAGE_COUNTRY)
@page_with_form
def decide_lead(request: HttpRequest, code: str, finding: str) -> HttpResponse:
    """Record why praise describes no practice."""
    state = managed_state(request, code)
    praise = find_praise(finding)
    praise = object_or_404(praise if praise and praise.state_id == state else None)
    form = LeadDecisionForm(request.POST or None)
    return form_page(
        request,
        form,
        action=lambda: actions.decide_lead(by=current_account(request), finding=praise, **form.cleaned_data),
        success=_("Decision saved."),
        redirect_to=reverse("exchange:practice-leads", args=[state]),
        template="exchange/practices/decide_lead.html",
        context=lambda: {"finding": praise, "state": state},
    )


@requires(Claim.MANAGE_COUNTRY)
@require_POST
def withdraw_lead_decision(request: HttpRequest, code: str, finding: str) -> HttpResponse:
    state = managed_state(request, code)
    decision = object_or_404(LeadDecision.objects.filter(state_id=state, finding=finding).first())
    return post_action(
        request,
        lambda: actions.withdraw_lead_decision(by=current_account(request), decision=decision),
        success=_("Decision withdrawn."),
        redirect_to=reverse("exchange:practice-leads", args=[state]),
    )
