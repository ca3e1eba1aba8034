"""`{% panels "finding" key %}`: panels that higher-level apps add to the page of an object."""

from __future__ import annotations

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html_join

from samsvar.site.shell import hooks

register = template.Library()


@register.simple_tag
def panels(kind: str, key: str) -> str:
    """Render the panels that other apps add to an object's page; return an empty string if there are none."""
    visible_panels = filter(None, (provider(key) for provider in hooks.providers(f"page_panel:{kind}")))
    return format_html_join("", "{}", ((render_to_string(name, context),) for name, context in visible_panels))
