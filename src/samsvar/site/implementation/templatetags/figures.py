"""Filters for figures: a text in the reader's language, and the cell of a table in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.translation import get_language, gettext

from samsvar.implementation.indicators import Cell
from samsvar.site.shell.labels import LABELS
from samsvar.text import choose_language, choose_text

register = template.Library()


@register.filter
def in_language(texts: Any) -> str:
    """Return a text of a library's or a model's texts in the reader's language, marked if it is in another one."""
    by_language: Mapping[str, str] = dict(texts)
    reader = get_language() or "en"
    text, language = choose_text(by_language, reader), choose_language(by_language, reader)
    return text if language in ("", reader) else format_html('<span lang="{}">{}</span>', language, text)


@register.filter
def cell_text(cell: Cell | str) -> str:
    """Return the cell of a table in words: "women and girls, 18–24"."""
    chosen = Cell.from_key(cell) if isinstance(cell, str) else cell
    categories = [str(LABELS["Category"][category]) for category in chosen.categories.values()]
    return ", ".join(categories) or gettext("all together")
