"""Helpers of the views: the network, person or organisation in a URL, and the end of a term or a seat."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from samsvar.site.network import models
from samsvar.site.network.directory.queries import people
from samsvar.site.network.membership import queries as networks
from samsvar.site.network.membership.forms import EndDateForm
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.form_pages import run_with_message


def network_or_404(slug: str) -> models.Network:
    return object_or_404(networks.network_by_slug(slug))


def get_managed_network(request: HttpRequest, slug: str) -> models.Network:
    network = network_or_404(slug)
    if not networks.can_manage_network(request.user, network):
        raise PermissionDenied
    return network


def managed_person_or_404(request: HttpRequest, public_id: str) -> models.Person:
    return object_or_404(people.managed_person(request.user, public_id))


def end_on_submitted_day(request: HttpRequest, action: Callable[..., object], missing_day: str) -> None:
    """Run an action that ends a term or a seat on the submitted day; show `missing_day` if there is none."""
    form = EndDateForm(request.POST)
    if form.is_valid():
        run_with_message(request, action, ends=form.cleaned_data["ends"], by=current_account(request))
    else:
        messages.error(request, missing_day)


def organisation_or_404(public_id: str) -> models.Organisation:
    return object_or_404(networks.organisation_by_public_id(public_id))
