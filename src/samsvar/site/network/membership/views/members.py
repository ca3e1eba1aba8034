"""Views for secretariats: a network's members, their export, and each member's terms, risk status and legal bases."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from samsvar.network.consent import LegalBasis, Purpose
from samsvar.network.people import Field
from samsvar.network.rights import Claim
from samsvar.site.network import models
from samsvar.site.network.directory.actions import consent as consent_actions
from samsvar.site.network.directory.actions import people, photographs
from samsvar.site.network.directory.queries import people as people_queries
from samsvar.site.network.membership import forms
from samsvar.site.network.membership import queries as networks
from samsvar.site.network.membership.actions import exports, members
from samsvar.site.network.membership.view_helpers import (
    end_on_submitted_day,
    get_managed_network,
    managed_person_or_404,
    network_or_404,
)
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.cache import PRIVATE_CACHE_CONTROL
from samsvar.site.shell.downloads import table_response
from samsvar.site.shell.form_pages import form_page, page_with_form, run_with_message
from samsvar.site.shell.limits import enforce_rate_limit, rate_limited
from samsvar.site.shell.view_permissions import requires

# --- Members of a network ---------------------------------------------------------------------------------------------


@requires(Claim.MANAGE_PEOPLE)
@rate_limited("directory")
@require_safe
def network_members(request: HttpRequest, slug: str) -> HttpResponse:
    network = get_managed_network(request, slug)
    page = networks.members_page(request.user, network, page=request.GET.get("page"))
    may_export = networks.can_export_members(request.user, network)
    context = {"page": page, "network": network, "may_export": may_export}
    return render(request, "network/membership/members.html", context)


@requires(Claim.MANAGE_PEOPLE)
@page_with_form
def add_member(request: HttpRequest, slug: str) -> HttpResponse:
    network = get_managed_network(request, slug)
    form = forms.MemberForm(request.POST or None, network=network)
    return form_page(
        request,
        form,
        action=lambda: members.add_member(network=network, by=current_account(request), **form.term_data()),
        redirect_to=lambda membership: redirect("network:manage-person", membership.person.public_id),
        template="network/membership/add_member.html",
        context=lambda: {"network": network},
    )


@requires(Claim.EXPORT_PEOPLE)
@page_with_form
def export_members(request: HttpRequest, slug: str) -> HttpResponse:
    """Export the members as a file. The form shows how many members are at risk, but not which ones."""
    network = network_or_404(slug)
    if not networks.can_export_members(request.user, network):
        raise PermissionDenied
    form = forms.MemberExportForm(request.POST or None)
    if form.is_bound and form.is_valid() and (stopped := enforce_rate_limit(request, "export")):
        return stopped
    return form_page(
        request,
        form,
        action=lambda: exports.export_members(network=network, by=current_account(request), **form.export_options()),
        redirect_to=lambda member_list: _member_file_response(network, member_list, form.cleaned_data["form"]),
        template="network/membership/export.html",
        context=lambda: {"network": network, "at_risk": networks.count_members_at_risk(request.user, network)},
    )


def _member_file_response(network: models.Network, member_list: exports.MemberList, form: str) -> HttpResponse:
    return table_response(
        member_list.rows, exports.COLUMNS, form, f"{network.slug}-members", cache=PRIVATE_CACHE_CONTROL
    )


@requires(Claim.MANAGE_PEOPLE)
@require_POST
def end_term(request: HttpRequest, public_id: str) -> HttpResponse:
    term = models.Membership.objects.filter(public_id=public_id).select_related("network", "person").first()
    if term is None or not networks.can_manage_network(request.user, term.network):
        raise Http404
    end_on_submitted_day(request, partial(members.end_term, membership=term), _("Enter the last day of the term."))
    return redirect("network:manage-person", term.person.public_id)


# --- Managing a person ------------------------------------------------------------------------------------------------


@requires(Claim.MANAGE_PEOPLE)
@rate_limited("directory")
@require_safe
def manage_person(request: HttpRequest, public_id: str) -> HttpResponse:
    page = object_or_404(networks.managed_person_page(request.user, public_id))
    context = {
        "page": page,
        "person": page.view,
        "risk": forms.RiskForm(initial={"at_risk": page.person.at_risk, "pseudonym": page.person.pseudonym}),
        "basis": forms.LegalBasisForm(),
    }
    return render(request, "network/membership/manage_person.html", context)


@requires(Claim.MANAGE_PEOPLE)
@require_POST
def set_risk_status(request: HttpRequest, public_id: str) -> HttpResponse:
    person = managed_person_or_404(request, public_id)
    form = forms.RiskForm(request.POST)
    if form.is_valid():
        data, by = form.cleaned_data, current_account(request)
        action = people.end_safety_protection
        if data["at_risk"]:
            action = partial(people.hide_profile_for_safety, pseudonym=data["pseudonym"])
        success = _("Saved. The change takes effect immediately, everywhere on this site.")
        run_with_message(request, action, success, person=person, by=by, why=data["why"])
    else:
        messages.error(request, _("Give a reason of at least ten characters."))
    return redirect("network:manage-person", public_id)


@requires(Claim.MANAGE_PEOPLE)
@require_POST
def record_basis(request: HttpRequest, public_id: str) -> HttpResponse:
    person = managed_person_or_404(request, public_id)
    form = forms.LegalBasisForm(request.POST)
    if form.is_valid():
        by, data = current_account(request), form.cleaned_data
        enums = {"purpose": Purpose(data["purpose"]), "ground": LegalBasis(data["ground"])}
        run_with_message(request, consent_actions.record_basis, person=person, by=by, **{**data, **enums})
    else:
        messages.error(request, _("Enter the legal basis."))
    return redirect("network:manage-person", public_id)


@requires(Claim.MANAGE_PEOPLE)
@require_POST
def end_basis(request: HttpRequest, public_id: str, basis: int) -> HttpResponse:
    person = managed_person_or_404(request, public_id)
    legal_basis = object_or_404(person.bases.filter(pk=basis).first())
    reason, by = request.POST.get("why", "")[:300], current_account(request)
    if legal_basis.ground == LegalBasis.CONSENT:
        purpose = Purpose(legal_basis.purpose)
        run_with_message(
            request, consent_actions.withdraw_consent, person=person, purpose=purpose, by=by, reason=reason
        )
    else:
        run_with_message(request, consent_actions.end_basis, basis=legal_basis, by=by, why=reason)
    return redirect("network:manage-person", public_id)


@requires(Claim.MANAGE_PEOPLE)
@require_POST
def remove_photograph(request: HttpRequest, public_id: str) -> HttpResponse:
    photographs.remove_photograph(person=managed_person_or_404(request, public_id), by=current_account(request))
    return redirect("network:manage-person", public_id)


@requires(Claim.MANAGE_PEOPLE)
@page_with_form
def appoint(request: HttpRequest, public_id: str, slug: str) -> HttpResponse:
    """Appoint a person to another office in a network of this secretariat."""
    person = managed_person_or_404(request, public_id)
    network = get_managed_network(request, slug)
    terms = list(networks.possible_preceding_terms(network).select_related("person"))
    views = people_queries.get_visible_people(
        request.user, [term.person for term in terms], subject=f"offices of {slug}", fields=(Field.NAME,)
    )
    names = {term.person_id: view.name for term, view in zip(terms, views, strict=True)}
    form = forms.AppointmentForm(request.POST or None, network=network, names=names)

    def build_context() -> dict[str, object]:
        (view,) = people_queries.get_visible_people(
            request.user, [person], subject=f"person {public_id}", fields=(Field.NAME,)
        )
        return {"network": network, "person": view}

    return form_page(
        request,
        form,
        action=lambda: members.appoint(network=network, person=person, by=current_account(request), **form.term_data()),
        redirect_to=reverse("network:manage-person", args=[public_id]),
        template="network/membership/appoint.html",
        context=build_context,
    )
