"""`{% panels "country" key %}`: panels that higher-level apps add to the page of an object."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html_join

from samsvar.site.shell import hooks

register = template.Library()


@register.simple_tag(takes_context=True)
def panels(context: template.Context, kind: str, key: Any) -> str:
    """Render the panels that other apps add to an object's page; return an empty string if there are none.

    `key` is what the providers of this kind expect: an id, or the object that the page has read from the database.

    A panel shows what everyone can see. Its template also has the `user`, for links to what that user can do, and the
    token that a button needs.
    """
    visible_panels = filter(None, (provider(key) for provider in hooks.providers(f"page_panel:{kind}")))
    shared = {name: context.get(name, "") for name in ("user", "csrf_token", "LANGUAGE_CODE")}
    return format_html_join(
        "", "{}", ((render_to_string(name, {**shared, **values}),) for name, values in visible_panels)
    )
