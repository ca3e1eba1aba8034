"""Template tag that says until which day the treaty events are known: `{% load convention %}`."""

from __future__ import annotations

from django import template

from samsvar.convention.loading import Coverage, coverage

register = template.Library()


@register.inclusion_tag("convention/_coverage.html")
def treaty_coverage() -> dict[str, Coverage]:
    """Say until which day the treaty events are known, with a link to the depositary's own chart."""
    return {"coverage": coverage()}
