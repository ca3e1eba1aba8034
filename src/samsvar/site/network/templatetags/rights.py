"""Words for roles and claims: `{% load rights %}`."""

from __future__ import annotations

from django import template

from samsvar.site.network.access.labels import CLAIMS, ROLES
from samsvar.site.shell.labels import Label

register = template.Library()


@register.filter
def role_word(role: str) -> Label:
    """A role in the reader's language."""
    return ROLES.get(role, role)  # type: ignore[call-overload]  # StrEnum members equal their values


@register.filter
def claim_word(claim: str) -> Label:
    """A claim in the reader's language."""
    return CLAIMS.get(claim, claim)  # type: ignore[call-overload]
