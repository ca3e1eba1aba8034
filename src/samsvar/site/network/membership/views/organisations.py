"""Views of organisations: the list, an organisation's page, and the edit form for secretariats."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.forms import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from samsvar.network.people import OrganisationKind
from samsvar.network.rights import Claim
from samsvar.site.network.directory.queries import organisations as organisation_queries
from samsvar.site.network.membership import forms
from samsvar.site.network.membership import queries as networks
from samsvar.site.network.membership.actions import members
from samsvar.site.network.membership.view_helpers import organisation_or_404
from samsvar.site.network.view_helpers import current_account
from samsvar.site.shell.filters import build_filter_form
from samsvar.site.shell.form_pages import form_page_status
from samsvar.site.shell.labels import enum_choices
from samsvar.site.shell.limits import rate_limited
from samsvar.site.shell.templatetags.samsvar import state_name
from samsvar.site.shell.view_permissions import public, requires


@public
@require_safe
def organisation_list(request: HttpRequest) -> HttpResponse:
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
    all_organisations = organisation_queries.organisations().exclude(state=None)
    states = sorted(set(all_organisations.values_list("state_id", flat=True)))
    context = {
        "organisations": organisation_queries.organisations(kind=kind, state=state),
        "filters": build_filter_form(
            request.GET.dict(),
            "organisation",
            kind=(_("Type"), pgettext("kinds", "all"), enum_choices(OrganisationKind)),
            state=(_("Country"), pgettext("countries", "all"), [(code, state_name(code)) for code in states]),
        ),
        "kind": kind,
        "state": state,
    }
    return render(request, "network/membership/organisations.html", context)


@public
@rate_limited("directory")
@require_safe
def organisation_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    organisation = organisation_or_404(public_id)
    page = networks.organisation_page(request.user, organisation)
    return render(request, "network/membership/organisation.html", {"page": page, "organisation": organisation})


@requires(Claim.MANAGE_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_organisation(request: HttpRequest, public_id: str) -> HttpResponse:
    organisation = organisation_or_404(public_id)
    if not networks.can_manage_organisation(request.user, organisation):
        raise PermissionDenied
    form = forms.OrganisationForm(request.POST or None, initial=model_to_dict(organisation))
    if request.method == "POST" and form.is_valid():
        members.save_organisation(
            by=current_account(request), organisation=organisation, name_language=organisation.name_language,
            fictional=organisation.fictional, **form.organisation_data(),
        )  # fmt: skip
        return redirect("network:organisation", organisation.public_id)
    context = {"form": form, "organisation": organisation}
    return render(request, "network/membership/organisation_form.html", context, status=form_page_status(form, None))
