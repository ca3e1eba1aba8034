"""`{% beside "finding" key %}`: what higher rooms show on the page of a thing."""

from __future__ import annotations

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html_join

from samsvar.site.shell.page_panels import said_beside

register = template.Library()


@register.simple_tag
def beside(kind: str, key: str) -> str:
    """Each part drawn by its own template; nothing where nobody has anything to say."""
    return format_html_join("", "{}", ((render_to_string(name, context),) for name, context in said_beside(kind, key)))
