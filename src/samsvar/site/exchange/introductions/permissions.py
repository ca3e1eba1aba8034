"""Permissions for introductions: who arranges them, and which side of one a user is on."""

from __future__ import annotations

from django.db.models import Q

from samsvar.exchange.introductions import IntroductionActor
from samsvar.network.rights import UNLIMITED_SCOPE, Claim
from samsvar.site.exchange.introductions.models import Introduction
from samsvar.site.exchange.requests.models import HelpRequest
from samsvar.site.network.access.permissions import Network, User, get_access, has_claim, network_scope


def can_arrange_for(user: User, request: HelpRequest) -> bool:
    """Return whether a user can introduce someone to the asker of a request: its secretariat, never the asker."""
    return request.by_id != user.pk and has_claim(user, Claim.RUN_HELPDESK, network_scope(request.network))


def can_arrange(user: User, introduction: Introduction) -> bool:
    """Return whether a user arranges an introduction: the secretariat, never one of the two sides."""
    if user.pk in {introduction.asker_id, introduction.helper_id}:
        return False
    return has_claim(user, Claim.RUN_HELPDESK, network_scope(introduction.network))


def arranged_by(user: User) -> Q:
    """Return the condition for the introductions that a user arranges."""
    claim = Claim.RUN_HELPDESK
    if not has_claim(user, claim):
        return Q(pk__in=())
    networks = [one.pk for one in Network.objects.all() if has_claim(user, claim, network_scope(one))]
    condition = Q(network__in=networks)
    if has_claim(user, claim, UNLIMITED_SCOPE):
        condition |= Q(network=None)
    return condition & (Q(asker=None) | ~Q(asker=user)) & (Q(helper=None) | ~Q(helper=user))


def can_ask_for_introduction(user: User, request: HelpRequest) -> bool:
    """Return whether a user can ask the secretariat for an introduction: the asker, for their own request."""
    return request.by_id == user.pk and has_claim(user, Claim.CONTRIBUTE)


def side_of(user: User, introduction: Introduction) -> IntroductionActor | None:
    """Return the side of an introduction that a user is on; None if they are on neither, or do not know of it yet."""
    if not get_access(user).signed_in:
        return None
    if introduction.asker_id == user.pk:
        return IntroductionActor.ASKER
    if introduction.helper_id == user.pk and was_invited(introduction):
        return IntroductionActor.HELPER
    return None


def own_introductions(user: User) -> Q:
    """Return the condition for the introductions that a user is a side of and knows of."""
    return Q(asker=user) | (Q(helper=user) & Q(invited_at__isnull=False))


def was_invited(introduction: Introduction) -> bool:
    return introduction.invited_at is not None
