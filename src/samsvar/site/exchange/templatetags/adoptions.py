"""What a panel shows only to some readers: `{% can_take_up user practice as offered %}`."""

from __future__ import annotations

from collections.abc import Iterable

from django import template

from samsvar.site.exchange.adoptions.permissions import can_change, possible_adopters
from samsvar.site.exchange.adoptions.queries import AdoptionRow
from samsvar.site.exchange.practices.models import Practice
from samsvar.site.network.access.permissions import User

register = template.Library()


@register.simple_tag
def can_take_up(user: User, practice: Practice) -> bool:
    """Return whether a user can take up a practice on behalf of a desk or an organisation."""
    return bool(user) and user.is_authenticated and bool(possible_adopters(user, practice))


@register.simple_tag
def readable_adoptions(user: User, rows: Iterable[AdoptionRow]) -> list[AdoptionRow]:
    """Return the adoptions that a user can see: public ones, and those of their own side."""
    signed_in = bool(user) and user.is_authenticated
    return [row for row in rows if row.adoption.is_public or (signed_in and can_change(user, row.adoption))]
