"""Networks: their pages and files for everybody, what an administrator says of them, and who has a seat."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from samsvar.dates import UnreadableDate
from samsvar.dates import day as whole_day
from samsvar.errors import SamsvarError
from samsvar.interchange import tables
from samsvar.network.rights import Claim
from samsvar.site.network import labels as words
from samsvar.site.network import models
from samsvar.site.network.membership import forms
from samsvar.site.network.membership import queries as networks
from samsvar.site.network.membership.actions import members
from samsvar.site.network.membership.feeds import atom_feed
from samsvar.site.network.membership.view_helpers import managed_network, network_or_404
from samsvar.site.network.view_helpers import account_of, status_of, tell
from samsvar.site.shell.downloads import table_file
from samsvar.site.shell.limits import limited
from samsvar.site.shell.view_permissions import door as opens
from samsvar.site.shell.view_permissions import open_to_all

# --- Networks ---------------------------------------------------------------------------------------------------------


@open_to_all
@require_safe
def network_list(request: HttpRequest) -> HttpResponse:
    context = {"networks": networks.networks(), "may_found": networks.can_change_network(request.user, None)}
    return render(request, "network/network_list.html", context)


@open_to_all
@limited("directory")
@require_safe
def network(request: HttpRequest, slug: str) -> HttpResponse:
    found = network_or_404(slug)
    today = timezone.now().date()
    day, refusal = _day_asked_for(request, today)
    page = networks.network_page(
        request.user,
        found,
        day=day,
        today=today,
        language=get_language() or "en",
        page=request.GET.get("page"),
    )
    return render(request, "network/network_page.html", {"page": page, "network": found, "refusal": refusal})


@open_to_all
@limited("directory")
@require_safe
def network_people(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """The public entries of a network's members, the same for everybody who asks."""
    found = network_or_404(slug)
    rows = networks.public_people(found, timezone.now().date())
    if form == "csv":  # no copy outlives a consent
        return table_file(rows, networks.PUBLIC_COLUMNS, form, f"{found.slug}-people", cache="no-store")
    response = HttpResponse(tables.json_text(rows), content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response


@open_to_all
@require_safe
def network_feed(request: HttpRequest, slug: str) -> HttpResponse:
    found = network_or_404(slug)
    rows = networks.public_people(found, timezone.now().date())
    text = atom_feed(found, rows, request, language=get_language() or "en")
    response = HttpResponse(text, content_type="application/atom+xml; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response


@opens(Claim.MANAGE_NETWORKS)
@require_http_methods(["GET", "HEAD", "POST"])
def network_new(request: HttpRequest) -> HttpResponse:
    return _network_form(request, None)


@opens(Claim.MANAGE_NETWORKS)
@require_http_methods(["GET", "HEAD", "POST"])
def network_edit(request: HttpRequest, slug: str) -> HttpResponse:
    return _network_form(request, network_or_404(slug))


def _network_form(request: HttpRequest, found: models.Network | None) -> HttpResponse:
    if not networks.can_change_network(request.user, found):
        raise PermissionDenied
    known = {"name": found.name, "about": found.about, "lead": found.lead_id, "founded": found.founded} if found else {}
    form = forms.NetworkForm(request.POST or None, initial=known)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            saved = members.save_network(
                by=account_of(request),
                network=found,
                invented=found.invented if found else False,
                **{**form.cleaned_data, "lead": form.cleaned_data["lead"] or None},
            )
        except SamsvarError as error:
            refusal = words.trouble(error)
        else:
            return redirect("network:network", saved.slug)
    context = {"form": form, "network": found, "refusal": refusal}
    return render(request, "network/network_form.html", context, status=status_of(form, refusal))


def _day_asked_for(request: HttpRequest, today: date) -> tuple[date, Any]:
    """The day of `?on=`, or today with a word on why not."""
    asked = request.GET.get("on", "")
    if not asked:
        return today, None
    try:
        return whole_day(asked), None
    except UnreadableDate:
        return today, (_("This is no day: %(asked)s") % {"asked": asked[:40]}, "", _("Write it as 2019-06-04."))


# --- Seats ------------------------------------------------------------------------------------------------------------


@opens(Claim.MANAGE_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def network_seats(request: HttpRequest, slug: str) -> HttpResponse:
    """The seats of a network: one more for an organisation that is here, or for a new one."""
    found = managed_network(request, slug)
    seat = forms.SeatForm(request.POST if "seat" in request.POST else None, network=found)
    new = forms.OrganisationForm(request.POST if "new" in request.POST else None, prefix="new")
    refusal = None
    if request.method == "POST":
        try:
            if seat.is_bound and seat.is_valid():
                members.give_seat(network=found, by=account_of(request), **seat.cleaned_data)
                return redirect("network:network-seats", slug)
            if new.is_bound and new.is_valid():
                made = members.save_organisation(by=account_of(request), invented=found.invented, **new.told())
                members.give_seat(network=found, organisation=made, by=account_of(request))
                return redirect("network:network-seats", slug)
        except SamsvarError as error:
            refusal = words.trouble(error)
    seats = found.seats.select_related("organisation").order_by("organisation__name", "begins")
    context = {"network": found, "seat": seat, "new": new, "seats": seats, "refusal": refusal}
    return render(request, "network/network_seats.html", context, status=status_of(seat, refusal or new.errors))


@opens(Claim.MANAGE_PEOPLE)
@require_POST
def end_seat(request: HttpRequest, slug: str, seat: int) -> HttpResponse:
    found = managed_network(request, slug)
    row = found.seats.filter(pk=seat).first()
    if row is None:
        raise Http404
    form = forms.EndForm(request.POST)
    if form.is_valid():
        try:
            members.end_seat(seat=row, ends=form.cleaned_data["ends"], by=account_of(request))
        except SamsvarError as error:
            tell(request, error)
    else:
        messages.error(request, _("Name the last day of the seat."))
    return redirect("network:network-seats", slug)
