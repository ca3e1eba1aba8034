"""Permissions for requests for help: who sees them, who replies, and which requests a secretariat's helpdesk has.

A request belongs to one network, or to all members if it names none. Members are those who belong to the network today:
an ended or withdrawn membership ends access. Who asks is a question of its own: see `queries.signature`.
"""

from __future__ import annotations

from django.db.models import Q

from samsvar.exchange.requests import RequestStatus
from samsvar.network.rights import UNLIMITED_SCOPE, Claim
from samsvar.site.exchange.permissions import can_write_for
from samsvar.site.exchange.requests.models import HelpRequest, Offer
from samsvar.site.network.access.permissions import Network, User, get_access, has_claim, network_scope


def can_contribute(user: User) -> bool:
    return has_claim(user, Claim.CONTRIBUTE)


def own_networks(user: User) -> list[Network]:
    """Return the networks that a user belongs to today and whose members they may see, by name."""
    networks = Network.objects.filter(pk__in=get_access(user).networks)
    return [network for network in networks if has_claim(user, Claim.SEE_DIRECTORY, network_scope(network))]


def can_ask_everyone(user: User) -> bool:
    """Return whether a user belongs to the members of the whole site, who see requests without a network."""
    return has_claim(user, Claim.SEE_DIRECTORY, UNLIMITED_SCOPE)


def visible_requests(user: User) -> Q:
    """Return the condition for the requests that a user sees as a member; their own and withdrawn ones are not among
    them.
    """
    condition = Q(network__in=[network.pk for network in own_networks(user)])
    if can_ask_everyone(user):
        condition |= Q(network=None)
    return condition & ~Q(by=user) & ~Q(status=RequestStatus.WITHDRAWN)


def handled_networks(user: User) -> list[Network]:
    """Return the networks whose helpdesk a user runs, in a staff session, by name."""
    return [network for network in Network.objects.all() if has_claim(user, Claim.RUN_HELPDESK, network_scope(network))]


def helpdesk_requests(user: User) -> Q:
    """Return the condition for the requests of a user's helpdesk; a role for the whole site covers all of them.

    The user's own requests and withdrawn ones are not among them.
    """
    condition = Q(network__in=[network.pk for network in handled_networks(user)])
    if has_claim(user, Claim.RUN_HELPDESK, UNLIMITED_SCOPE):
        condition |= Q(network=None)
    return condition & ~Q(by=user) & ~Q(status=RequestStatus.WITHDRAWN)


def can_handle(user: User, request: HelpRequest) -> bool:
    """Return whether a user handles a request at the helpdesk, which is never one's own."""
    return request.by_id != user.pk and has_claim(user, Claim.RUN_HELPDESK, network_scope(request.network))


def can_reply(user: User, request: HelpRequest) -> bool:
    """Return whether a user may reply to a request as a member."""
    return can_contribute(user) and HelpRequest.objects.filter(visible_requests(user), pk=request.pk).exists()


def can_change_offer(user: User, offer: Offer) -> bool:
    """Return whether a user may change an offer: anyone who writes for its organisation or its state's desk."""
    return can_write_for(user, offer.state_id, offer.organisation_id)
