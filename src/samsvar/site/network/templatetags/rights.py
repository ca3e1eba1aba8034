"""Words for roles and claims: `{% load rights %}`."""

from __future__ import annotations

from django import template

from samsvar.site.network.titles import CLAIMS, ROLES, Word

register = template.Library()


@register.filter
def role_word(role: str) -> Word:
    """A role in the reader's language."""
    return ROLES.get(role, role)  # type: ignore[call-overload]  # StrEnum members equal their values


@register.filter
def claim_word(claim: str) -> Word:
    """A claim in the reader's language."""
    return CLAIMS.get(claim, claim)  # type: ignore[call-overload]
