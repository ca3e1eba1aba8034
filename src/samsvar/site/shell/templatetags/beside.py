"""`{% beside "finding" key %}`: what higher rooms show on the page of a thing."""

from __future__ import annotations

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from samsvar.site.shell.beside import said_beside

register = template.Library()


@register.simple_tag
def beside(kind: str, key: str) -> SafeString:
    """Each part drawn by its own template; nothing where nobody has anything to say."""
    parts = (render_to_string(name, context) for name, context in said_beside(kind, key))
    return mark_safe("".join(parts))  # noqa: S308 - templates of ours, each with its own escaping
