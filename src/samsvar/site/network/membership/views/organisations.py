"""Organisations: the list, the page of each, and what the secretariats of its networks say about it."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from samsvar.network.people import OrganisationKind
from samsvar.network.rights import Claim
from samsvar.site.network.directory.queries import organisations as queries_organisations
from samsvar.site.network.membership import forms
from samsvar.site.network.membership import queries as networks
from samsvar.site.network.membership.actions import members
from samsvar.site.network.membership.view_helpers import organisation_or_404
from samsvar.site.network.view_helpers import account_of, status_of
from samsvar.site.shell.limits import limited
from samsvar.site.shell.view_permissions import door as opens
from samsvar.site.shell.view_permissions import open_to_all


@open_to_all
@require_safe
def organisation_list(request: HttpRequest) -> HttpResponse:
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
    everywhere = queries_organisations.organisations()
    context = {
        "organisations": queries_organisations.organisations(kind=kind, state=state),
        "kinds": [one.value for one in OrganisationKind],
        "states": sorted(set(everywhere.exclude(state=None).values_list("state_id", flat=True))),
        "kind": kind,
        "state": state,
    }
    return render(request, "network/organisation_list.html", context)


@open_to_all
@limited("directory")
@require_safe
def organisation(request: HttpRequest, public_id: str) -> HttpResponse:
    found = organisation_or_404(public_id)
    page = networks.organisation_page(request.user, found)
    return render(request, "network/organisation_page.html", {"page": page, "organisation": found})


@opens(Claim.MANAGE_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def organisation_edit(request: HttpRequest, public_id: str) -> HttpResponse:
    found = organisation_or_404(public_id)
    if not networks.can_manage_organisation(request.user, found):
        raise PermissionDenied
    known = {
        "name": found.name,
        "kind": found.kind,
        "state": found.state_id,
        "languages": found.languages,
        "website": found.website,
        "about": found.about,
    }
    form = forms.OrganisationForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        members.save_organisation(
            by=account_of(request),
            organisation=found,
            name_language=found.name_language,
            invented=found.invented,
            **form.told(),
        )
        return redirect("network:organisation", found.public_id)
    context = {"form": form, "organisation": found}
    return render(request, "network/organisation_form.html", context, status=status_of(form, None))
