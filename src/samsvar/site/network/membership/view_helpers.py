"""Helpers that return the network, person or organisation in a URL, or raise Http404 or PermissionDenied."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from samsvar.site.network import models
from samsvar.site.network.directory.queries import people
from samsvar.site.network.membership import queries as networks
from samsvar.site.network.view_helpers import object_or_404


def network_or_404(slug: str) -> models.Network:
    return object_or_404(networks.network_by_slug(slug))


def get_managed_network(request: HttpRequest, slug: str) -> models.Network:
    network = network_or_404(slug)
    if not networks.can_manage_network(request.user, network):
        raise PermissionDenied
    return network


def managed_person_or_404(request: HttpRequest, public_id: str) -> models.Person:
    return object_or_404(people.managed_person(request.user, public_id))


def organisation_or_404(public_id: str) -> models.Organisation:
    return object_or_404(networks.organisation_by_public_id(public_id))
