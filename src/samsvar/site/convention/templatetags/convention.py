"""Template tags about days and treaty events: `{% load convention %}`."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse

from samsvar.convention.loading import Coverage, coverage
from samsvar.site.convention.query_params import requested_day

register = template.Library()


@register.inclusion_tag("convention/_coverage.html")
def treaty_coverage() -> dict[str, Coverage]:
    """Say until which day the treaty events are known, with a link to the depositary's own chart."""
    return {"coverage": coverage()}


@register.simple_tag(takes_context=True)
def url_on_day(context: template.Context, url_name: str, *args: Any, **query: Any) -> str:
    """Return the URL of a page as on the day of this one: `{% url_on_day 'pages:country' code %}`.

    `query` are further parameters of its query string.
    """
    on = requested_day(context["request"]).on_param
    encoded = urlencode({**query, **({"on": on} if on else {})})
    return reverse(url_name, args=args) + (f"?{encoded}" if encoded else "")
