"""Views of networks: public pages and files, the edit form for administrators, and seats."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from samsvar.dates import UnreadableDate
from samsvar.dates import parse_day as whole_day
from samsvar.interchange import tables
from samsvar.network.rights import Claim
from samsvar.site.network import models
from samsvar.site.network.membership import forms
from samsvar.site.network.membership import queries as networks
from samsvar.site.network.membership.actions import members
from samsvar.site.network.membership.feeds import build_atom_feed
from samsvar.site.network.membership.view_helpers import end_on_submitted_day, get_managed_network, network_or_404
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell import atom
from samsvar.site.shell.downloads import table_response
from samsvar.site.shell.form_pages import form_page, form_page_status, page_with_form, run_action
from samsvar.site.shell.limits import rate_limited
from samsvar.site.shell.view_permissions import public, requires

# --- Networks ---------------------------------------------------------------------------------------------------------


@public
@require_safe
def network_list(request: HttpRequest) -> HttpResponse:
    context = {
        "networks": networks.networks_with_organisation_counts(),
        "may_found": networks.can_change_network(request.user, None),
    }
    return render(request, "network/membership/networks.html", context)


@public
@rate_limited("directory")
@require_safe
def network_detail(request: HttpRequest, slug: str) -> HttpResponse:
    network = network_or_404(slug)
    today = timezone.now().date()
    day, error_text = _requested_day(request, today)
    page = networks.network_page(
        request.user, network, day=day, today=today, language=get_language() or "en", page=request.GET.get("page")
    )
    return render(request, "network/membership/network.html", {"page": page, "network": network, "error": error_text})


@public
@rate_limited("directory")
@require_safe
def network_people(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """Return the public profiles of a network's members as CSV or JSON; the file is the same for every visitor."""
    network = network_or_404(slug)
    rows = networks.public_members(network, timezone.now().date())
    if form == "csv":  # no-store, so that no copy is kept after consent is withdrawn
        return table_response(rows, networks.PUBLIC_COLUMNS, form, f"{network.slug}-people", cache="no-store")
    response = HttpResponse(tables.render_json(rows), content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response


@public
@require_safe
def network_feed(request: HttpRequest, slug: str) -> HttpResponse:
    network = network_or_404(slug)
    rows = networks.public_members(network, timezone.now().date())
    content = build_atom_feed(network, rows, request, language=get_language() or "en")
    response = HttpResponse(content, content_type=atom.CONTENT_TYPE)
    response["Cache-Control"] = "no-store"
    return response


@requires(Claim.MANAGE_NETWORKS)
@page_with_form
def create_network(request: HttpRequest) -> HttpResponse:
    return _network_form_page(request, None)


@requires(Claim.MANAGE_NETWORKS)
@page_with_form
def edit_network(request: HttpRequest, slug: str) -> HttpResponse:
    return _network_form_page(request, network_or_404(slug))


def _network_form_page(request: HttpRequest, network: models.Network | None) -> HttpResponse:
    if not networks.can_change_network(request.user, network):
        raise PermissionDenied
    form = forms.NetworkForm(request.POST or None, initial=model_to_dict(network) if network else {})
    fictional = network.fictional if network else False
    return form_page(
        request,
        form,
        action=lambda: members.save_network(
            by=current_account(request), network=network, fictional=fictional, **form.cleaned_data
        ),
        redirect_to=lambda saved: redirect("network:network", saved.slug),
        template="network/membership/network_form.html",
        context=lambda: {"network": network},
    )


def _requested_day(request: HttpRequest, today: date) -> tuple[date, Any]:
    """Return (day, None) for the day in `?on=`, by default today, or (today, error) if it is not a date."""
    value = request.GET.get("on", "")
    try:
        return whole_day(value) if value else today, None
    except UnreadableDate:
        message = _("This is not a valid date: %(asked)s") % {"asked": value[:40]}
        return today, (message, "", _("Use the format 2019-06-04."))


# --- Seats ------------------------------------------------------------------------------------------------------------


@requires(Claim.MANAGE_PEOPLE)
@page_with_form
def network_seats(request: HttpRequest, slug: str) -> HttpResponse:
    """List the seats of a network, and give a seat to an existing or a new organisation."""
    network = get_managed_network(request, slug)
    seat_form = forms.SeatForm(request.POST if "seat" in request.POST else None, network=network)
    organisation_form = forms.OrganisationForm(request.POST if "new" in request.POST else None, prefix="new")
    error_text = None
    if request.method == "POST":
        by, seat, seat_data = current_account(request), None, None
        if seat_form.is_bound and seat_form.is_valid():
            seat_data = seat_form.cleaned_data
        elif organisation_form.is_bound and organisation_form.is_valid():
            organisation, error_text = run_action(
                members.save_organisation, by=by, fictional=network.fictional, **organisation_form.organisation_data()
            )
            seat_data = {"organisation": organisation} if organisation else None
        if seat_data:
            seat, error_text = run_action(members.give_seat, network=network, by=by, **seat_data)
        if seat:
            return redirect("network:network-seats", slug)
    seats = network.seats.select_related("organisation").order_by("organisation__name", "begins")
    context = {"network": network, "seat": seat_form, "new": organisation_form, "seats": seats, "error": error_text}
    status = form_page_status(seat_form, error_text or organisation_form.errors)
    return render(request, "network/membership/seats.html", context, status=status)


@requires(Claim.MANAGE_PEOPLE)
@require_POST
def end_seat(request: HttpRequest, slug: str, seat: int) -> HttpResponse:
    network = get_managed_network(request, slug)
    action = partial(members.end_seat, seat=object_or_404(network.seats.filter(pk=seat).first()))
    end_on_submitted_day(request, action, _("Enter the date on which the seat ends."))
    return redirect("network:network-seats", slug)
