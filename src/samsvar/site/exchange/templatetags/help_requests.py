"""Template filters for requests for help: `{% load help_requests %}`."""

from __future__ import annotations

from collections.abc import Iterable

from django import template

from samsvar.exchange.requests import HelpForm
from samsvar.network.rights import Claim
from samsvar.site.exchange.requests.permissions import can_contribute
from samsvar.site.exchange.requests.queries import help_forms
from samsvar.site.network.access.permissions import User, has_claim

register = template.Library()


@register.filter
def can_ask(user: User) -> bool:
    """Return whether a visitor can ask the network and reply; False without a user."""
    return bool(user) and can_contribute(user)


@register.filter
def sees_requests(user: User) -> bool:
    """Return whether a visitor can open the list of requests; False without a user."""
    return bool(user) and has_claim(user, Claim.SEE_DIRECTORY)


@register.filter
def in_order(values: Iterable[str]) -> list[HelpForm]:
    """Return forms of help in the order of the ladder: `{% for form in offer.help|in_order %}`."""
    return help_forms(values)
