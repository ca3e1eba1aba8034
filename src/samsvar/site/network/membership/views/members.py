"""What a secretariat does: the members of its network, the list taken out, and one person at a time."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from samsvar.errors import SamsvarError
from samsvar.network.consent import Ground, Purpose
from samsvar.network.people import Field
from samsvar.network.rights import Claim
from samsvar.site.network import labels as words
from samsvar.site.network import models
from samsvar.site.network.directory.actions import consent as consent_actions
from samsvar.site.network.directory.actions import people, photographs
from samsvar.site.network.directory.queries import people as door
from samsvar.site.network.membership import forms
from samsvar.site.network.membership import queries as networks
from samsvar.site.network.membership.actions import exports, members
from samsvar.site.network.membership.view_helpers import managed_network, managed_person, network_or_404
from samsvar.site.network.view_helpers import account_of, site_of, status_of, tell
from samsvar.site.shell.cache import PERSONAL
from samsvar.site.shell.downloads import table_file
from samsvar.site.shell.limits import limited, too_many
from samsvar.site.shell.view_permissions import door as opens

# --- Members of a network, for its secretariat ------------------------------------------------------------------------


@opens(Claim.MANAGE_PEOPLE)
@limited("directory")
@require_safe
def network_members(request: HttpRequest, slug: str) -> HttpResponse:
    found = managed_network(request, slug)
    page = networks.members_page(request.user, found, page=request.GET.get("page"))
    may_export = networks.can_export(request.user, found)
    return render(request, "network/network_members.html", {"page": page, "network": found, "may_export": may_export})


@opens(Claim.MANAGE_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def network_add_member(request: HttpRequest, slug: str) -> HttpResponse:
    found = managed_network(request, slug)
    form = forms.MemberForm(request.POST or None, network=found)
    refusal = None
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            made = members.add_member(
                network=found, by=account_of(request), name=told["name"], note=told["note"], **form.term()
            )
        except SamsvarError as error:
            refusal = words.trouble(error)
        else:
            return redirect("network:manage-person", made.person.public_id)
    context = {"form": form, "network": found, "refusal": refusal}
    return render(request, "network/network_add_member.html", context, status=status_of(form, refusal))


@opens(Claim.EXPORT_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def network_export(request: HttpRequest, slug: str) -> HttpResponse:
    """The list of members as a file; whether people at risk are in it is asked first, and how many, not who."""
    found = network_or_404(slug)
    if not networks.can_export(request.user, found):
        raise PermissionDenied
    form = forms.ExportForm(request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        if stopped := too_many(request, "export"):
            return stopped
        told = form.cleaned_data
        try:
            made = exports.export_members(
                network=found,
                by=account_of(request),
                form=told["form"],
                site=site_of(request),
                with_people_at_risk=told["with_people_at_risk"],
                why=told["why"],
            )
        except SamsvarError as error:
            refusal = words.trouble(error)
        else:
            return _member_file(found, made, told["form"])
    context = {"form": form, "network": found, "refusal": refusal, "at_risk": networks.at_risk_in(request.user, found)}
    return render(request, "network/network_export.html", context, status=status_of(form, refusal))


def _member_file(found: models.Network, made: exports.MemberList, form: str) -> HttpResponse:
    return table_file(made.rows, exports.COLUMNS, form, f"{found.slug}-members", cache=PERSONAL)


@opens(Claim.MANAGE_PEOPLE)
@require_POST
def end_term(request: HttpRequest, public_id: str) -> HttpResponse:
    term = models.Membership.objects.filter(public_id=public_id).select_related("network", "person").first()
    if term is None or not networks.can_manage_network(request.user, term.network):
        raise Http404
    form = forms.EndForm(request.POST)
    if form.is_valid():
        try:
            members.end_term(membership=term, ends=form.cleaned_data["ends"], by=account_of(request))
        except SamsvarError as error:
            tell(request, error)
    else:
        messages.error(request, _("Name the last day of the term."))
    return redirect("network:manage-person", term.person.public_id)


# --- One person, for their secretariat --------------------------------------------------------------------------------


@opens(Claim.MANAGE_PEOPLE)
@limited("directory")
@require_safe
def manage_person(request: HttpRequest, public_id: str) -> HttpResponse:
    page = networks.managed_page(request.user, public_id)
    if page is None:
        raise Http404
    context = {
        "page": page,
        "person": page.view,
        "risk": forms.RiskForm(initial={"at_risk": page.person.at_risk, "pseudonym": page.person.pseudonym}),
        "basis": forms.BasisForm(),
    }
    return render(request, "network/network_person.html", context)


@opens(Claim.MANAGE_PEOPLE)
@require_POST
def set_risk(request: HttpRequest, public_id: str) -> HttpResponse:
    found = managed_person(request, public_id)
    form = forms.RiskForm(request.POST)
    if form.is_valid():
        told, by = form.cleaned_data, account_of(request)
        try:
            if told["at_risk"]:
                people.hide_for_safety(person=found, pseudonym=told["pseudonym"], by=by, why=told["why"])
            else:
                people.end_hiding_for_safety(person=found, by=by, site=site_of(request), why=told["why"])
        except SamsvarError as error:
            tell(request, error)
        else:
            messages.success(request, _("Stored, as of now and everywhere on this site."))
    else:
        messages.error(request, _("Say why, in at least ten characters."))
    return redirect("network:manage-person", public_id)


@opens(Claim.MANAGE_PEOPLE)
@require_POST
def record_basis(request: HttpRequest, public_id: str) -> HttpResponse:
    found = managed_person(request, public_id)
    form = forms.BasisForm(request.POST)
    if form.is_valid():
        told = form.cleaned_data
        try:
            consent_actions.record_basis(
                person=found,
                by=account_of(request),
                purpose=Purpose(told["purpose"]),
                ground=Ground(told["ground"]),
                note=told["note"],
                until=told["until"],
            )
        except SamsvarError as error:
            tell(request, error)
    else:
        messages.error(request, _("Say on what it stands."))
    return redirect("network:manage-person", public_id)


@opens(Claim.MANAGE_PEOPLE)
@require_POST
def end_basis(request: HttpRequest, public_id: str, basis: int) -> HttpResponse:
    found = managed_person(request, public_id)
    row = found.bases.filter(pk=basis).first()
    if row is None:
        raise Http404
    why, by = request.POST.get("why", "")[:300], account_of(request)
    try:
        if row.ground == Ground.CONSENT:
            consent_actions.withdraw_consent(person=found, purpose=Purpose(row.purpose), by=by, why=why)
        else:
            consent_actions.end_basis(basis=row, by=by, why=why)
    except SamsvarError as error:
        tell(request, error)
    return redirect("network:manage-person", public_id)


@opens(Claim.MANAGE_PEOPLE)
@require_POST
def remove_photograph_of(request: HttpRequest, public_id: str) -> HttpResponse:
    photographs.remove_photograph(person=managed_person(request, public_id), by=account_of(request))
    return redirect("network:manage-person", public_id)


@opens(Claim.MANAGE_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def appoint(request: HttpRequest, public_id: str, slug: str) -> HttpResponse:
    """A further office, in one network of this secretariat."""
    found = managed_person(request, public_id)
    where = managed_network(request, slug)
    terms = list(networks.terms_to_follow(where).select_related("person"))
    views = door.details_for(
        request.user, [term.person for term in terms], subject=f"offices of {slug}", fields=(Field.NAME,)
    )
    names = {term.person_id: view.name for term, view in zip(terms, views, strict=True)}
    form = forms.AppointForm(request.POST or None, network=where, names=names)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            members.appoint(
                network=where,
                person=found,
                by=account_of(request),
                follows=form.cleaned_data["follows"],
                **form.term(),
            )
        except SamsvarError as error:
            refusal = words.trouble(error)
        else:
            return redirect("network:manage-person", public_id)
    (view,) = door.details_for(request.user, [found], subject=f"person {public_id}", fields=(Field.NAME,))
    context = {"form": form, "network": where, "person": view, "refusal": refusal}
    return render(request, "network/network_appoint.html", context, status=status_of(form, refusal))
